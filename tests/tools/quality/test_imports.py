"""Which room knows which."""

from tools.quality import imports


def test_each_room_knows_only_what_it_may() -> None:
    """By the rules of pyproject.toml, all of which are looked at."""
    figure = imports.figure()
    assert figure.offenders == ()
    kept, _, of = figure.measured.partition(" of ")
    assert kept == of
    assert int(of) >= 8

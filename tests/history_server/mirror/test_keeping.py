from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.mirror.event_logs import EventLog, Kind
from cdk_sagemaker_processing.history_server.mirror.keeping import choose
from cdk_sagemaker_processing.history_server.mirror.listing import Object
from cdk_sagemaker_processing.history_server.mirror.settings import Source


def _log(name: str, size: int, modified: float) -> EventLog:
    each = Object(Source("b", ""), name, size, '"e"', modified)
    return EventLog(name, Kind.PLAIN, {name: each})


def _names(logs: tuple[EventLog, ...]) -> list[str]:
    return [log.name for log in logs]


def test_the_newest_are_kept() -> None:
    """An older one that would fit stays out behind one that does not."""
    choice = choose([_log("old", 1, 1), _log("new", 6, 3), _log("middle", 5, 2)], room=10)
    assert (_names(choice.kept), _names(choice.left_out)) == (["new"], ["middle", "old"])


def test_one_that_is_too_large_keeps_no_other_out() -> None:
    """Whatever its age."""
    choice = choose([_log("huge", 11, 3), _log("new", 10, 2)], room=10)
    assert (_names(choice.kept), _names(choice.too_large)) == (["new"], ["huge"])


@given(
    logs=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5))),
    room=st.integers(0, 40),
)
def test_what_is_kept_fits_and_is_newer_than_what_is_left_out(
    logs: list[tuple[int, int]], room: int
) -> None:
    """And no log is lost."""
    all_of_them = [_log(str(n), size, time) for n, (size, time) in enumerate(logs)]
    choice = choose(all_of_them, room)
    assert sum(log.size for log in choice.kept) <= room
    assert all(new.modified >= old.modified for new in choice.kept for old in choice.left_out)
    assert sorted(_names(choice.kept + choice.left_out + choice.too_large)) == sorted(
        _names(tuple(all_of_them))
    )

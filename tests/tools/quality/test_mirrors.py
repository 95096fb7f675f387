"""The tests that mirror modules."""

from pathlib import Path

from tools.quality import mirrors
from tools.quality.mirrors import Through


def written(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_a_module_has_tests_of_its_name_or_is_listed(tmp_path: Path) -> None:
    """`test_b_*.py` are of its name, too; a room's door needs none."""
    package = written(tmp_path / "p", "a/__init__.py", "a/b.py", "a/c.py", "a/d.py", "e.py")
    tests = written(tmp_path / "t", "a/test_b.py", "a/test_c_of_old.py")
    entries = [Through(("a/d.py",), ("a/test_b.py",), "a part of b")]
    assert list(mirrors.offenders(package, tests, entries)) == [
        "e.py: no tests/test_e.py, and not in mirrors.toml"
    ]


def test_what_is_listed_is_true(tmp_path: Path) -> None:
    """Modules and tests that have gone, modules with tests by now, and no reason are told."""
    package = written(tmp_path / "p", "a.py", "b.py")
    tests = written(tmp_path / "t", "test_a.py", "room/test_x.py")
    entries = [
        Through(("a.py",), ("room",), "a part of x"),
        Through(("b.py", "c.py"), ("test_gone.py", "empty"), ""),
    ]
    (tests / "empty").mkdir()
    assert list(mirrors.offenders(package, tests, entries)) == [
        "mirrors.toml: a.py has tests of its name",
        "mirrors.toml: there is no module c.py",
        "mirrors.toml: there are no tests in tests/test_gone.py",
        "mirrors.toml: there are no tests in tests/empty",
        "mirrors.toml: no reason for b.py, c.py",
    ]


def test_each_module_of_the_package_has_its_tests() -> None:
    """By its name, or by the list."""
    assert mirrors.figure().offenders == ()

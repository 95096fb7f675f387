"""Whether each module of the package has the tests that mirror it.

`a/b.py` is tested by tests/a/test_b.py or tests/a/test_b_*.py. What is part of a thing that is
tested as one is listed in mirrors.toml beside this file, with the tests and the reason.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.quality.figure import Figure
from tools.quality.project import PACKAGE, TESTS

__all__ = ["Through", "figure", "listed", "offenders"]

_LIST = Path(__file__).with_name("mirrors.toml")
# They hold no behaviour of their own: a room's door, and the start of a process.
_WITHOUT = {"__init__.py", "__main__.py"}


@dataclass(frozen=True, slots=True)
class Through:
    """Modules that are tested through what they are parts of.

    Attributes:
        modules: Their paths in the package.
        tests: The test files, or folders of such, by their paths below tests/.
        why: Why they have no tests of their own.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    why: str


def figure() -> Figure:
    """How many modules are mirrored, and which are neither mirrored nor listed."""
    entries = listed(_LIST)
    mirrored = [module for module in _modules(PACKAGE) if _is_mirrored(module, TESTS)]
    through = sum(len(entry.modules) for entry in entries)
    return Figure(
        "Modules with tests of their name",
        f"{len(mirrored)}; {through} more tested as parts of something",
        "all, or listed with the tests and a reason",
        tuple(offenders(PACKAGE, TESTS, entries)),
    )


def listed(file: Path) -> list[Through]:
    """What the list says.

    Args:
        file: The list.
    """
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["through"]
    return [Through(tuple(one["modules"]), tuple(one["tests"]), one["why"]) for one in entries]


def offenders(package: Path, tests: Path, entries: list[Through]) -> Iterator[str]:
    """What is off: modules without tests, and entries that are not true any more.

    Args:
        package: The package's folder.
        tests: The tests' folder.
        entries: What is listed.
    """
    modules = list(_modules(package))
    named = {Path(module) for entry in entries for module in entry.modules}
    for module in modules:
        if not _is_mirrored(module, tests) and module not in named:
            yield f"{module}: no tests/{_test_of(module)}, and not in mirrors.toml"
    for entry in entries:
        yield from _untrue(entry, modules, tests)


def _untrue(entry: Through, modules: list[Path], tests: Path) -> Iterator[str]:
    """What an entry says that is not so any more."""
    for name in entry.modules:
        if Path(name) not in modules:
            yield f"mirrors.toml: there is no module {name}"
        elif _is_mirrored(Path(name), tests):
            yield f"mirrors.toml: {name} has tests of its name"
    for name in entry.tests:
        if not _holds_tests(tests / name):
            yield f"mirrors.toml: there are no tests in tests/{name}"
    if not entry.why:
        yield f"mirrors.toml: no reason for {', '.join(entry.modules)}"


def _modules(package: Path) -> Iterator[Path]:
    for file in sorted(package.rglob("*.py")):
        if file.name not in _WITHOUT:
            yield file.relative_to(package)


def _test_of(module: Path) -> Path:
    return module.with_name(f"test_{module.name}")


def _is_mirrored(module: Path, tests: Path) -> bool:
    test = tests / _test_of(module)
    return test.exists() or any(test.parent.glob(f"{test.stem}_*.py"))


def _holds_tests(path: Path) -> bool:
    return path.is_file() or any(path.rglob("test_*.py"))

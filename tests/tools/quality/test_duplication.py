"""Blocks that stand twice."""

from pathlib import Path

from tools.quality import duplication

BLOCK = """\
def {name}(given):
    \"\"\"Count.\"\"\"
    known = dict(given)
    total = sum(known.values())
    largest = max(known, key=known.get)
    smallest = min(known, key=known.get)
    spread = known[largest] - known[smallest]
    share = spread / total if total else 0.0
    return largest, smallest, round(share, 3)
"""

HANDED_ON = """\
from collections.abc import Iterable
from pathlib import Path

class {name}:
    def __init__(
        self,
        code: Path,
        command: Iterable[str] = ("python3",),
        dependencies: Iterable[Path] = (),
        requirements: Path | None = None,
        source_dir: Path | None = None,
    ) -> None:
        self.container = container(
            code=code,
            command=command,
            dependencies=dependencies,
            requirements=requirements,
            source_dir=source_dir,
        )
"""


def test_a_block_that_stands_twice_is_found(tmp_path: Path) -> None:
    """With both places."""
    (tmp_path / "a.py").write_text(BLOCK.format(name="first"))
    (tmp_path / "b.py").write_text("import os\n\n\n" + BLOCK.format(name="second"))
    (found,) = duplication.figure(tmp_path).offenders
    first, second = sorted(found.split(" and "))
    assert first.startswith(f"{tmp_path}/a.py:")
    assert second.startswith(f"{tmp_path}/b.py:")


def test_two_functions_that_differ_by_names_alone_are_found(tmp_path: Path) -> None:
    """Whatever each calls its values."""
    other = BLOCK.replace("known", "seen").replace("total", "all_of_it").replace("share", "part")
    (tmp_path / "a.py").write_text(BLOCK.format(name="first"))
    (tmp_path / "b.py").write_text(other.format(name="second"))
    assert len(duplication.figure(tmp_path).offenders) == 1


def test_arguments_that_are_handed_on_are_no_block(tmp_path: Path) -> None:
    """Nor are imports and signatures: flat arguments are the same for all that take the same."""
    (tmp_path / "a.py").write_text(HANDED_ON.format(name="First"))
    (tmp_path / "b.py").write_text(HANDED_ON.format(name="Second"))
    assert duplication.figure(tmp_path).offenders == ()


def test_no_block_of_the_package_stands_twice() -> None:
    """What two need is said once."""
    assert duplication.figure().offenders == ()

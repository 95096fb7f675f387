"""The project's own files."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PACKAGE", "ROOT", "TESTS", "command", "python_files", "relative"]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "constructs" / "cdk_sagemaker_processing"
TESTS = ROOT / "tests"
_BIN = ROOT / ".venv" / "bin"


def python_files(below: Path = ROOT) -> Iterator[Path]:
    """The Python files that are part of the project, in their order.

    Args:
        below: The folder they lie in.

    Yields:
        Each file that Git knows, or would add.
    """
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py"],  # noqa: S607 - the system's own
        cwd=below,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted({name for name in listing.stdout.split("\0") if name})
    yield from (file for name in names if (file := below / name).is_file())


def relative(file: Path) -> str:
    """A file's path as the project's tables name it."""
    return file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else str(file)


def command(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of the project's environment at its root.

    Args:
        tool: The program's name.
        arguments: Its arguments.

    Returns:
        What it wrote and its exit status, whatever that is.
    """
    return subprocess.run(
        [_BIN / tool, *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )

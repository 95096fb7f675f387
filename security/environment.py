"""Running the tools: those of `.venv-security`, whose packages do not go with the project's own."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

__all__ = ["ROOT", "ToolError", "run", "site_packages", "tool"]

ROOT = Path(__file__).parent.parent
_ENVIRONMENT = ROOT / ".venv-security"
_TAIL_LINES = 12


class ToolError(RuntimeError):
    """A tool that did not evaluate what it was given."""

    @classmethod
    def of(cls, done: subprocess.CompletedProcess[str]) -> Self:
        """The error of a tool that ended as it should not.

        Args:
            done: The tool's end.
        """
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL_LINES:])
        return cls(f"{Path(done.args[0]).name} ended with exit code {done.returncode}\n{tail}")


def tool(name: str) -> str:
    """Return the path of a command of the tools' environment.

    Args:
        name: The command's name.

    Raises:
        ToolError: If the environment has not been made.
    """
    path = _ENVIRONMENT / "bin" / name
    if not path.exists():
        raise ToolError(
            f"{name} is not installed in {_ENVIRONMENT.name}: `make security` installs it"
        )
    return str(path)


def site_packages() -> Path:
    """Return the folder of the packages of the tools' environment."""
    return next((_ENVIRONMENT / "lib").glob("python3.*/site-packages"))


def run(
    command: Sequence[str],
    *,
    fine: Sequence[int] = (0, 1),
    timeout_seconds: float = 300,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end and return what it said.

    Args:
        command: The command and its arguments.
        fine: The exit codes with which it evaluated all, whatever it found.
        timeout_seconds: When it is given up.
        environment: Variables beside those of this process.

    Raises:
        ToolError: If it ends otherwise, or takes longer.
    """
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{Path(command[0]).name} took longer than {timeout_seconds} s") from error
    if done.returncode not in fine:
        raise ToolError.of(done)
    return done

"""Environments of Python of their own, which see nothing of this project's."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

__all__ = ["Environment", "NoSuchPythonError"]

# What would lead a program of the environment into another one.
_LEADS_ELSEWHERE = ("JSII_NODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


class NoSuchPythonError(LookupError):
    """This machine has no such Python, and none can be fetched."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of Python.

    Attributes:
        folder: Where it is.
    """

    folder: Path

    @classmethod
    def make(cls, folder: Path, python: str = sys.executable) -> Self:
        """Make an environment, with no package in it.

        Args:
            folder: Where it is made.
            python: The interpreter: a path, or a version to look for.

        Raises:
            NoSuchPythonError: If there is no such interpreter.
        """
        done = subprocess.run(
            _uv("venv", "--quiet", "--python", python, str(folder)),
            env={**os.environ, "PATH": _with_pyenv()},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NoSuchPythonError(f"there is no Python {python} here:\n{done.stderr}")
        return cls(folder)

    @property
    def commands(self) -> Path:
        """The folder of its commands."""
        return self.folder / "bin"

    def install(self, *requirements: str, overrides: Path | None = None) -> None:
        """Install packages, with their bytecode, as pip does.

        Args:
            requirements: What to install, and the installer's options.
            overrides: A file of requirements that stand against all others'.

        Raises:
            subprocess.CalledProcessError: If they cannot be installed.
        """
        held = ["--override", str(overrides)] if overrides else []
        python = str(self.commands / "python")
        subprocess.run(
            _uv("pip", "install", "--quiet", "--compile-bytecode", "--python", python, *held)
            + list(requirements),
            check=True,
        )

    def resolve(self, project: Path, pins: Path, *options: str) -> None:
        """Write down the versions that the environment would get of a project's dependencies.

        Args:
            project: Its pyproject.toml.
            pins: The file to write.
            options: The resolver's.

        Raises:
            subprocess.CalledProcessError: If there are no such versions.
        """
        python = str(self.commands / "python")
        target = ("--python", python, "--output-file", str(pins))
        subprocess.run(
            _uv("pip", "compile", "--quiet", "--no-header", *target, *options, str(project)),
            check=True,
        )

    def versions(self) -> dict[str, str]:
        """The version of each package in it."""
        listing = subprocess.run(
            _uv("pip", "freeze", "--python", str(self.commands / "python")),
            check=True,
            capture_output=True,
            text=True,
        )
        pinned = (line.partition("==") for line in listing.stdout.splitlines() if "==" in line)
        return {name: version for name, _, version in pinned}

    def variables(self, **more: str) -> dict[str, str]:
        """This process's variables for a program of the environment.

        Args:
            more: Variables of its own.
        """
        kept = {name: value for name, value in os.environ.items() if name not in _LEADS_ELSEWHERE}
        return {**kept, "PATH": f"{self.commands}{os.pathsep}{os.defpath}", **more}

    def run(
        self, command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, and return how it ended and what it said.

        Args:
            command: Its name and arguments.
            folder: Where it runs.
            variables: What it sees; `variables` by default.
        """
        return subprocess.run(
            [str(self.commands / command[0]), *command[1:]],
            cwd=folder,
            env=self.variables() if variables is None else variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def _uv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "uv", *arguments]


def _with_pyenv() -> str:
    """The search path, with each Python that pyenv has: its own commands show one alone."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(str(folder) for folder in root.glob("versions/*/bin"))
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *found])

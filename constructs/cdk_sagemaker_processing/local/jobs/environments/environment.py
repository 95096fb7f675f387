"""What stands in for an image."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of an image's own system."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python environment that stands in for an image.

    Attributes:
        python: Its interpreter.
        variables: The environment variables that the image sets, PATH among them.
        differences: How it differs from AWS's image, in plain sentences.
        roots: The folders that a job needs to see.
        commands: Commands of the image that are not the environment's own: name and what to run.
        entrypoint: What runs when a request names no entrypoint.
    """

    python: Path
    variables: Mapping[str, str]
    differences: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()


def python_version() -> str:
    """The Python that all environments have, this process's own: major and minor number."""
    return ".".join(platform.python_version_tuple()[:2])


def site_packages(folder: Path) -> Path:
    """The folder of an environment's packages."""
    return folder / "lib" / f"python{python_version()}" / "site-packages"

"""What keeps a version from being released."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

__all__ = ["IDS", "Project", "Version", "breaks", "problems"]

IDS = "tests/snapshots/logical_ids.json"
_PLAIN = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<text>(?:(?!^## ).*\n?)*)", re.MULTILINE)

Ids = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """A version as SemVer has it, of a release.

    Attributes:
        major: Raised by what breaks users' code or stacks.
        minor: Raised by what is new; before 1.0.0 also by what breaks.
        patch: Raised by what is mended.
    """

    major: int
    minor: int
    patch: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a version.

        Args:
            text: Such as ``0.2.0``.

        Raises:
            ValueError: If it is none.
        """
        if not (found := _PLAIN.fullmatch(text)):
            raise ValueError(f"{text!r} is no version such as 1.2.3")
        return cls(*map(int, found.groups()))

    def may_break(self, before: Self) -> bool:
        """Whether it may break what an earlier version's users have.

        Args:
            before: The earlier version.
        """
        unstable = self.major == before.major == 0
        return self.major > before.major or (unstable and self.minor > before.minor)

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class Project:
    """What a release is judged by.

    Attributes:
        uncommitted: Files whose changes are not committed.
        written: The version in pyproject.toml.
        changelog: The text of CHANGELOG.md.
        ids: The logical ids of the snapshot.
        released: The last release, if there was one, and the logical ids of its snapshot.
    """

    uncommitted: Sequence[str]
    written: str
    changelog: str
    ids: Ids
    released: tuple[Version, Ids] | None

    @classmethod
    def read(cls, root: Path) -> Self:
        """Read a project.

        Args:
            root: Its folder.
        """
        status = _git(root, "status", "--porcelain").splitlines()
        pyproject: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())
        tags = _git(root, "tag", "--list", "v*").split()
        versions = sorted(Version.read(tag[1:]) for tag in tags if _PLAIN.fullmatch(tag[1:]))
        return cls(
            uncommitted=[line[3:] for line in status],
            written=pyproject["project"]["version"],
            changelog=(root / "CHANGELOG.md").read_text(),
            ids=json.loads((root / IDS).read_text()),
            released=(versions[-1], _ids_of(root, versions[-1])) if versions else None,
        )


def problems(version: Version, project: Project) -> list[str]:
    """What keeps a version from being released.

    Args:
        version: The version.
        project: The project as it is.
    """
    return [
        *(f"{name} has changes that are not committed" for name in project.uncommitted),
        *_unwritten(version, project.written),
        *_unsaid(version, project.changelog),
        *_not_above(version, project),
    ]


def breaks(before: Ids, now: Ids) -> list[str]:
    """The resources that deployed stacks would lose, or have replaced.

    Args:
        before: The logical ids of an earlier version's stacks.
        now: Those of now.
    """
    return [
        f"{stack}: {logical_id} ({kind}) is gone"
        for stack, resources in before.items()
        for logical_id, kind in resources.items()
        if stack in now and now[stack].get(logical_id) != kind
    ]


def _unwritten(version: Version, written: str) -> Iterator[str]:
    if written != str(version):
        yield f"pyproject.toml has version {written}, not {version}"


def _unsaid(version: Version, changelog: str) -> Iterator[str]:
    sections = {one["title"].strip(): one["text"].strip() for one in _SECTION.finditer(changelog)}
    if sections.get("Unreleased"):
        yield f"CHANGELOG.md says something of Unreleased: it belongs under {version}"
    dated = re.compile(rf"\[?{re.escape(str(version))}\]? - \d{{4}}-\d{{2}}-\d{{2}}")
    if not any(dated.fullmatch(title) and text for title, text in sections.items()):
        yield f'CHANGELOG.md says nothing under a heading such as "## {version} - 2026-01-31"'


def _not_above(version: Version, project: Project) -> Iterator[str]:
    if project.released is None:
        return
    last, ids = project.released
    if version <= last:
        yield f"{version} is not above {last}, which is released"
    elif not version.may_break(last):
        for one in breaks(ids, project.ids):
            yield f"{version} may not break what {last} has: {one}"


def _ids_of(root: Path, version: Version) -> Ids:
    ids: Ids = json.loads(_git(root, "show", f"v{version}:{IDS}"))
    return ids


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],  # noqa: S607 - the system's own
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

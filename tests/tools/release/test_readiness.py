"""What keeps a version from being released."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.docs.blocks import ROOT
from tools.logical_ids import SNAPSHOT
from tools.release.readiness import IDS, Project, Version, breaks, problems

CHANGELOG = """# Changelog

## Unreleased

## 0.2.0 - 2026-01-31

### Added

- Something.

## 0.1.0 - 2025-12-31

- All of it.
"""
BEFORE = {"Flights": {"Role1": "AWS::IAM::Role", "Bucket2": "AWS::S3::Bucket"}}
READY = Project(
    uncommitted=[],
    written="0.2.0",
    changelog=CHANGELOG,
    ids=BEFORE,
    released=(Version(0, 1, 0), BEFORE),
)
VERSION = Version(0, 2, 0)
NUMBERS = st.integers(min_value=0, max_value=999)
VERSIONS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS)


def test_a_version_that_is_written_said_and_committed_may_go() -> None:
    """Nothing is asked that is not needed."""
    assert problems(VERSION, READY) == []


def test_the_first_release_has_none_to_be_above() -> None:
    """Nor logical ids to keep."""
    assert problems(VERSION, replace(READY, released=None)) == []


def test_everything_is_told_at_once() -> None:
    """Each in words that say what to mend."""
    project = Project(
        uncommitted=["README.md"],
        written="0.1.0",
        changelog="# Changelog\n\n## Unreleased\n\n- Something.\n",
        ids=BEFORE,
        released=(Version(0, 3, 0), BEFORE),
    )

    assert problems(VERSION, project) == [
        "README.md has changes that are not committed",
        "pyproject.toml has version 0.1.0, not 0.2.0",
        "CHANGELOG.md says something of Unreleased: it belongs under 0.2.0",
        'CHANGELOG.md says nothing under a heading such as "## 0.2.0 - 2026-01-31"',
        "0.2.0 is not above 0.3.0, which is released",
    ]


@pytest.mark.parametrize("heading", ["0.2.0", "0.2.0 - soon", "10.2.0 - 2026-01-31"])
def test_a_version_has_its_date_in_the_changelog(heading: str) -> None:
    """A heading without one, or of another version, is none."""
    changelog = CHANGELOG.replace("0.2.0 - 2026-01-31", heading)

    assert problems(VERSION, replace(READY, changelog=changelog)) == [
        'CHANGELOG.md says nothing under a heading such as "## 0.2.0 - 2026-01-31"'
    ]


@pytest.mark.parametrize(
    ("version", "last", "refused"),
    [
        (Version(0, 1, 1), Version(0, 1, 0), True),
        (Version(0, 2, 0), Version(0, 1, 0), False),
        (Version(1, 0, 0), Version(0, 9, 9), False),
        (Version(1, 1, 0), Version(1, 0, 0), True),
        (Version(2, 0, 0), Version(1, 9, 0), False),
    ],
    ids=str,
)
def test_a_lost_logical_id_needs_a_version_that_may_break(
    version: Version, last: Version, refused: bool
) -> None:
    """The major one, or before 1.0.0 the minor one."""
    changelog = CHANGELOG.replace("0.2.0", str(version))
    now = {"Flights": {"Role9": "AWS::IAM::Role", "Bucket2": "AWS::S3::Bucket"}}
    project = Project([], str(version), changelog, now, (last, BEFORE))

    told = f"{version} may not break what {last} has: Flights: Role1 (AWS::IAM::Role) is gone"
    assert problems(version, project) == ([told] if refused else [])


def test_what_breaks_is_what_is_lost_or_becomes_something_else() -> None:
    """What is new breaks nothing, nor does an example that is not deployed any more."""
    before = {**BEFORE, "Nightly": {"Role3": "AWS::IAM::Role"}}
    now = {
        "Flights": {"Role1": "AWS::IAM::Policy", "Queue4": "AWS::SQS::Queue"},
        "FanOut": {"Role5": "AWS::IAM::Role"},
    }

    assert breaks(before, now) == [
        "Flights: Role1 (AWS::IAM::Role) is gone",
        "Flights: Bucket2 (AWS::S3::Bucket) is gone",
    ]


@given(VERSIONS)
def test_a_version_is_read_as_it_is_written(version: Version) -> None:
    """Whatever its numbers."""
    assert Version.read(str(version)) == version


@given(VERSIONS, VERSIONS)
def test_versions_are_in_the_order_of_their_numbers(one: Version, other: Version) -> None:
    """1.10.0 is above 1.9.0; what may break is above."""
    numbers = [(v.major, v.minor, v.patch) for v in (one, other)]

    assert (one < other) == (numbers[0] < numbers[1])
    assert not one.may_break(other) or one > other


@pytest.mark.parametrize("text", ["1", "1.2", "v1.2.3", "01.2.3", "1.2.3rc1", "1.2.3 "])
def test_what_is_no_version_is_refused(text: str) -> None:
    """Releases have plain ones."""
    with pytest.raises(ValueError, match=r"is no version such as 1\.2\.3"):
        Version.read(text)


def test_a_project_is_read_from_its_folder(tmp_path: Path) -> None:
    """Of the tags that are versions the highest counts, with the snapshot of then."""
    git = Git(tmp_path)
    git("init", "--quiet")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.11.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    git.write(IDS, json.dumps(BEFORE))
    git.commit("v0.9.0", "v0.10.0", "vacation")
    git.write(IDS, json.dumps({}))
    git.commit()
    (tmp_path / "new.py").write_text("")

    assert Project.read(tmp_path) == Project(
        uncommitted=["new.py"],
        written="0.11.0",
        changelog=CHANGELOG,
        ids={},
        released=(Version(0, 10, 0), BEFORE),
    )


def test_the_snapshot_is_where_the_release_looks_for_it() -> None:
    """Both name the same file."""
    assert ROOT / IDS == SNAPSHOT


class Git:
    """Git in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> None:
        """Run a command of it, as nobody in particular."""
        who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.com")
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True)  # noqa: S607 - the system's own

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def commit(self, *tags: str) -> None:
        """Commit everything, and tag it."""
        self("add", "--all")
        self("commit", "--quiet", "--message", "a commit")
        for tag in tags:
            self("tag", tag)

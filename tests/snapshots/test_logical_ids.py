"""What deployed stacks know their resources by stays."""

from pathlib import Path

import pytest

from security.subjects import SUBJECTS
from security.synthesis import Subject
from tools.logical_ids import ids_of, read
from tools.release.readiness import breaks

WAY_OUT = (
    "CloudFormation deletes, or replaces, what has lost its logical id: a breaking change. If it "
    "is meant, say so in CHANGELOG.md, raise the major version (before 1.0.0 the minor one), and "
    "write the snapshot anew: python -m tools.logical_ids"
)
REFRESH = "nothing is lost; write the snapshot anew: python -m tools.logical_ids"


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_no_logical_id_is_lost(subject: Subject, tmp_path: Path) -> None:
    """Neither of an example's resources nor of what a public construct makes."""
    now, before = ids_of(subject, tmp_path), read()
    known = {name: before.get(name, {}) for name in now}

    assert breaks(known, now) == [], WAY_OUT
    assert now == known, REFRESH


def test_the_snapshot_holds_no_stack_that_is_gone() -> None:
    """What no subject makes any more would be compared with nothing."""
    names = {subject.name for subject in SUBJECTS}

    assert [name for name in read() if not any(name.startswith(one) for one in names)] == []

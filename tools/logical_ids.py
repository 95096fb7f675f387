"""Write tests/snapshots/logical_ids.json anew: what deployed stacks know their resources by.

Run it when resources are new, or when a break is meant and CHANGELOG.md says so:
``python -m tools.logical_ids``.
"""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from security.subjects import SUBJECTS
from security.synthesis import Subject, synthesize

__all__ = ["SNAPSHOT", "ids_of", "read"]

SNAPSHOT = Path(__file__).parent.parent / "tests/snapshots/logical_ids.json"

Ids = dict[str, dict[str, str]]


def ids_of(subject: Subject, folder: Path) -> Ids:
    """The logical ids in an app's stacks, with the type of each; of outputs as well.

    Args:
        subject: The app.
        folder: An empty folder for its assembly.
    """
    return {
        stack.name: dict(
            sorted(
                {
                    **{logical_id: one["Type"] for logical_id, one in stack.resources.items()},
                    # The command line finds what is deployed by them.
                    **dict.fromkeys(stack.template.get("Outputs", {}), "Output"),
                }.items()
            )
        )
        for stack in synthesize(subject, folder)
    }


def read() -> Ids:
    """The committed snapshot."""
    ids: Ids = json.loads(SNAPSHOT.read_text())
    return ids


def write(subjects: Iterable[Subject]) -> None:
    """Write the snapshot anew.

    Args:
        subjects: The apps that it is of.
    """
    ids: Ids = {}
    for subject in subjects:
        with tempfile.TemporaryDirectory() as folder:
            ids |= ids_of(subject, Path(folder))
    SNAPSHOT.write_text(json.dumps(ids, indent=1) + "\n")


if __name__ == "__main__":
    write(SUBJECTS)
    print(f"wrote {SNAPSHOT}")

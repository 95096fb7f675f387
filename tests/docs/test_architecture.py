"""``docs/architecture`` tells of rooms and names that are there."""

import re

import pytest

import cdk_sagemaker_processing as processing
from tests.docs.blocks import ROOT

FOLDER = ROOT / "docs" / "architecture"
PAGE = (FOLDER / "index.md").read_text()
PACKAGE = ROOT / "constructs" / "cdk_sagemaker_processing"
RECORDS = sorted(path.name for path in (FOLDER / "decisions").glob("0*.md"))


def rooms(text: str) -> set[str]:
    """The folders and modules of the package that a text names: a slash or an ending tells them."""
    found = re.findall(r"(?<![\w./(-])((?:[a-z_]+/)+(?:[a-z_]+(?:\.py)?)?)(?![\w./])", text)
    return {one for one in found if not one.startswith(("docs/", "opt/", "index/"))}


def test_its_rooms_are_there() -> None:
    """Each folder and module that the page and its diagrams name."""
    named = rooms(PAGE)

    assert {"request/model.py", "steps/state", "access/job.py", "local/jobs"} <= named
    assert [one for one in sorted(named) if not (PACKAGE / one).exists()] == []


@pytest.mark.parametrize("branch", ["request", "problems", "task state", "permissions", "boto3"])
def test_its_diagram_has_each_thing_that_is_made_of_a_request(branch: str) -> None:
    """The one idea, drawn."""
    diagram = PAGE.split("```text")[1].split("```")[0]

    assert branch in diagram
    assert hasattr(processing.ProcessingStep, "render_request")


def test_every_decision_is_listed_and_tells_what_was_tried() -> None:
    """The list of records is whole, and each has the same four parts."""
    index = (FOLDER / "decisions" / "index.md").read_text()

    assert re.findall(r"\]\((0[\w-]+\.md)\)", index) == RECORDS
    for name in RECORDS:
        text = (FOLDER / "decisions" / name).read_text()
        parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
        assert parts == ["Asked", "Decided", "Tried", "Follows"], name
        assert text.startswith(f"# {int(name[:4])}. ")


def test_a_path_is_told_from_other_words() -> None:
    """So that the test above looks at what the page names, and at nothing else."""
    text = "`steps/role.py`, local/ and `images/`, not /opt/ml or https://docs.aws/x"

    assert rooms(text) == {"steps/role.py", "local/", "images/"}

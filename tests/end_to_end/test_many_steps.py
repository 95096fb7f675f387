"""The app of docs/tasks/many-steps.md, with fewer steps, deployed and run for real."""

from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.end_to_end.conftest import Cloud, output_of

pytestmark = pytest.mark.local_cloud

PAGE = "docs/tasks/many-steps.md"
TRANSFORM = """
import pathlib, sys
(table,) = pathlib.Path("/opt/ml/processing/input/before").glob("*.csv")
to = pathlib.Path("/opt/ml/processing/output/table/table.csv")
to.write_text(table.read_text() + " ".join(sys.argv[1:]) + "\\n")
"""


def test_each_part_goes_on_with_what_the_one_before_it_wrote(cloud: Cloud, tmp_path: Path) -> None:
    """Three nested machines of two steps: every output is found, across their borders too."""
    (app,) = (one.text for one in blocks_of(PAGE) if one.title == "app.py")
    (tmp_path / "app.py").write_text(app)
    (tmp_path / "transform.py").write_text(TRANSFORM)
    (tmp_path / "first.csv").write_text("first\n")

    machine = cloud.deploy(tmp_path, parts="3", steps="2")
    execution = cloud.run(machine, "nightly")

    assert execution.status == "SUCCEEDED", execution.cause
    jobs = cloud.local.client("sagemaker").list_processing_jobs(NameContains="transform005")
    (last,) = jobs["ProcessingJobSummaries"]
    described = cloud.local.client("sagemaker").describe_processing_job(
        ProcessingJobName=last["ProcessingJobName"]
    )
    assert cloud.read(f"{output_of(described, 'table')}table.csv") == (
        "first\n" + "".join(f"--number {number}\n" for number in range(6))
    )

"""A distribution that does not do what it must is found out."""

import zipfile
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tools.release.trial import QUICKSTART, Trial, TrialError

NAME = "cdk_sagemaker_processing-0.0.7"


@pytest.fixture
def hollow(tmp_path: Path) -> Path:
    """A wheel that installs, and holds nothing."""
    wheel = tmp_path / f"{NAME}-py3-none-any.whl"
    about = "Metadata-Version: 2.4\nName: cdk-sagemaker-processing\nVersion: 0.0.7\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{NAME}.dist-info/METADATA", f"{about}Provides-Extra: local\n")
        archive.writestr(f"{NAME}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{NAME}.dist-info/RECORD", "")
    return wheel


def test_a_wheel_without_the_command_does_not_run_the_quickstart(
    hollow: Path, tmp_path: Path
) -> None:
    """What the page's command said is told."""
    trial = Trial(tmp_path, print)

    with pytest.raises(TrialError, match=r"(?s)docs/start\.md ended.*sagemaker-processing: comm"):
        trial.quickstart(hollow)


def test_a_wheel_without_the_package_does_not_synthesize(hollow: Path, tmp_path: Path) -> None:
    """The environment has no other that would be taken for it."""
    trial = Trial(tmp_path, print)

    with pytest.raises(TrialError, match=r"(?s)does not synthesize:.*No module named"):
        trial.steps_alone(hollow)


def test_the_quickstart_has_an_app_and_runs_something() -> None:
    """A page that ran nothing would be passed by any wheel."""
    blocks = blocks_of(QUICKSTART)

    assert "app.py" in {block.title for block in blocks}
    assert [block for block in blocks if block.marks.get("run") == ""]

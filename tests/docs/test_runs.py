"""The pages whose commands are run, each in a folder with the page's files, as a reader would."""

import os
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks_of, pages
from tests.docs.files import lay_out
from tests.docs.running import run_page

RUN = [page for page in pages() if any("run" in block.marks for block in blocks_of(page))]


@pytest.mark.local_cloud
@pytest.mark.parametrize("page", RUN)
def test_its_commands_run(page: str, tmp_path: Path) -> None:
    """One after the other, each ends as the page says and prints what it says is printed."""
    folder, environment = tmp_path / "page", _environment(tmp_path)
    lay_out(page, folder)
    run_page(page, folder, environment)


def _environment(scratch: Path) -> dict[str, str]:
    """The variables of this process, but what a page's clouds leave goes with the test."""
    temporary = scratch / "tmp"
    temporary.mkdir()
    tools = Path(sys.executable).parent
    return os.environ | {
        "CDK_SAGEMAKER_PROCESSING_STATE": str(scratch / "state"),
        "COLUMNS": "160",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(temporary),
    }

"""What script steps bring along, seen in runs: installed, imported, gone with the job."""

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Cloud, output_of, write_app

pytestmark = pytest.mark.local_cloud

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

MAIN = """
import sys
from pathlib import Path

import iniconfig
from common.words import WORD

config = iniconfig.IniConfig("x.ini", data="[a]\\nb = from pip")
said = [config["a"]["b"], WORD, *sys.argv[1:]]
Path("/opt/ml/processing/output/said/words.txt").write_text("|".join(said))
"""

WITHOUT = """
import importlib.util
from pathlib import Path

found = importlib.util.find_spec("iniconfig")
Path("/opt/ml/processing/output/said/found.txt").write_text(str(found))
"""

SHELL = """
set -e
python3 -c "import iniconfig; print(iniconfig.__name__)" > /opt/ml/processing/output/said/words.txt
printf '%s|' "$0" "$@" >> /opt/ml/processing/output/said/words.txt
"""


def test_what_a_script_requires_is_there_for_its_job_alone(cloud: Cloud, tmp_path: Path) -> None:
    """A package of pip and a folder beside the script are imported; the next job sees neither."""
    app = write_app(
        tmp_path / "required",
        """
        said = [processing.ProcessingOutput("said")]
        with_ = processing.SKLearnStep(
            stack, "With", code="my job's.py", source_dir="job", requirements="needed here.txt",
            dependencies=["shared/common"], arguments=["two words", "$HOME", "it's"], outputs=said)
        without = processing.SKLearnStep(stack, "Without", code="without.py", outputs=said)
        processing.ProcessingWorkflow(stack, "Flow", definition=with_.next(without))
        """,
        without=WITHOUT,
    )
    (app / "job").mkdir()
    (app / "job" / "my job's.py").write_text(MAIN)
    (app / "job" / "needed here.txt").write_text("-r more.txt\n")
    (app / "job" / "more.txt").write_text("iniconfig==2.1.0  # small, and of Python alone\n")
    (app / "shared" / "common").mkdir(parents=True)
    (app / "shared" / "common" / "words.py").write_text("WORD = 'from common'\n")

    run = cloud.run(cloud.deploy(app), "run-1")

    assert run.status == "SUCCEEDED", run.cause
    with_, without = run.jobs
    said = cloud.read(output_of(with_, "said") + "words.txt")
    assert said == "from pip|from common|two words|$HOME|it's"
    assert cloud.read(output_of(without, "said") + "found.txt") == "None"


def test_a_script_may_be_of_any_language(cloud: Cloud, tmp_path: Path) -> None:
    """Another command runs it, and what pip installed is there for the Python it calls."""
    app = write_app(
        tmp_path / "shell",
        f"""
        step = processing.ScriptStep(
            stack, "Shell", code="job.sh", command=["/bin/bash", "-u"], image_uri={SKLEARN!r},
            requirements=["iniconfig==2.1.0"], arguments=["*", "", "x"],
            outputs=[processing.ProcessingOutput("said")])
        processing.ProcessingWorkflow(stack, "Flow", definition=step)
        """,
    )
    (app / "job.sh").write_text(SHELL)

    run = cloud.run(cloud.deploy(app), "run-1")

    assert run.status == "SUCCEEDED", run.cause
    said = cloud.read(output_of(run.jobs[0], "said") + "words.txt")
    assert said == "iniconfig\n/opt/ml/processing/input/code/job.sh|*||x|"


def test_a_requirement_that_cannot_be_had_fails_the_job(cloud: Cloud, tmp_path: Path) -> None:
    """With pip's words in the cause; the script does not run."""
    app = write_app(
        tmp_path / "nonesuch",
        """
        step = processing.SKLearnStep(
            stack, "Say", code="say.py", requirements=["iniconfig==0.404"])
        processing.ProcessingWorkflow(stack, "Flow", definition=step)
        """,
        say="print('the script ran')\n",
    )

    run = cloud.run(cloud.deploy(app), "run-1")

    assert run.status == "FAILED"
    assert "exit code: 1" in run.cause
    assert "No matching distribution found for iniconfig==0.404" in run.cause
    (job,) = run.jobs
    assert "the script ran" not in cloud.local.log_file(job["ProcessingJobName"]).read_text()


def test_an_image_that_is_not_here_is_refused_by_name(cloud: Cloud, tmp_path: Path) -> None:
    """No other environment stands in for an image of the user's own."""
    app = write_app(
        tmp_path / "unknown",
        """
        step = processing.ScriptStep(stack, "Say", code="say.py",
                                     image_uri="111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
        processing.ProcessingWorkflow(stack, "Flow", definition=step)
        """,
        say="print('the script ran')\n",
    )

    run = cloud.run(cloud.deploy(app), "run-1")

    assert run.status == "FAILED"
    assert "the local cloud has no image 111122223333.dkr.ecr" in run.cause
    assert "sagemaker-scikit-learn: " in run.cause

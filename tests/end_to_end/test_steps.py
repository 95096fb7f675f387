"""What steps promise, seen in runs: apps deployed by the CDK CLI, jobs as real processes."""

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Cloud, output_of, write_app

pytestmark = pytest.mark.local_cloud

ONE_STEP = """
step = processing.SKLearnStep(
    stack, "Say", code="say.py", outputs=[processing.ProcessingOutput("said")],
    arguments=["--word", sfn.JsonPath.string_at("$.word"), "it's {plain} \\\\ text"],
    environment={"WORD": sfn.JsonPath.format("<{}>", sfn.JsonPath.string_at("$.word"))},
)
processing.ProcessingWorkflow(stack, "Flow", definition=step)
"""

SAY = """
import os, sys
with open("/opt/ml/processing/output/said/words.txt", "w") as said:
    print(*sys.argv[1:], os.environ["WORD"], sep="|", file=said)
"""


def test_run_time_values_arrive_as_data(cloud: Cloud, tmp_path: Path) -> None:
    """Each argument is one item, whatever quotes, braces or backslashes it or the input holds."""
    machine = cloud.deploy(write_app(tmp_path / "words", ONE_STEP, say=SAY))
    word = "a 'quoted' {x} \\ $(id) word"

    run = cloud.run(machine, "run-1", word=word)

    assert run.status == "SUCCEEDED", run.cause
    (job,) = run.jobs
    said = cloud.read(output_of(job, "said") + "words.txt").strip()
    assert said.split("|") == ["--word", word, "it's {plain} \\ text", f"<{word}>"]
    assert output_of(job, "said").endswith("/Words/Say/run-1/said/")


def test_an_edited_script_runs_after_the_next_deploy(cloud: Cloud, tmp_path: Path) -> None:
    """Only the script changed: the deploy publishes it and the machine runs the new one."""
    app = write_app(tmp_path / "edited", ONE_STEP, say=SAY)
    cloud.run(cloud.deploy(app), "before", word="w")
    write_app(app, ONE_STEP, say=SAY.replace('sep="|"', 'sep="#"'))

    run = cloud.run(cloud.deploy(app), "after", word="w")

    (job,) = run.jobs
    assert cloud.read(output_of(job, "said") + "words.txt").count("#") == 3


def test_a_script_that_raises_fails_the_run_with_its_own_words(
    cloud: Cloud, tmp_path: Path
) -> None:
    """The traceback's end and the log's place are in the cause; nothing is uploaded."""
    raising = SAY + '\nraise ValueError("day 2013-02-30 is no day")\n'
    machine = cloud.deploy(write_app(tmp_path / "raising", ONE_STEP, say=raising))

    run = cloud.run(machine, "run-1", word="w")

    assert run.status == "FAILED"
    assert run.description["error"] == "States.TaskFailed"
    (job,) = run.jobs
    assert job["ProcessingJobStatus"] == "Failed"
    assert "ValueError: day 2013-02-30 is no day" in run.cause
    assert str(cloud.local.log_file(job["ProcessingJobName"])) in run.cause
    assert cloud.objects(output_of(job, "said")) == []


def test_a_jsonata_machine_runs_steps_in_a_parallel(cloud: Cloud, tmp_path: Path) -> None:
    """Both branches run in the machine's language, and the next step reads what they wrote."""
    app = write_app(
        tmp_path / "jsonata",
        """
        jsonata = sfn.QueryLanguage.JSONATA
        def say(name, **more):
            return processing.SKLearnStep(
                stack, name, code="say.py", query_language=jsonata,
                outputs=[processing.ProcessingOutput("said")],
                environment={"WORD": "{% $states.input.word & '!' %}"}, **more)
        left, right = say("Left"), say("Right")
        read = processing.SKLearnStep(
            stack, "Read", code="read.py", query_language=jsonata,
            inputs=[processing.ProcessingInput(left.output("said"), input_name="left"),
                    processing.ProcessingInput(right.output("said"), input_name="right")],
            outputs=[processing.ProcessingOutput("read")])
        both = sfn.Parallel.jsonata(stack, "Both").branch(left).branch(right)
        processing.ProcessingWorkflow(
            stack, "Flow", definition=both.next(read), query_language=jsonata)
        """,
        say=SAY,
        read="""
        from pathlib import Path
        root = Path("/opt/ml/processing")
        words = [(root / "input" / side / "words.txt").read_text() for side in ("left", "right")]
        (root / "output" / "read" / "all.txt").write_text("".join(words))
        """,
    )

    run = cloud.run(cloud.deploy(app), "run-1", word="w")

    assert run.status == "SUCCEEDED", run.cause
    assert len(run.jobs) == 3
    assert cloud.read(output_of(run.jobs[2], "read") + "all.txt").split() == ["w!", "w!"]


def test_a_folder_of_code_keeps_its_names(cloud: Cloud, tmp_path: Path) -> None:
    """Modules and data beside the script are found as on the author's machine."""
    app = write_app(
        tmp_path / "folder",
        """
        step = processing.SKLearnStep(stack, "Say", code="main.py", source_dir="job",
                                      outputs=[processing.ProcessingOutput("said")])
        processing.ProcessingWorkflow(stack, "Flow", definition=step)
        """,
    )
    (app / "job" / "common").mkdir(parents=True)
    (app / "job" / "main.py").write_text(
        "from common.words import WORD\n"
        "from pathlib import Path\n"
        "there = Path(__file__).parent / 'common' / 'words.txt'\n"
        "out = Path('/opt/ml/processing/output/said/words.txt')\n"
        "out.write_text(WORD + there.read_text())\n"
    )
    (app / "job" / "common" / "words.py").write_text("WORD = 'one '\n")
    (app / "job" / "common" / "words.txt").write_text("two\n")

    run = cloud.run(cloud.deploy(app), "run-1")

    assert run.status == "SUCCEEDED", run.cause
    assert cloud.read(output_of(run.jobs[0], "said") + "words.txt") == "one two\n"


def test_a_long_list_of_dependencies_reaches_spark_by_its_configuration(
    cloud: Cloud, tmp_path: Path
) -> None:
    """Modules of a list too long for the command line are still imported, beside a package."""
    modules = [f"module_with_a_rather_long_name_{at}" for at in range(8)]
    app = write_app(
        tmp_path / "longlist",
        f"""
        modules = [f"{{name}}.py" for name in {modules}]
        step = processing.PySparkStep(stack, "Count", submit_app="count.py",
                                      submit_py_files=[*modules, "pack"],
                                      outputs=[processing.ProcessingOutput("counted")])
        processing.ProcessingWorkflow(stack, "Flow", definition=step)
        """,
        count=f"""
        import importlib
        from pathlib import Path
        from pyspark.sql import SparkSession
        import pack
        total = pack.ONE + sum(importlib.import_module(name).ONE for name in {modules})
        spark = SparkSession.builder.getOrCreate()
        rows = spark.range(total).count()
        Path("/opt/ml/processing/output/counted/count.txt").write_text(str(rows))
        """,
        **dict.fromkeys(modules, "ONE = 1\n"),
    )
    (app / "pack").mkdir()
    (app / "pack" / "__init__.py").write_text("ONE = 1\n")

    run = cloud.run(cloud.deploy(app), "run-1")

    assert run.status == "SUCCEEDED", run.cause
    assert cloud.read(output_of(run.jobs[0], "counted") + "count.txt") == "9"

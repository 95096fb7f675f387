import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import Environment, ProcessingService
from cdk_sagemaker_processing.local.jobs import spark as package
from cdk_sagemaker_processing.local.jobs.environments import _spark
from cdk_sagemaker_processing.local.jobs.environments.images import image_of
from cdk_sagemaker_processing.local.jobs.spark.arguments import parse
from cdk_sagemaker_processing.local.jobs.spark.submit import cores, spark_submit
from tests.local.jobs.conftest import NewService
from tests.local.jobs.fakes import FakeEnvironments, FakeStore, outputs, request, source, target

IMAGE = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu"
# Stands in for Spark: shows what it was given, writes an event log, and ends as it is told.
SPARK = """\
#!/bin/sh
echo "spark-submit $*"
cat "$SPARK_CONF_DIR/spark-defaults.conf"
echo "address $SPARK_LOCAL_IP $SPARK_LOCAL_HOSTNAME"
[ -d /tmp/spark-events ] && echo '{"Event":"SparkListenerApplicationEnd"}' > /tmp/spark-events/app-1
for last; do :; done
[ "$last" = fail ] && exit 9
[ "$last" = run ] && trap 'echo end >> /tmp/spark-events/app-1; exit 143' TERM && echo up
while [ "$last" = run ]; do sleep 0.02; done
[ "$last" = die ] && kill -9 $$
exit 0
"""


class SparkEnvironments(FakeEnvironments):
    """This machine's Python with a Spark that only looks like one."""

    def prepare(self, image_uri: str, *rest: Any) -> Environment:
        """Put the stand-in where Spark would be, and our own `smspark-submit` over it."""
        environment = super().prepare(image_uri, *rest)
        program = environment.python.parents[1] / "spark" / "bin" / "spark-submit"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(SPARK)
        program.chmod(0o755)
        real = _spark(image_of(image_uri), Path("/nowhere"))
        _, *command = real.commands["smspark-submit"]
        return replace(
            environment,
            variables={**environment.variables, "SPARK_HOME": str(program.parents[1])},
            roots=(*environment.roots, Path(str(package.__file__)).parents[1]),
            commands={"smspark-submit": (sys.executable, *command)},
            entrypoint=real.entrypoint,
        )


Submit = Callable[..., dict[str, Any]]


@pytest.fixture
def service(new_service: NewService, tmp_path: Path) -> ProcessingService:
    """A processing service with the stand-in for Spark."""
    return new_service(environments=SparkEnvironments(tmp_path / "spark-environment"))


@pytest.fixture
def submit(service: ProcessingService) -> Submit:
    """Runs `smspark-submit` with arguments, as the image's own entrypoint, to its end."""

    def run(*arguments: str, **members: Any) -> dict[str, Any]:
        application = {"ImageUri": IMAGE, "ContainerArguments": list(arguments)}
        service.create(request("spark", AppSpecification=application, **members))
        return service.wait("spark", 60)

    return run


def log_of(service: ProcessingService) -> str:
    """The job's log."""
    return (service.home / "jobs" / "spark" / "log.txt").read_text()


def test_spark_runs_on_one_machine(service: ProcessingService, submit: Submit) -> None:
    """Local master with every processor, the local address, options in the container's order."""
    job = submit("--class", "a.Main", "-v", "/app.jar", "one", "two words")
    assert job["ProcessingJobStatus"] == "Completed"
    log = log_of(service)
    assert (
        f"spark-submit --master local[{cores()}] --deploy-mode client --class a.Main --verbose "
        "/app.jar one two words\n"
    ) in log
    assert "address 127.0.0.1 localhost" in log
    assert "Spark event log not enabled." in log


def test_the_configuration_channel_reaches_spark(
    service: ProcessingService, submit: Submit, store: FakeStore
) -> None:
    """configuration.json is read from the place where the container looks for it."""
    store.objects["data", "conf/configuration.json"] = (
        b'[{"Classification": "spark-defaults", "Properties": {"spark.sql.ansi.enabled": "true"}}]'
    )
    submit("/app.py", ProcessingInputs=[source("s3://data/conf/", "/opt/ml/processing/input/conf")])
    assert "spark.sql.ansi.enabled true\n" in log_of(service)


def test_a_mode_that_the_container_does_not_know_is_refused(submit: Submit) -> None:
    """The container raises on it, though on one machine it would mean nothing."""
    job = submit("/app.py", Environment={"AWS_SPARK_CONFIG_MODE": "3"})
    assert job["ProcessingJobStatus"] == "Failed"
    assert "AWS_SPARK_CONFIG_MODE must be 1 or 2, got 3" in job["ExitMessage"]


def test_event_logs_come_to_their_output(
    service: ProcessingService, submit: Submit, store: FakeStore
) -> None:
    """The event log that Spark wrote last is in the Continuous output, also when Spark failed."""
    folder = "/opt/ml/processing/spark-events/"
    job = submit(
        "--local-spark-event-logs-dir",
        folder,
        "/app.py",
        "fail",
        ProcessingOutputConfig=outputs(target("s3://logs/events", folder, "Continuous")),
    )
    assert job["ProcessingJobStatus"] == "Failed"
    assert "spark.eventLog.enabled true\n" in log_of(service)
    assert store.text("logs", "events/app-1") == '{"Event":"SparkListenerApplicationEnd"}\n'


@pytest.mark.parametrize(("word", "code"), [("fail", 9), ("die", 137)])
def test_sparks_failure_is_the_jobs(submit: Submit, word: str, code: int) -> None:
    """The exit code is spark-submit's; the container's words are the ExitMessage."""
    job = submit("/app.py", word)
    assert job["ProcessingJobStatus"] == "Failed"
    assert f"exit code: {code}." in job["FailureReason"]
    assert job["ExitMessage"].startswith(
        "Algorithm Error: (caused by CalledProcessError): spark failed with a non-zero exit code"
    )


def test_a_stopped_application_ends_its_event_log(
    service: ProcessingService, store: FakeStore
) -> None:
    """SIGTERM reaches Spark, whose last events are copied and uploaded before the job is over."""
    folder = "/opt/ml/processing/spark-events/"
    arguments = ["--local-spark-event-logs-dir", folder, "/app.py", "run"]
    output = target("s3://logs/events", folder, "Continuous")
    service.create(
        request(
            "spark",
            AppSpecification={"ImageUri": IMAGE, "ContainerArguments": arguments},
            ProcessingOutputConfig=outputs(output),
        )
    )
    log = service.home / "jobs" / "spark" / "log.txt"
    deadline = time.monotonic() + 30
    while not log.exists() or "\nup\n" not in log.read_text():
        assert time.monotonic() < deadline, "Spark never started"
        time.sleep(0.01)
    service.stop("spark")
    assert service.wait("spark", 30)["ProcessingJobStatus"] == "Stopped"
    assert store.text("logs", "events/app-1").endswith("end\n")


def test_a_wrong_command_line_never_reaches_spark(
    service: ProcessingService, submit: Submit
) -> None:
    """--conf is no option: the job fails with exit code 1 and says so."""
    job = submit("--conf", "a=b", "/app.py")
    assert "exit code: 1." in job["FailureReason"]
    assert "no such option: --conf" in job["ExitMessage"]
    assert "spark-submit --master" not in log_of(service)


def test_event_logs_straight_to_s3_are_refused(submit: Submit) -> None:
    """Spark cannot write to the local S3 by itself: say so, and what works."""
    job = submit("--spark-event-logs-s3-uri", "s3://logs/", "/app.py")
    assert "use --local-spark-event-logs-dir and a Continuous output" in job["ExitMessage"]


def test_an_application_on_s3_is_brought_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application and its dependencies may lie on S3."""

    def fetch(_bucket: str, key: str, path: Path) -> None:
        path.write_text(key)

    monkeypatch.setenv("SPARK_HOME", "/spark")
    arguments = parse(["--py-files", "s3://deps/lib.zip", "s3://code/v1/app.py", "x"])
    *command, app, argument = spark_submit(arguments, "local[2]", tmp_path, fetch)
    assert command[:6] == [
        *["/spark/bin/spark-submit", "--master", "local[2]", "--deploy-mode", "client"],
        "--py-files",
    ]
    assert Path(command[6]).name == "lib.zip"
    assert Path(app).read_text() == "v1/app.py"
    assert argument == "x"

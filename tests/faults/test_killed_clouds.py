"""Local clouds of a name that are killed while jobs run and upload, and started again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import cast

import pytest

from cdk_sagemaker_processing.local.clouds import named, starting
from cdk_sagemaker_processing.local.clouds.named import Clouds
from cdk_sagemaker_processing.local.clouds.record import NamedCloud
from cdk_sagemaker_processing.local.ministack.processes import descendants
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from cdk_sagemaker_processing.local.processes.ports import choose_port
from tests.faults.conftest import FaultyAws, Job
from tests.local_aws import Machines, RunningCloud
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

ROOT = Path(__file__).parents[2]
HELD = "~PUT.HELD.1~b"
WRITE = f"""
import pathlib
for name in ("a", {HELD!r}, "~c"):
    (pathlib.Path("/opt/ml/processing/output/out") / name).write_text("x" * 9)
"""
WAIT = """
import pathlib, subprocess, time
pathlib.Path("/opt/ml/processing/output/out/half").write_text("half of it")
subprocess.Popen(["sleep", "4000"], start_new_session=True)
time.sleep(600)
"""
AGAIN = "import pathlib; pathlib.Path('/opt/ml/processing/output/out/done').write_text('whole')"


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    """The clouds of a user who has none yet, with faults; they end with the test."""
    monkeypatch.setattr(starting, "_SERVER", "tests.faults.faulty_cloud")
    # Somebody may keep a cloud of their own on the usual one.
    monkeypatch.setattr(named, "_FIRST_PORT", choose_port(None))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SFN_WAIT_SCALE", "0.01")
    found = Clouds(tmp_path / "clouds")
    yield found
    for cloud in found.all():
        found.down(cloud.name, forget=True)


def aws_of(cloud: NamedCloud) -> FaultyAws:
    """What drives a cloud."""
    # Of the process only its id is asked for.
    process = cast("subprocess.Popen[bytes]", cloud.process)
    return FaultyAws(RunningCloud(process, cloud.api.endpoint_url, cloud.home))


def kill_at_work(cloud: NamedCloud) -> dict[str, str]:
    """Kill a cloud while one job runs and another one uploads; return their executions' ARNs."""
    aws = aws_of(cloud)
    arns = {"runs": aws.start("runs", Job(WAIT)), "uploads": aws.start("uploads", Job(WRITE))}
    aws.process("sleep\x004000")
    until(lambda: "a" in aws.objects("uploads/out/"), 60)
    if cloud.options.keep:
        kept = cloud.home / "state" / "stepfunctions.json"
        until(lambda: kept.exists() and kept.read_text().count("TaskSubmitted") >= 2)
    assert cloud.process
    processes = [one for pid in descendants(cloud.process.pid) if (one := ProcessIdentity.of(pid))]
    assert len(processes) > 3
    cloud.process.send(SIGKILL)
    # By themselves: nobody has looked at the clouds yet.
    until(lambda: not [one for one in processes if one.is_running])
    assert not cloud.is_up
    return arns


def assert_works(aws: FaultyAws) -> None:
    """A cloud runs a job from its input to its output."""
    run = aws.run("again", Job(AGAIN))
    assert (run.execution["status"], run.outputs) == ("SUCCEEDED", {"done": b"whole"})


def test_what_is_not_kept_is_gone(clouds: Clouds) -> None:
    """The next start is one of an empty cloud, and its end leaves nothing."""
    mounts = Path("/proc/self/mounts").read_text()
    cloud = clouds.up()
    kill_at_work(cloud)
    assert clouds.get("default").crashed

    again = clouds.up()

    assert again.port == cloud.port
    aws = aws_of(again)
    assert aws.jobs("runs") == aws.jobs("uploads") == []
    assert again.api.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert aws.objects("uploads/out/") == {}
    assert_works(aws)
    clouds.down("default")
    assert not cloud.folder.exists()
    assert choose_port(cloud.port) == cloud.port
    assert Path("/proc/self/mounts").read_text() == mounts


def test_what_is_kept_says_what_was_cut_short(clouds: Clouds) -> None:
    """Executions are ABORTED and jobs Failed, with the cause; no object is half of a file."""
    cloud = clouds.up(keep=True)
    arns = kill_at_work(cloud)

    aws = aws_of(clouds.up())

    states = clouds.running("default").api.client("stepfunctions")
    for name, arn in arns.items():
        execution = states.describe_execution(executionArn=arn)
        assert (execution["status"], execution["cause"]) == (
            "ABORTED",
            "The local cloud ended while the execution ran",
        )
        assert Machines(states).events(arn)[-1]["type"] == "ExecutionAborted"
        (job,) = aws.jobs(name)
        assert (job["ProcessingJobStatus"], job["FailureReason"]) == (
            "Failed",
            "InternalServerError: the local cloud ended while the job ran",
        )
    assert aws.objects("runs/out/") == {}
    assert aws.objects("uploads/out/") == {"a": b"x" * 9}
    left = list((cloud.home / "000000000000" / "us-east-1" / "jobs").glob("*/tmp"))
    assert left == []
    assert_works(aws)

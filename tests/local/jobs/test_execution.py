import json
import time
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import ProcessingService
from tests.local.jobs.conftest import NewService
from tests.local.jobs.fakes import (
    IMAGE,
    ROLE,
    FakeEnvironments,
    FakeStore,
    FakeStream,
    application,
    outputs,
    request,
    source,
    target,
)
from tests.waiting import until

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"


def python(code: str) -> dict[str, Any]:
    """An application that runs Python code."""
    return application("python3", "-c", code)


def run(service: ProcessingService, **members: Any) -> dict[str, Any]:
    """Create a job and wait for its end."""
    service.create(request(**members))
    return service.wait("a-job", 60)


def log_of(service: ProcessingService) -> list[str]:
    """The lines of the job's log file."""
    return (service.home / "jobs" / "a-job" / "log.txt").read_text().splitlines()


def test_data_goes_in_is_worked_on_and_comes_out(
    service: ProcessingService, store: FakeStore
) -> None:
    """An input lies at its LocalPath, an output's folder is there, what is in it is uploaded."""
    store.objects["data", "raw/deep/numbers.txt"] = b"1 2 3"
    code = (
        f"numbers = open('{INPUT}/raw/deep/numbers.txt').read().split();"
        f"open('{OUTPUT}/sums/total.txt', 'w').write(str(sum(map(int, numbers))))"
    )
    job = run(
        service,
        AppSpecification=python(code),
        ProcessingInputs=[source("s3://data/raw/", f"{INPUT}/raw")],
        ProcessingOutputConfig=outputs(target("s3://data/out", f"{OUTPUT}/sums"), KmsKeyId="key"),
    )
    assert job["ProcessingJobStatus"] == "Completed"
    assert store.text("data", "out/total.txt") == "6"
    assert store.encrypted == {"out/total.txt": "key"}


def test_a_script_sees_its_configuration(service: ProcessingService) -> None:
    """Both files of /opt/ml/config are there, with nulls and defaults where AWS writes them."""
    code = (
        "import json; [print(json.dumps(json.load(open(f'/opt/ml/config/{name}.json'))))"
        " for name in ('processingjobconfig', 'resourceconfig')]"
    )
    run(service, AppSpecification=python(code), Environment={"A": "1"})
    *_, config, resources = (json.loads(line) for line in log_of(service) if line[0] == "{")
    assert config["ProcessingJobArn"].endswith(":processing-job/a-job")
    assert config["AppSpecification"]["ContainerArguments"] is None
    assert config["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] is None
    assert config["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert config["Environment"] == {"A": "1"}
    assert resources == {"current_host": "algo-1", "hosts": ["algo-1"]}


def test_only_the_jobs_own_variables_are_set(
    service: ProcessingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of the host leaks; the region, the role's credentials and Environment are set."""
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    run(service, AppSpecification=python(code), Environment={"MINE": "yes"})
    found = next(json.loads(line) for line in log_of(service) if line[0] == "{")
    assert found.pop("PATH").split(":")[0].endswith("/a-job/bin")
    # What Python itself adds depends on its version.
    found.pop("LC_CTYPE", None)
    assert found == {
        "AWS_ACCESS_KEY_ID": "KEY",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "SECRET",
        "AWS_SESSION_TOKEN": "TOKEN",
        "HOME": "/tmp/home",  # noqa: S108 # the job's own
        "MINE": "yes",
        "PYTHONUNBUFFERED": "1",
    }


def test_arguments_reach_the_command_as_they_are(service: ProcessingService) -> None:
    """Entrypoint and arguments are one argv: blanks, quotes and dollars mean nothing."""
    words = ["two words", "$HOME", "it's", ""]
    specification = application("python3", "-c", "import sys; print(sys.argv[1:])")
    run(service, AppSpecification=specification | {"ContainerArguments": words})
    assert str(words) in log_of(service)


def test_a_failed_job_says_why(service: ProcessingService, store: FakeStore) -> None:
    """Exit code, log's place and the traceback's end; /opt/ml is kept, nothing is uploaded."""
    code = (
        f"open('{OUTPUT}/half.txt', 'w').write('half'); import sys;"
        "print('before', flush=True); raise ValueError('no such column: day')"
    )
    job = run(
        service,
        AppSpecification=python(code),
        ProcessingOutputConfig=outputs(target("s3://data/out", OUTPUT)),
    )
    assert job["ProcessingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: See job logs for more information, exit code: 1.")
    assert str(service.home / "jobs" / "a-job" / "log.txt") in reason
    assert reason.endswith("ValueError: no such column: day")
    assert "Traceback (most recent call last)" in reason
    assert "ExitMessage" not in job
    assert store.objects == {}
    kept = service.home / "jobs" / "a-job" / "opt-ml"
    assert (kept / "processing" / "output" / "half.txt").read_text() == "half"
    assert f"[local cloud] What the job saw as /opt/ml is kept: {kept}" in log_of(service)


def test_a_completed_job_leaves_only_its_log(service: ProcessingService) -> None:
    """Data and temporary files are removed."""
    run(service, AppSpecification=application("sh", "-c", "echo x > /tmp/a; echo x > /opt/ml/b"))
    left = (service.home / "jobs" / "a-job").iterdir()
    assert [path.name for path in left] == ["log.txt"]


def test_a_long_failure_reason_keeps_its_end(service: ProcessingService) -> None:
    """A FailureReason has at most 1,024 characters, the last of them those of the exception."""
    job = run(service, AppSpecification=python("raise ValueError('x' * 3000 + ' the end')"))
    assert len(job["FailureReason"]) == 1024
    assert job["FailureReason"].endswith("the end")


@pytest.mark.parametrize("code", [0, 7])
def test_the_message_file_becomes_the_exit_message(service: ProcessingService, code: int) -> None:
    """The first kilobyte of /opt/ml/output/message is the ExitMessage, whole characters only."""
    script = (
        f"open('/opt/ml/output/message', 'w').write('x' + 'é' * 2000); raise SystemExit({code})"
    )
    job = run(service, AppSpecification=python(script))
    assert job["ExitMessage"] == "x" + "é" * 511
    assert job["ProcessingJobStatus"] == ("Failed" if code else "Completed")


def test_a_message_that_is_not_text_fails_the_job(service: ProcessingService) -> None:
    """As on AWS: a message that is not UTF-8 is a ClientError."""
    script = "open('/opt/ml/output/message', 'wb').write(b'\\xff\\xfe')"
    job = run(service, AppSpecification=python(script))
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: /opt/ml/output/message is not UTF-8 text"


def test_a_job_that_takes_too_long_is_stopped(service: ProcessingService) -> None:
    """MaxRuntimeInSeconds ends as Stopped, not as Failed, and says so."""
    job = run(
        service,
        AppSpecification=application("sleep", "60"),
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )
    assert job["ProcessingJobStatus"] == "Stopped"
    assert job["FailureReason"].startswith("MaxRuntimeExceeded: the job ran longer than 1 seconds")


def test_what_ignores_sigterm_is_killed_with_all_its_children(new_service: NewService) -> None:
    """After the grace comes SIGKILL; a daemon that left its group and session dies as well."""
    service = new_service(grace=0.2)
    script = "trap '' TERM; (setsid sh -c 'while :; do date > /opt/ml/alive; sleep 0.02; done' &);"
    script += "echo up; while :; do sleep 0.02; done"
    service.create(request(AppSpecification=application("sh", "-c", script)))
    alive = service.home / "jobs" / "a-job" / "opt-ml" / "alive"
    until(lambda: alive.exists() and "up" in log_of(service))
    service.stop("a-job")
    assert service.wait("a-job", 30)["ProcessingJobStatus"] == "Stopped"
    last = alive.stat().st_mtime_ns
    time.sleep(0.2)  # sleeps: it would write ten times
    assert alive.stat().st_mtime_ns == last


def test_continuous_outputs_go_up_while_the_job_runs(
    service: ProcessingService, store: FakeStore
) -> None:
    """A Continuous output is uploaded before the end, each file again when it has grown."""
    script = (
        f"echo 1 > {OUTPUT}/n; while [ ! -e /opt/ml/go ]; do sleep 0.02; done; echo 22 > {OUTPUT}/n"
    )
    service.create(
        request(
            AppSpecification=application("sh", "-c", script),
            ProcessingOutputConfig=outputs(target("s3://data/out", OUTPUT, "Continuous")),
        )
    )
    until(lambda: ("data", "out/n") in store.objects)
    assert service.describe("a-job")["ProcessingJobStatus"] == "InProgress"
    (service.home / "jobs" / "a-job" / "opt-ml" / "go").touch()
    service.wait("a-job", 30)
    assert store.text("data", "out/n") == "22\n"
    assert store.uploads == ["out/n", "out/n"]


def test_continuous_outputs_of_a_failed_job_are_uploaded_too(
    service: ProcessingService, store: FakeStore
) -> None:
    """What a Continuous output holds when the job fails is there to be looked at."""
    job = run(
        service,
        AppSpecification=application("sh", "-c", f"echo last > {OUTPUT}/log; exit 3"),
        ProcessingOutputConfig=outputs(target("s3://data/out", OUTPUT, "Continuous")),
    )
    assert "exit code: 3" in job["FailureReason"]
    assert store.text("data", "out/log") == "last\n"


def test_a_denied_upload_fails_the_job(service: ProcessingService, store: FakeStore) -> None:
    """A role that may not write makes a job Failed whose script succeeded."""
    store.denied.add("secret")
    job = run(
        service,
        AppSpecification=application("touch", f"{OUTPUT}/x"),
        ProcessingOutputConfig=outputs(target("s3://secret/out", OUTPUT)),
    )
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "ClientError: Failed to upload data. PutObject failed for s3://secret: AccessDenied"
    )


def test_a_missing_input_fails_the_job_in_sagemakers_words(service: ProcessingService) -> None:
    """No object under the prefix: the job never starts, and the reason names URI, role, bucket."""
    job = run(service, ProcessingInputs=[source("s3://data/none/", f"{INPUT}/none")])
    assert job["ProcessingJobStatus"] == "Failed"
    assert "ProcessingStartTime" not in job
    assert job["FailureReason"].startswith(
        'ClientError: No S3 objects found under S3 URL "s3://data/none/" given in input data source'
    )
    assert (
        f'the role "{ROLE}" has "s3:ListBucket" permissions on bucket "data"'
        in (job["FailureReason"])
    )


def test_a_missing_command_fails_the_job(service: ProcessingService) -> None:
    """A command that is not in PATH is an AlgorithmError that names it."""
    job = run(service, AppSpecification=application("no-such-command"))
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        'AlgorithmError: exec: "no-such-command": executable file not found in $PATH'
    )


def test_an_image_without_a_known_entrypoint_needs_one(service: ProcessingService) -> None:
    """No ContainerEntrypoint and none of the image's own: a clear failure."""
    job = run(service, AppSpecification={"ImageUri": IMAGE})
    assert "ContainerEntrypoint is missing" in job["FailureReason"]


def test_the_images_own_entrypoint_is_the_default(new_service: NewService, tmp_path: Path) -> None:
    """Without a ContainerEntrypoint the image's runs, with the arguments of the request."""
    environments = FakeEnvironments(tmp_path / "spark", entrypoint=("echo", "submitted"))
    service = new_service(environments=environments)
    run(service, AppSpecification={"ImageUri": IMAGE, "ContainerArguments": ["app.py"]})
    assert "submitted app.py" in log_of(service)


def test_the_log_goes_to_the_file_and_to_the_stream(
    service: ProcessingService, stream: FakeStream
) -> None:
    """Both of stdout and stderr, in the order in which they were written, in both places."""
    code = (
        "import sys; [print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True) for n in range(6)]"
    )
    run(service, AppSpecification=python(code))
    assert [line for line in log_of(service) if line.isdigit()] == list("012345")
    assert stream.lines == log_of(service)
    assert "[local cloud] This is no image at all." in stream.lines


def test_a_job_does_not_depend_on_cloudwatch(
    service: ProcessingService, stream: FakeStream
) -> None:
    """Without CloudWatch Logs a job completes; its log file is whole and says what happened."""
    stream.refuses = True
    job = run(service, AppSpecification=application("echo", "here"))
    assert job["ProcessingJobStatus"] == "Completed"
    assert "here" in log_of(service)
    assert any("CloudWatch Logs takes no more lines" in line for line in log_of(service))


def test_what_has_no_effect_is_said(service: ProcessingService) -> None:
    """A VPC, a volume's key and others are named in the log."""
    members = request()
    members["ProcessingResources"]["ClusterConfig"] |= {"VolumeKmsKeyId": "key"}
    run(
        service,
        ProcessingResources=members["ProcessingResources"],
        NetworkConfig={
            "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": False,
        },
        ExperimentConfig={"ExperimentName": "e"},
    )
    assert [line for line in log_of(service) if "has no effect" in line] == [
        "[local cloud] NetworkConfig.VpcConfig has no effect here.",
        "[local cloud] NetworkConfig.EnableInterContainerTrafficEncryption has no effect here.",
        "[local cloud] ClusterConfig.VolumeKmsKeyId has no effect here.",
        "[local cloud] ExperimentConfig has no effect here.",
    ]


def test_what_the_job_manages_itself_is_left_to_it(
    service: ProcessingService, store: FakeStore
) -> None:
    """An AppManaged input is not downloaded, an AppManaged output not uploaded; the log says so."""
    store.objects["data", "in/a"] = b"a"
    code = "import pathlib; pathlib.Path('/opt/ml/processing/out/b').write_text('b')"
    job = run(
        service,
        AppSpecification=python(code),
        ProcessingInputs=[source("s3://data/in", f"{INPUT}/in") | {"AppManaged": True}],
        ProcessingOutputConfig=outputs(
            target("s3://data/out", "/opt/ml/processing/out") | {"AppManaged": True}
        ),
    )
    assert job["ProcessingJobStatus"] == "Completed"
    assert list(store.objects) == [("data", "in/a")]
    assert "[local cloud] Input in is AppManaged: it is left to the job." in log_of(service)
    assert "[local cloud] Output out is AppManaged: it is left to the job." in log_of(service)


def test_network_isolation_is_real(service: ProcessingService) -> None:
    """With EnableNetworkIsolation a job reaches itself and nobody else."""
    code = (
        "import socket; own = socket.create_server(('127.0.0.1', 0));"
        "socket.create_connection(own.getsockname()); print([n for _, n in socket.if_nameindex()])"
    )
    job = run(
        service,
        AppSpecification=python(code),
        NetworkConfig={"EnableNetworkIsolation": True},
    )
    assert job["ProcessingJobStatus"] == "Completed"
    assert "['lo']" in log_of(service)


def test_our_own_mistake_fails_the_job_and_is_in_the_log(new_service: NewService) -> None:
    """A fault of the local cloud never leaves a job InProgress."""

    class Broken(FakeStore):
        def keys(self, bucket: str, prefix: str) -> list[str]:
            raise ZeroDivisionError(bucket + prefix)

    service = new_service(store=lambda _: Broken())
    job = run(service, ProcessingInputs=[source("s3://data/x", f"{INPUT}/x")])
    assert job["FailureReason"] == "InternalServerError: ZeroDivisionError: datax"
    assert "ZeroDivisionError: datax" in "\n".join(log_of(service))


def test_a_home_that_cannot_be_written_fails_the_job(
    new_service: NewService, tmp_path: Path
) -> None:
    """Even a job whose folder cannot be made ends."""
    (tmp_path / "file").touch()
    job = run(new_service(home=tmp_path / "file"))
    assert job["FailureReason"].startswith("InternalServerError: NotADirectoryError")


def test_jobs_run_beside_one_another(service: ProcessingService) -> None:
    """Each job has its own /opt/ml and /tmp, at the same time."""
    script = "echo $0 > /opt/ml/mine; echo $0 > /tmp/mine; sleep 0.5; cat /opt/ml/mine /tmp/mine"
    for name in ("left", "right"):
        service.create(request(name, AppSpecification=application("sh", "-c", script, name)))
    for name in ("left", "right"):
        service.wait(name, 30)
        lines = (service.home / "jobs" / name / "log.txt").read_text().splitlines()
        assert [line for line in lines if "cloud" not in line] == [name, name]

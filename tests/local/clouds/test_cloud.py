import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cdk_sagemaker_processing.local import LocalCloud, LocalCloudError
from cdk_sagemaker_processing.local.clouds import starting
from cdk_sagemaker_processing.local.clouds.api import CloudApi, without_aws
from cdk_sagemaker_processing.local.deploying.assembly import (
    choose_workflow,
    read_stacks,
    read_workflows,
)
from cdk_sagemaker_processing.local.jobs import sandbox
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK, choose_port
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.progress import Status

APP = Path(__file__).parents[1] / "app"


class Usage(NamedTuple):
    """What shutil.disk_usage answers."""

    total: int
    used: int
    free: int


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """One line, and no file written."""
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalCloudError, match=f"port {port} on 127.0.0.1 is taken"):
            LocalCloud.start(port=port, home=tmp_path / "home")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the place, what is free there and what is needed."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 << 20, 80 << 20, 20 << 20))
    with pytest.raises(
        LocalCloudError,
        match="has 20 MiB of disk free and the local cloud needs 1024 MiB: free some, or choose",
    ):
        LocalCloud.start(home=tmp_path)


def test_a_machine_without_user_namespaces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's own line says what is missing and how to allow it."""

    def refuse() -> None:
        raise sandbox.SandboxUnavailable("no user namespaces: do this")

    monkeypatch.setattr(sandbox, "check", refuse)
    with pytest.raises(LocalCloudError, match=r"^no user namespaces: do this$"):
        LocalCloud.start()


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """The error names the place and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(LocalCloudError, match=r"cannot keep its files in .*file/home \(Not a dir"):
        LocalCloud.start(home=tmp_path / "file" / "home")


def test_a_server_that_does_not_start_says_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error carries the last lines of the server's log; a temporary home is removed."""
    monkeypatch.setattr(starting, "_SERVER", "no_such_module")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(LocalCloudError, match=r"did not start \(exit code 1\)[^$]*no_such_module"):
        LocalCloud.start()
    assert list(tmp_path.iterdir()) == []


def test_the_users_own_aws_settings_play_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that could lead to a real account reaches the server, the CDK or the app."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("OTHER", "kept")
    kept = without_aws(os.environ)
    assert kept["OTHER"] == "kept"
    assert not [name for name in kept if name.startswith("AWS_")]


def test_what_a_proxy_is_not_for_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud's own address is added to the hosts that the user's proxy is not for."""
    monkeypatch.setenv("NO_PROXY", "packages.example.com")
    monkeypatch.delenv("no_proxy", raising=False)
    variables = CloudApi(1).variables()
    assert variables["NO_PROXY"] == "packages.example.com,127.0.0.1"
    assert variables["no_proxy"] == "127.0.0.1"


@pytest.mark.local_cloud
def test_modules_beside_an_app_are_not_taken_for_pythons(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Started in an app's folder, the server imports nothing from there."""
    (tmp_path / "queue.py").write_text("raise SystemExit('not the queue of Python')\n")
    monkeypatch.chdir(tmp_path)
    with LocalCloud.start() as local:
        assert buckets(local.client("s3")) == []


@pytest.mark.local_cloud
def test_no_proxy_stands_between_a_client_and_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens where the user's variables say that a proxy is."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with LocalCloud.start() as local:
        assert buckets(local.client("s3")) == []
        assert buckets_seen_with(local.environment) == []


def buckets(s3: Any) -> list[str]:
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def buckets_seen_with(variables: dict[str, str]) -> list[str]:
    """What boto3 sees in a process that is given the variables and no profile."""
    script = (
        "import boto3; print(*(b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={name: value for name, value in os.environ.items() if name != "AWS_PROFILE"}
        | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def run(local: LocalCloud, machine_arn: str, words: str) -> RunFollower:
    execution = local.client("stepfunctions").start_execution(
        stateMachineArn=machine_arn,
        input=json.dumps({"words": words}),
    )
    follower = RunFollower(local.client, execution["executionArn"])
    end = time.monotonic() + 120
    while not follower.poll().ended:
        assert time.monotonic() < end, "the run does not end"
        time.sleep(0.1)
    return follower


@pytest.mark.local_cloud
def test_an_app_is_deployed_and_its_workflow_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The real CDK CLI deploys a plain CDK app; its job runs, well and badly; nothing is left."""
    # A profile that does not exist, a region that AWS does not have, an endpoint of nobody's.
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_REGION", "mars-north-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://127.0.0.1:9")
    before = {path.name for path in APP.iterdir()}
    home = tmp_path / "home"
    told: list[str] = []
    with LocalCloud.start(home=home, report=told.append) as local:
        assembly = local.synthesize(APP)
        outputs = local.deploy_assembly(assembly)
        machine_arn = outputs["Small"]["MachineArn"]
        workflow = choose_workflow(read_workflows(read_stacks(assembly)), "Small/Machine")
        resource = local.client("cloudformation").describe_stack_resource(
            StackName="Small",
            LogicalResourceId=workflow.logical_id,
        )
        assert resource["StackResourceDetail"]["PhysicalResourceId"] == machine_arn
        assert buckets_seen_with(local.environment) == buckets(local.client("s3"))
        good = run(local, machine_arn, "good")
        assert good.progress.status is Status.SUCCEEDED
        (job,) = good.jobs.values()
        assert job.status == "Completed"
        assert "counting" in job.log.lines
        bad = run(local, machine_arn, "bad")
        assert bad.progress.status is Status.FAILED
        (job,) = bad.jobs.values()
        assert job.status == "Failed"
        assert "ValueError: no such words" in local.log_file(job.name).read_text()
        port = int(local.endpoint_url.rpartition(":")[2])
    assert "cdk deploy" in told
    assert choose_port(port) == port, "the port is free again"
    assert home.is_dir(), "a home that was given is kept"
    assert {path.name for path in APP.iterdir()} == before, "the app's folder is as it was"


@pytest.mark.local_cloud
def test_a_failed_deployment_says_what_the_cdk_said(tmp_path: Path) -> None:
    """An app that raises is one error with the end of its traceback."""
    (tmp_path / "app.py").write_text("raise ValueError('no such table')\n")
    with (
        LocalCloud.start() as local,
        pytest.raises(LocalCloudError, match=r"cdk synth failed[^$]*ValueError: no such table"),
    ):
        local.deploy(tmp_path)
    assert not local.home.exists()


@pytest.mark.local_cloud
def test_a_cloud_that_ended_is_told_from_a_failed_deployment(tmp_path: Path) -> None:
    """When the server is gone, the error is the server's, not the CDK's."""
    with LocalCloud.start(home=tmp_path) as local:
        local.stop()
        with pytest.raises(LocalCloudError, match=r"the local cloud ended \(exit code"):
            local.bootstrap()


@pytest.mark.local_cloud
def test_an_app_for_an_account_and_region_is_deployed_there(tmp_path: Path) -> None:
    """Whatever account and region a stack names, the local cloud plays them."""
    (tmp_path / "app.py").write_text(
        "import aws_cdk as cdk\n"
        "from aws_cdk import aws_s3 as s3\n"
        "app = cdk.App()\n"
        "env = cdk.Environment(account='111122223333', region='eu-west-1')\n"
        "stack = cdk.Stack(app, 'Placed', env=env)\n"
        "s3.Bucket(stack, 'Bucket')\n"
        "cdk.CfnOutput(stack, 'Where', value=stack.account + '/' + stack.region)\n"
        "app.synth()\n",
    )
    with LocalCloud.start() as local:
        outputs = local.deploy(tmp_path)
        stacks = local.client("cloudformation", account="111122223333", region="eu-west-1")
        names = [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]]
    assert outputs == {"Placed": {"Where": "111122223333/eu-west-1"}}
    assert "Placed" in names


@pytest.mark.local_cloud
def test_a_cloud_that_enforces_iam_speaks_https(tmp_path: Path) -> None:
    """Its certificate is told to boto3 and to the CDK CLI."""
    with LocalCloud.start(home=tmp_path, enforce_iam=True) as local:
        assert local.endpoint_url.startswith("https://127.0.0.1:")
        certificate = str(tmp_path / "certificate.pem")
        assert local.environment["AWS_CA_BUNDLE"] == certificate
        assert local.environment["NODE_EXTRA_CA_CERTS"] == certificate
        local.client("s3").create_bucket(Bucket="mine")

        assert buckets_seen_with(local.environment) == ["mine"]


def test_a_cloud_without_openssl_cannot_enforce_iam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which command is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LocalCloudError, match="--enforce-iam needs the command openssl"):
        LocalCloud.start(home=tmp_path / "home", enforce_iam=True)

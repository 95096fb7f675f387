import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from cdk_sagemaker_processing.history_server.client.pages import Pages
from cdk_sagemaker_processing.local import LocalCloud
from tests.local.test_history import event_log

pytestmark = pytest.mark.local_cloud

COMMAND = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]
APP = """
import aws_cdk as cdk
import cdk_sagemaker_processing as processing

app = cdk.App()
stack = cdk.Stack(app, "Logs")
storage = processing.ProcessingStorage(stack, "Storage")
processing.SparkHistoryServer(stack, "History", event_logs=storage.event_logs)
cdk.CfnOutput(stack, "Place", value=storage.event_logs.bucket.bucket_name)
app.synth()
"""


class Shell:
    """A shell that AWS_ENDPOINT_URL points to a cloud with a History Server."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": cloud.endpoint_url,
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "COLUMNS": "200",
        }

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run `sagemaker-processing history` and return its exit code and all it printed."""
        done = subprocess.run(
            [*COMMAND, "history", *arguments],
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout

    def opens(self, *arguments: str) -> str:
        """Open the server, and return the page's address."""
        code, told = self.run("open", "--no-browser", *arguments)
        assert code == 0, told
        return told.splitlines()[-1]

    def tasks(self) -> list[dict[str, str]]:
        """The tasks that `history status` tells of."""
        code, told = self.run("status", "--json")
        assert code == 0, told
        tasks: list[dict[str, str]] = json.loads(told)["tasks"]
        return tasks


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell beside a local cloud in which a History Server and an event log are."""
    app = tmp_path_factory.mktemp("app")
    (app / "app.py").write_text(APP)
    with LocalCloud.start() as cloud:
        bucket = cloud.deploy(app)["Logs"]["Place"]
        log = event_log("local-1", datetime(2026, 1, 5, tzinfo=UTC))
        cloud.client("s3").put_object(Bucket=bucket, Key="spark-events/local-1", Body=log.encode())
        yield Shell(cloud)


def test_two_who_open_at_once_share_one_task(shell: Shell) -> None:
    """From nothing to the list of applications, by one command each, as on AWS."""
    assert shell.tasks() == []
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: shell.opens(), range(2))
    assert first == second
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", first)
    assert [one.identity for one in Pages(first).applications()] == ["local-1"]
    (task,) = shell.tasks()
    assert task["status"] == "RUNNING"
    assert shell.opens("--app", "local-1") == f"{first}history/local-1/jobs/"
    assert [again["task"] for again in shell.tasks()] == [task["task"]]


def test_what_is_stopped_is_opened_anew(shell: Shell) -> None:
    """By another task, however soon: the token of the first is not taken again."""
    before = shell.opens()
    code, told = shell.run("stop")
    assert (code, "1 task of Logs/History" in told) == (0, True)
    assert not Pages(before).answer()
    (ended,) = shell.tasks()
    assert ended["status"] == "STOPPED"
    assert "history stop" in ended["stoppedReason"]
    assert Pages(shell.opens()).answer()
    (running,) = shell.tasks()
    assert running["task"] != ended["task"]
    assert shell.run("stop")[0] == 0


def test_a_job_that_is_not_there_starts_nothing(shell: Shell) -> None:
    """One red line, exit code 1."""
    code, told = shell.run("open", "--job", "features")
    assert code == 1
    assert "error: no processing job is named features or begins so in this region" in told
    assert all(task["status"] == "STOPPED" for task in shell.tasks())

"""A stack with a History Server, deployed by the CDK CLI, and its tasks as they run.

What runs is what the template says: its containers' commands, environment and configuration, under
their roles, in a local cloud that enforces IAM, over its S3. Spark and Java are the real ones.
"""

import contextlib
import json
import os
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.history_server.client.found import Server, find_servers
from cdk_sagemaker_processing.history_server.client.pages import Pages
from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.clouds import starting
from tests.end_to_end.conftest import write_app
from tests.waiting import until

ROOT = Path(__file__).parents[3]
# Sessions of the task's role last for three seconds there.
CLOUD = "tests.local.ministack.short_sessions"

STACK = """
storage = processing.ProcessingStorage(stack, "Storage")
processing.SparkHistoryServer(stack, "Server", event_logs=storage.event_logs)
"""
# The server looks for news every five seconds.
NEWS_SECONDS = 60


class RunningTask:
    """A task of the History Server."""

    def __init__(self, local: LocalCloud, server: Server, arn: str) -> None:
        self._local = local
        self._server = server
        self.arn = arn
        self.identity = arn.rpartition("/")[2]

    @property
    def described(self) -> dict[str, Any]:
        """The task, as DescribeTasks has it."""
        found = self._local.client("ecs").describe_tasks(
            cluster=self._server.cluster, tasks=[self.arn]
        )
        task: dict[str, Any] = found["tasks"][0]
        return task

    @cached_property
    def port(self) -> int:
        """Where its server answers on this machine."""

        def bound() -> int | None:
            bindings = [
                each["hostPort"]
                for container in self.described["containers"]
                for each in container.get("networkBindings", ())
            ]
            return bindings[0] if bindings else None

        return int(until(bound))

    @property
    def pages(self) -> Pages:
        """The server's pages."""
        return Pages(f"http://127.0.0.1:{self.port}")

    def status(self, path: str) -> int:
        """Ask for a page as a browser does, and return its HTTP status; 0 if nothing answers."""
        return self._get(path)[0]

    def names(self) -> list[str]:
        """The ids of the applications that it lists."""
        return sorted(one.identity for one in self.pages.applications())

    def jobs(self, application: str) -> dict[str, int]:
        """How many jobs an application has in each state."""
        status, body = self._get(f"/api/v1/applications/{application}/jobs")
        told = json.loads(body) if status == HTTPStatus.OK else []
        return dict(Counter(job["status"] for job in told))

    def _get(self, path: str) -> tuple[int, bytes]:
        # The first to open an application is sent on to the same address.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.pages.url}{path}", timeout=120) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, b""
        except OSError:
            return 0, b""

    def is_completed(self, application: str) -> bool | None:
        """Whether an application has ended; None while it is not listed."""
        found = self.pages.application(application)
        return found.completed if found else None

    def lines(self, container: str) -> list[str]:
        """What a container has logged."""
        logs = self._local.client("logs")
        stream = f"history/{container}/{self.identity}"
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            found = logs.get_log_events(
                logGroupName=self._server.log_group, logStreamName=stream, startFromHead=True
            )
            return [str(event["message"]) for event in found["events"]]
        return []

    def process(self, words: str) -> int | None:
        """The id of the process in it whose command line holds some words."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                variables = (folder / "environ").read_bytes().decode()
                if words in command and self.identity in variables and "spawn" not in command:
                    return int(folder.name)
        return None

    @property
    def java(self) -> int | None:
        """The id of the server's process."""
        return self.process("java -cp")

    def variables(self, process: int) -> dict[str, str]:
        """The environment of a process."""
        text = Path(f"/proc/{process}/environ").read_text().split("\0")
        return dict(each.split("=", 1) for each in text if "=" in each)

    def stop(self) -> None:
        """Stop it and wait for its end."""
        self._local.client("ecs").stop_task(cluster=self._server.cluster, task=self.arn)
        until(lambda: self.described["lastStatus"] == "STOPPED")

    def end(self) -> dict[str, Any]:
        """Wait until it has ended by itself and return it."""
        until(lambda: self.described["lastStatus"] == "STOPPED")
        return self.described


@dataclass(frozen=True, slots=True)
class History:
    """The deployed stack.

    Attributes:
        local: The cloud that it is in.
        server: The History Server of the stack's output.
    """

    local: LocalCloud
    server: Server

    def source(self, name: str) -> str:
        """A prefix below the one that the server may read, for one test."""
        return f"{self.server.sources[0]}{name}/"

    def put(self, source: str, logs: dict[str, str]) -> None:
        """Write event logs by their names, as a job's upload does."""
        bucket, _, prefix = source.removeprefix("s3://").partition("/")
        s3 = self.local.client("s3")

        def put(name: str) -> None:
            s3.put_object(Bucket=bucket, Key=prefix + name, Body=logs[name].encode())

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, logs))

    @contextmanager
    def run(self, *sources: str, **environment: str) -> Iterator[RunningTask]:
        """Run a task over some sources, looking at S3 twice a second, and stop it at the end."""
        given = {
            "HISTORY_SOURCES": json.dumps(sources),
            "HISTORY_POLL_SECONDS": "0.5",
            **environment,
        }
        network = {
            "subnets": list(self.server.subnets),
            "securityGroups": list(self.server.security_groups),
            "assignPublicIp": self.server.assign_public_ip,
        }
        started = self.local.client("ecs").run_task(
            cluster=self.server.cluster,
            taskDefinition=self.server.family,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
            overrides={
                "containerOverrides": [
                    {
                        "name": "mirror",
                        "environment": [
                            {"name": name, "value": value} for name, value in given.items()
                        ],
                    }
                ]
            },
        )
        task = RunningTask(self.local, self.server, started["tasks"][0]["taskArn"])
        try:
            yield task
        finally:
            task.stop()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A deployed History Server, of which no task runs."""
    app = write_app(tmp_path_factory.mktemp("app") / "history", STACK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starting, "_SERVER", CLOUD)
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        with LocalCloud.start(enforce_iam=True) as local:
            local.deploy(app)
            (server,) = find_servers(local.client)
            yield History(local, server)


def soon(condition: Callable[[], Any]) -> Any:
    """Wait until the server has seen what is new."""
    return until(condition, NEWS_SECONDS)

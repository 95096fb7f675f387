"""A local cloud for all tests of this folder, and what to do with it."""

import json
import re
import textwrap
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local import LocalCloud

_LONGEST_RUN_SECONDS = 300
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution that has ended, and the jobs it ran."""

    description: dict[str, Any]
    jobs: list[dict[str, Any]]

    @property
    def status(self) -> str:
        """Its status."""
        return str(self.description["status"])

    @property
    def cause(self) -> str:
        """Why it failed."""
        return str(self.description.get("cause", ""))


class Cloud:
    """The local cloud, as tests use it."""

    def __init__(self, local: LocalCloud) -> None:
        self.local = local

    def deploy(self, app_folder: Path, *stacks: str, **context: str) -> str:
        """Deploy an app by the CDK CLI and return the ARN of its only workflow."""
        outputs = self.local.deploy(app_folder, *stacks, context=context)
        (arn,) = [
            value
            for stack in outputs.values()
            for value in stack.values()
            if ":stateMachine:" in value
        ]
        return str(arn)

    def deploy_all(self, app_folder: Path) -> dict[str, str]:
        """Deploy an app of one stack and return its outputs, a workflow's ARN under its id."""
        (outputs,) = self.local.deploy(app_folder).values()
        return {re.sub(r"StateMachineArn[0-9A-F]{8}$", "", key): v for key, v in outputs.items()}

    def run_all(self, runs: Mapping[str, tuple[str, Mapping[str, Any]]]) -> dict[str, Execution]:
        """Run state machines side by side to their ends; of each run its machine and input."""
        with ThreadPoolExecutor(len(runs)) as pool:
            ends = {
                name: pool.submit(self.run, machine, name, **given)
                for name, (machine, given) in runs.items()
            }
        return {name: end.result() for name, end in ends.items()}

    def run(self, machine: str, name: str, **given: Any) -> Execution:
        """Run a state machine to its end."""
        states = self.local.client("stepfunctions")
        arn = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))[
            "executionArn"
        ]
        end = time.monotonic() + _LONGEST_RUN_SECONDS
        while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < end, f"{name} is still running"
            time.sleep(0.2)
        return Execution(found, self.jobs_of(arn, found["startDate"]))

    def objects(self, uri: str, since: datetime = EVER, until: datetime | None = None) -> list[str]:
        """The keys below an S3 URI, without its prefix, of objects that were written in a time."""
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        listed = self.local.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        # S3 tells whole seconds.
        first, last = since.replace(microsecond=0), until or datetime.now(UTC)
        return [
            one["Key"].removeprefix(prefix)
            for one in listed.get("Contents", ())
            if first <= one["LastModified"] <= last
        ]

    def read(self, uri: str) -> str:
        """The text of one object."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body = self.local.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
        return str(body.read().decode())

    def download(self, uri: str, folder: Path) -> Path:
        """Copy all below an S3 URI to a folder."""
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        for name in self.objects(uri):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            self.local.client("s3").download_file(bucket, prefix + name, str(folder / name))
        return folder

    def jobs_of(self, execution: str, begun: datetime) -> list[dict[str, Any]]:
        """The jobs that carry an execution's tag, in the order they were made."""
        sagemaker = self.local.client("sagemaker")
        listed = sagemaker.list_processing_jobs(
            SortBy="CreationTime",
            SortOrder="Ascending",
            MaxResults=100,
            # A second before: the service keeps no smaller part of it.
            CreationTimeAfter=begun - timedelta(seconds=1),
        )
        found = [
            sagemaker.describe_processing_job(ProcessingJobName=one["ProcessingJobName"])
            for one in listed["ProcessingJobSummaries"]
        ]
        tags = {
            one["ProcessingJobArn"]: sagemaker.list_tags(ResourceArn=one["ProcessingJobArn"])
            for one in found
        }
        return [
            one
            for one in found
            if execution in [tag["Value"] for tag in tags[one["ProcessingJobArn"]]["Tags"]]
        ]


def output_of(job: dict[str, Any], name: str) -> str:
    """The S3 URI of a job's output."""
    outputs = job["ProcessingOutputConfig"]["Outputs"]
    (uri,) = [one["S3Output"]["S3Uri"] for one in outputs if one["OutputName"] == name]
    return str(uri)


def write_app(folder: Path, stack: str, **scripts: str) -> Path:
    """An app of one stack, whose constructs the text makes in the scope ``stack``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in scripts.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    (folder / "app.py").write_text(
        "import aws_cdk as cdk\n"
        "from aws_cdk import aws_stepfunctions as sfn\n"
        "import cdk_sagemaker_processing as processing\n"
        "app = cdk.App()\n"
        f"stack = cdk.Stack(app, {folder.name.title()!r})\n"
        f"{textwrap.dedent(stack)}\n"
        "app.synth()\n"
    )
    return folder


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """A local cloud, started once."""
    with LocalCloud.start() as local:
        yield Cloud(local)

"""A machine of steps with a cache may do all that the cache asks of S3, and nothing beside it."""

import json
import uuid
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, Execution, write_app
from tests.end_to_end.permissions import machines
from tests.end_to_end.permissions.roles import Cut, copy_of, statements_of, unneeded

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_kms as kms, aws_s3 as s3

key = kms.Key(stack, "Key")
raw = s3.Bucket(stack, "Raw")
storage = processing.ProcessingStorage(stack, "Storage", encryption_key=key)
cdk.CfnOutput(stack, "RawBucket", value=raw.bucket_name)
cdk.CfnOutput(stack, "Stored", value=storage.outputs.bucket_name)
say = processing.SKLearnStep(
    stack, "Say", code="say.py", cache=cdk.Duration.days(1), result_name="said", storage=storage,
    inputs=[processing.ProcessingInput(raw.s3_url_for_object("in/"), input_name="raw")],
    outputs=[processing.ProcessingOutput("said")])
read = processing.SKLearnStep(
    stack, "Read", code="say.py", cache=cdk.Duration.days(1), result_name="read", storage=storage,
    inputs=[processing.ProcessingInput(say.output("said"))], arguments=[say.output("said")],
    outputs=[processing.ProcessingOutput("out")])
processing.ProcessingWorkflow(stack, "Flow", definition=say.next(read))
alone = processing.SKLearnStep(
    stack, "Alone", code="say.py", cache=cdk.Duration.days(1), result_name="said", storage=storage,
    inputs=[processing.ProcessingInput(raw.s3_url_for_object("in/"), input_name="raw")],
    outputs=[processing.ProcessingOutput("said")], arguments=[sfn.JsonPath.string_at("$.day")])
processing.ProcessingWorkflow(stack, "Single", definition=alone)
"""

SAY = """
from pathlib import Path
for folder in Path("/opt/ml/processing/output").iterdir():
    (folder / "a.txt").write_text("said")
"""


@pytest.fixture(scope="module")
def outputs(guarded: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The deployed stack's outputs, with an input."""
    folder = tmp_path_factory.mktemp("apps") / "remembering"
    found = guarded.deploy_all(write_app(folder, STACK, say=SAY))
    s3 = guarded.local.client("s3")
    for key in ("in/a.txt", "in-other/a.txt"):
        s3.put_object(Bucket=found["RawBucket"], Key=key, Body=b"text")
    return found


def test_the_cache_may_look_and_remember(guarded: Cloud, outputs: dict[str, str]) -> None:
    """Inputs, outputs that a customer's key encrypts, records: the second run is left out."""
    runs = [guarded.run(outputs["Flow"], name) for name in ("first", "second")]

    assert [one.status for one in runs] == ["SUCCEEDED", "SUCCEEDED"], runs[0].cause
    assert [len(one.jobs) for one in runs] == [2, 0]
    source = runs[0].description["executionArn"]
    ended = json.loads(runs[1].description["output"])
    assert [ended[name]["CachedFrom"] for name in ("said", "read")] == [source, source]


def test_the_cache_misses_each_permission(guarded: Cloud, outputs: dict[str, str]) -> None:
    """Its statements, their actions and resources: without one the second run is a job as well.

    Both runs succeed, as a cache in doubt runs the job, and the history has AWS's refusal.
    """
    role = machines.role_of(guarded, outputs["Single"])
    definition = machines.definition_of(guarded, outputs["Single"])
    statements = statements_of(guarded, role)
    own = [one for one in statements if is_the_caches(one)]
    others = [one for one in statements if not is_the_caches(one)]

    def is_missed(cut: Cut) -> bool:
        left = copy_of(guarded, role, [*others, *cut.left])
        copy = machines.copy_of(guarded, outputs["Single"], left, definition)
        runs = twice(guarded, copy, f"cut-{cut.number}")
        assert [one.status for one in runs] == ["SUCCEEDED", "SUCCEEDED"], cut.name
        said = "\n".join(cause for one in runs for cause in causes_in(guarded, one))
        refused = any(f"is not authorized to perform: {one}" in said for one in cut.actions)
        assert [len(one.jobs) for one in runs] == [1, 1 if refused else 0], f"{cut.name}: {said}"
        return refused

    assert {action for one in own for action in one["Action"]} == {
        "s3:ListBucket",
        "s3:GetObject",
        "s3:PutObject",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    }
    assert unneeded(own, is_missed) == set()
    assert [len(one.jobs) for one in twice(guarded, outputs["Single"], "whole")] == [1, 0]


def is_the_caches(statement: dict[str, Any]) -> bool:
    """Whether a statement of a machine's role is for a cache: no other asks S3 or KMS."""
    return all(one.startswith(("s3:", "kms:")) for one in statement["Action"])


def twice(guarded: Cloud, machine: str, day: str) -> list[Execution]:
    """Run a machine for a day, by which what is remembered is no other's, and once more."""
    return [guarded.run(machine, f"{day}-{name}", day=day) for name in ("first", "second")]


def causes_in(guarded: Cloud, run: Execution) -> list[str]:
    """Why tasks of an execution failed."""
    pages = guarded.local.client("stepfunctions").get_paginator("get_execution_history")
    found = pages.paginate(executionArn=run.description["executionArn"])
    return [
        event["taskFailedEventDetails"].get("cause", "")
        for page in found
        for event in page["events"]
        if "taskFailedEventDetails" in event
    ]


@pytest.fixture(scope="module")
def record(guarded: Cloud, outputs: dict[str, str]) -> str:
    """The key of a record of the machine ``Single``."""
    guarded.run(outputs["Single"], "remembered", day="remembered")
    listed = guarded.local.client("s3").list_objects_v2(Bucket=outputs["Stored"], Prefix=".cache/")
    found = [one["Key"] for one in listed["Contents"] if "/Alone/" in one["Key"]]
    return str(found[0])


def ask(guarded: Cloud, machine: str, action: str, **arguments: str) -> tuple[str, str]:
    """Ask S3 by a state of a copy of a machine, with the machine's own role; return its end."""
    state = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": f"arn:aws:states:::aws-sdk:s3:{action}",
        "Arguments": arguments,
        "End": True,
    }
    role = machines.role_of(guarded, machine)
    copy = machines.copy_of(guarded, machine, role, {"StartAt": "Ask", "States": {"Ask": state}})
    run = guarded.run(copy, f"ask-{uuid.uuid4()}")
    return run.status, run.cause


def test_the_cache_may_look_at_its_own(
    guarded: Cloud, outputs: dict[str, str], record: str
) -> None:
    """Its step's input, its step's outputs, its records: what follows asks in the same way."""
    machine, raw, stored = outputs["Single"], outputs["RawBucket"], outputs["Stored"]

    ends = [
        ask(guarded, machine, "listObjectsV2", Bucket=raw, Prefix="in/"),
        ask(guarded, machine, "listObjectsV2", Bucket=stored, Prefix="Remembering/Alone/x/said/"),
        ask(guarded, machine, "getObject", Bucket=stored, Key=record),
        ask(guarded, machine, "putObject", Bucket=stored, Key=f"{record}.2", Body="{}"),
    ]

    assert [status for status, _ in ends] == ["SUCCEEDED"] * 4, ends


@pytest.mark.parametrize(
    ("action", "bucket", "at", "refused"),
    [
        ("listObjectsV2", "RawBucket", {"Prefix": "in-other/"}, "s3:ListBucket"),
        ("listObjectsV2", "RawBucket", {"Prefix": "in"}, "s3:ListBucket"),
        ("listObjectsV2", "RawBucket", {}, "s3:ListBucket"),
        ("listObjectsV2", "Stored", {"Prefix": "Remembering/Say/"}, "s3:ListBucket"),
        ("listObjectsV2", "Stored", {"Prefix": ".cache/"}, "s3:ListBucket"),
        ("getObject", "RawBucket", {"Key": "in/a.txt"}, "s3:GetObject"),
        ("getObject", "Stored", {"Key": "{output}"}, "s3:GetObject"),
        ("getObject", "Stored", {"Key": "{beside}/x.json"}, "s3:GetObject"),
        ("putObject", "RawBucket", {"Key": "in/b.txt", "Body": "b"}, "s3:PutObject"),
        ("putObject", "Stored", {"Key": "{output}", "Body": "b"}, "s3:PutObject"),
        ("putObject", "Stored", {"Key": "{beside}/x.json", "Body": "b"}, "s3:PutObject"),
        ("deleteObject", "Stored", {"Key": "{record}"}, "s3:DeleteObject"),
    ],
)
def test_the_cache_may_nothing_beside_it(  # noqa: PLR0917 # what is asked, and who asks
    guarded: Cloud,
    outputs: dict[str, str],
    record: str,
    action: str,
    bucket: str,
    at: dict[str, str],
    refused: str,
) -> None:
    """Neither list beside its places, nor read data, nor touch what other steps remember."""
    names = {
        "record": record,
        "beside": str(PurePosixPath(record).parent.with_name("Say")),
        "output": "Remembering/Alone/remembered/said/a.txt",
    }
    arguments = {name: value.format(**names) for name, value in at.items()}

    status, cause = ask(guarded, outputs["Single"], action, Bucket=outputs[bucket], **arguments)

    assert status == "FAILED"
    assert f"is not authorized to perform: {refused} on resource: " in cause

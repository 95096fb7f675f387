"""What of a stack goes with it, what stays, and that what stays is in nobody's way."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, output_of, write_app

pytestmark = pytest.mark.local_cloud

LOGS = "/aws/vendedlogs/states"
SAY = """
from pathlib import Path
Path("/opt/ml/processing/output/words/words.txt").write_text("words")
"""
STACK = """
from aws_cdk import aws_kms as kms
stack.node.set_context("cdk-sagemaker-processing:allowDestroy", {allowed})
key = kms.Key(stack, "Key")
gone = cdk.RemovalPolicy.DESTROY
storage = processing.ProcessingStorage(
    stack, "Storage", encryption_key=key, removal_policy=gone)
step = processing.SKLearnStep(
    stack, "Say", code="say.py", storage=storage,
    outputs=[processing.ProcessingOutput("words")])
processing.ProcessingWorkflow(
    stack, "Flow", definition=step, encryption_key=key, removal_policy=gone)
cdk.CfnOutput(stack, "Key2", value=key.key_arn)
"""


def destroy(cloud: Cloud, stack: str) -> None:
    """Delete a stack, and wait until it is gone."""
    client = cloud.local.client("cloudformation")
    client.delete_stack(StackName=stack)
    client.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def buckets(cloud: Cloud, stack: str) -> list[str]:
    """The names of the buckets that a stack made."""
    listed = cloud.local.client("s3").list_buckets()["Buckets"]
    return [one["Name"] for one in listed if one["Name"].startswith(stack.lower())]


def log_groups(cloud: Cloud, stack: str) -> list[Any]:
    """The log groups of a stack's workflows."""
    client = cloud.local.client("logs")
    return list(client.describe_log_groups(logGroupNamePrefix=f"{LOGS}/{stack}/")["logGroups"])


def test_what_an_app_allows_to_be_destroyed_goes_with_its_stack(
    cloud: Cloud, tmp_path: Path
) -> None:
    """Buckets with all that is in them, and the log; what a key encrypts, it did encrypt."""
    outputs = cloud.deploy_all(
        write_app(tmp_path / "fleeting", STACK.format(allowed=True), say=SAY)
    )
    run = cloud.run(outputs["Flow"], "once")
    assert run.status == "SUCCEEDED", run.cause
    bucket, _, prefix = output_of(run.jobs[0], "words").removeprefix("s3://").partition("/")
    head = cloud.local.client("s3").head_object(Bucket=bucket, Key=f"{prefix}words.txt")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", outputs["Key2"])
    (group,) = log_groups(cloud, "Fleeting")
    assert (group["kmsKeyId"], group["retentionInDays"]) == (outputs["Key2"], 180)
    assert len(buckets(cloud, "Fleeting")) == 3

    destroy(cloud, "Fleeting")

    assert buckets(cloud, "Fleeting") == []
    assert log_groups(cloud, "Fleeting") == []


def test_what_stays_is_not_in_the_way_of_the_stack_when_it_comes_back(
    cloud: Cloud, tmp_path: Path
) -> None:
    """A lone DESTROY is not enough; the old data and the old log lie beside the new."""
    app = write_app(tmp_path / "lasting", STACK.format(allowed=False), say=SAY)
    cloud.deploy(app)
    (log,), kept = log_groups(cloud, "Lasting"), buckets(cloud, "Lasting")

    destroy(cloud, "Lasting")

    assert buckets(cloud, "Lasting") == kept
    assert log_groups(cloud, "Lasting") == [log]
    run = cloud.run(cloud.deploy(app), "again")
    assert run.status == "SUCCEEDED", run.cause
    assert len(buckets(cloud, "Lasting")) == 6
    assert len({one["logGroupName"] for one in log_groups(cloud, "Lasting")}) == 2

"""A machine of steps with a cache may do all that the cache asks of S3, under its own role."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Cloud, write_app

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_kms as kms, aws_s3 as s3

key = kms.Key(stack, "Key")
raw = s3.Bucket(stack, "Raw")
cdk.CfnOutput(stack, "RawBucket", value=raw.bucket_name)
storage = processing.ProcessingStorage(stack, "Storage", encryption_key=key)
say = processing.SKLearnStep(
    stack, "Say", code="say.py", cache=cdk.Duration.days(1), result_name="said", storage=storage,
    inputs=[processing.ProcessingInput(raw.s3_url_for_object("in/"), input_name="raw")],
    outputs=[processing.ProcessingOutput("said")])
read = processing.SKLearnStep(
    stack, "Read", code="say.py", cache=cdk.Duration.days(1), result_name="read", storage=storage,
    inputs=[processing.ProcessingInput(say.output("said"))], arguments=[say.output("said")],
    outputs=[processing.ProcessingOutput("out")])
processing.ProcessingWorkflow(stack, "Flow", definition=say.next(read))
"""

SAY = """
from pathlib import Path
for folder in Path("/opt/ml/processing/output").iterdir():
    (folder / "a.txt").write_text("said")
"""


def test_the_cache_may_look_and_remember(guarded: Cloud, tmp_path: Path) -> None:
    """Inputs, outputs that a customer's key encrypts, records: the second run is left out."""
    outputs = guarded.deploy_all(write_app(tmp_path / "remembering", STACK, say=SAY))
    guarded.local.client("s3").put_object(Bucket=outputs["RawBucket"], Key="in/a.txt", Body=b"text")

    runs = [guarded.run(outputs["Flow"], name) for name in ("first", "second")]

    assert [one.status for one in runs] == ["SUCCEEDED", "SUCCEEDED"], runs[0].cause
    assert [len(one.jobs) for one in runs] == [2, 0]
    source = runs[0].description["executionArn"]
    ended = json.loads(runs[1].description["output"])
    assert [ended[name]["CachedFrom"] for name in ("said", "read")] == [source, source]

"""A stack of processing steps, written with this package."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from shared import CONFIGURATION, INPUT, script, synthesize


def pipeline(stack: cdk.Stack, called: Sequence[str], scripts: Path) -> None:
    """Every second step is PySpark's; each reads what the one before it wrote."""
    raw = s3.Bucket(stack, "Raw")
    storage = processing.ProcessingStorage(stack, "Storage")
    steps: list[processing.ProcessingStep] = []
    for index, name in enumerate(called):
        source = steps[-1].output("table") if steps else raw.s3_url_for_object("day/")
        given = processing.ProcessingInput(source, INPUT, input_name="data")
        make = _spark if index % 2 else _sklearn
        steps.append(make(stack, name, script(scripts, index), given, storage))
    chain = sfn.Chain.start(steps[0])
    for step in steps[1:]:
        chain = chain.next(step)
    processing.ProcessingWorkflow(stack, "Flow", definition=chain)


def _sklearn(
    stack: cdk.Stack,
    name: str,
    code: Path,
    given: processing.ProcessingInput,
    storage: processing.ProcessingStorage,
) -> processing.ProcessingStep:
    return processing.SKLearnStep(
        stack,
        name,
        framework_version="1.2-1",
        code=code,
        inputs=[given],
        outputs=[processing.ProcessingOutput("table"), processing.ProcessingOutput("report")],
        arguments=["--ratio", "0.2", "--day", sfn.JsonPath.string_at("$.day")],
        storage=storage,
    )


def _spark(
    stack: cdk.Stack,
    name: str,
    code: Path,
    given: processing.ProcessingInput,
    storage: processing.ProcessingStorage,
) -> processing.ProcessingStep:
    return processing.PySparkStep(
        stack,
        name,
        framework_version="3.5",
        submit_app=code,
        inputs=[given],
        outputs=[processing.ProcessingOutput("table")],
        arguments=["--ratio", "0.2", "--day", sfn.JsonPath.string_at("$.day")],
        configuration=CONFIGURATION,
        instance_count=2,
        storage=storage,
    )


if __name__ == "__main__":
    synthesize(pipeline)

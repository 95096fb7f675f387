# /// script
# requires-python = ">=3.11"
# dependencies = ["stepfunctions==2.3.0", "sagemaker==2.257.7", "setuptools<81"]
# ///
"""Record the state machines that the Step Functions Data Science SDK makes of its page's examples.

The code that the page shows is run as it stands, and what its workflow would
deploy is written down. Run it after a change of the page's examples, in an
environment made for it::

    uv run tools/record_data_science_states.py
"""

import functools
import inspect
import json
import logging
import os
import shutil
from typing import Any

os.environ.update(dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "none"))

import sagemaker
import sagemaker.image_uris  # before stepfunctions, whose own order of imports goes in a circle
import sagemaker.utils
import sdk_page
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.spark.processing import PySparkProcessor
from sdk_recording import ROLE, TESTS, recorded, sealed, write
from stepfunctions.inputs import ExecutionInput
from stepfunctions.steps import Chain, ProcessingStep, Retry
from stepfunctions.workflow import Workflow

RECORDED = TESTS / "recorded_data_science"


def names() -> dict[str, Any]:
    """What the page's examples find."""
    boto, _ = recorded("eu-west-1")
    here = {
        "sagemaker_session": sagemaker.Session(
            boto_session=boto, sagemaker_config={"SchemaVersion": "1.0"}
        )
    }
    return {
        "Chain": Chain,
        "ExecutionInput": ExecutionInput,
        "ProcessingInput": ProcessingInput,
        "ProcessingOutput": ProcessingOutput,
        "ProcessingStep": ProcessingStep,
        "PySparkProcessor": functools.partial(PySparkProcessor, **here),
        "Retry": Retry,
        "SKLearnProcessor": functools.partial(SKLearnProcessor, **here),
        "Workflow": functools.partial(Workflow, client=boto.client("stepfunctions")),
        "role": ROLE,
        "workflow_role": ROLE,
    }


def record(code: str, known: dict[str, Any]) -> dict[str, Any]:
    """What the SDK would deploy for one example, or its refusal."""
    made = dict(known)
    exec(code, made)  # noqa: S102 # the project's own page
    try:
        definition = json.loads(made["workflow"].definition.to_json())
    except TypeError as error:
        return {"code": code, "region": "eu-west-1", "error": f"TypeError: {error}"}
    return {"code": code, "region": "eu-west-1", "definition": definition}


def arguments(step: ProcessingStep) -> list[str]:
    """The arguments of the SDK's step, those of any task included."""
    own = [name for name in inspect.signature(type(step).__init__).parameters if name != "kwargs"]
    every = [*own, *(field.value for field in step.allowed_fields())]
    return [name for name in every if name != "self"]


def main() -> None:
    """Write all fixtures anew."""
    logging.disable(logging.CRITICAL)
    shutil.rmtree(RECORDED, ignore_errors=True)
    known = names()
    examples = sdk_page.examples(sdk_page.DATA_SCIENCE)
    with sealed(sagemaker.utils):
        for name, example in examples.items():
            write(RECORDED / f"{name}.json", record(example.theirs, known))
        processor = known["SKLearnProcessor"](
            framework_version="1.2-1", role=ROLE, instance_count=1, instance_type="ml.m5.xlarge"
        )
        step = ProcessingStep("Preprocess", processor=processor, job_name="preprocess")
    write(TESTS / "arguments_data_science.json", {"ProcessingStep": arguments(step)})
    print(f"wrote {len(examples)} examples to {RECORDED}")


if __name__ == "__main__":
    main()

# /// script
# requires-python = ">=3.11"
# dependencies = ["sagemaker==3.27.0"]
# ///
"""Record what the SageMaker SDK v3 sends for the examples of its page, and its signatures.

The code that the page shows is run as it stands, by the real SDK, its requests
answered in this process. Run it after a change of the page's examples or of
the SDK's version, in an environment made for it::

    uv run tools/record_sdk_v3_requests.py
"""

import functools
import importlib
import importlib.metadata
import logging
import os
import shutil
from typing import Any

os.environ.update(dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "none"))
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"

import boto3
import sdk_page
from botocore.exceptions import ParamValidationError
from sagemaker.core import common_utils, image_uris, processing, resources, shapes
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.network import NetworkConfig
from sagemaker.core.spark.processing import PySparkProcessor, SparkJarProcessor
from sdk_recording import ROLE, TESTS, Recording, recorded, sealed, signature, write

REGION = "eu-west-1"
RECORDED = TESTS / "recorded_v3"
PROCESSORS = (
    processing.Processor,
    processing.ScriptProcessor,
    processing.FrameworkProcessor,
    PySparkProcessor,
    SparkJarProcessor,
)
VALUES = (
    NetworkConfig,
    shapes.ProcessingInput,
    shapes.ProcessingS3Input,
    shapes.DatasetDefinition,
    shapes.AthenaDatasetDefinition,
    shapes.RedshiftDatasetDefinition,
    shapes.ProcessingOutput,
    shapes.ProcessingS3Output,
    shapes.ProcessingFeatureStoreOutput,
)
# What ProcessingJob.create takes besides.
SHAPES = (shapes.AppSpecification, shapes.ProcessingClusterConfig, shapes.ProcessingResources)

# What the page's text says of the SDK.
FACTS = {
    "fact_code_has_the_key_of_outputs": """
processor = ScriptProcessor(
    image_uri="processing:1",
    command=["python3"],
    role=role,
    instance_type="ml.m5.xlarge",
    instance_count=1,
    output_kms_key="alias/data",
)
processor.run(code="preprocessing.py")
""",
    "fact_folder_of_the_script": """
processor = FrameworkProcessor(
    image_uri="processing:1", role=role, instance_type="ml.m5.xlarge", instance_count=1
)
processor.run(code="source_with_requirements/main.py")
""",
    "fact_no_mlops_processing": "import sagemaker.mlops.processing",
    "fact_no_processing": "import sagemaker.processing",
    "fact_package_folder": """
processor = PySparkProcessor(
    framework_version="3.5", role=role, instance_type="ml.m5.xlarge", instance_count=1
)
processor.run(submit_app="preprocess.py", submit_py_files=["flights"])
""",
}


def names(boto: boto3.Session, session: Session) -> dict[str, Any]:
    """What the page's examples find, bound to a session where it takes one."""
    create = functools.partial(resources.ProcessingJob.create, session=boto, region=REGION)
    return {
        **{cls.__name__: functools.partial(cls, sagemaker_session=session) for cls in PROCESSORS},
        **{cls.__name__: cls for cls in (*VALUES, *SHAPES)},
        "ProcessingJob": type("ProcessingJob", (), {"create": staticmethod(create)}),
        "image_uris": image_uris,
        "role": ROLE,
    }


def record(code: str, known: dict[str, Any], recording: Recording) -> dict[str, Any]:
    """What the SDK does for one example: its request and uploads, or its refusal."""
    recording.requests, recording.uploads = [], {}
    try:
        exec(code, dict(known))  # noqa: S102 # the project's own page
    except (AttributeError, ImportError, ValueError, TypeError, ParamValidationError) as error:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return {"code": code, "region": REGION, "error": text}
    (request,) = recording.requests
    uploads = {uri: told(uri, one) for uri, one in sorted(recording.uploads.items())}
    return {"code": code, "region": REGION, "request": request, "uploads": uploads}


def modules(cls: type) -> list[str]:
    """What a class can be imported from: its own module, and the package if that offers it."""
    package = cls.__module__.rpartition(".")[0]
    offered = getattr(importlib.import_module(package), cls.__name__, None)
    return [cls.__module__, *([package] if offered is cls else [])]


def told(uri: str, uploaded: dict[str, Any]) -> dict[str, Any]:
    """An upload, without the text of what is a file of the SDK's own."""
    if uri.endswith("/install_requirements.py"):
        return {**uploaded, "text": "a file of the SDK's own"}
    return uploaded


def main() -> None:
    """Write all fixtures anew."""
    logging.disable(logging.CRITICAL)
    boto, recording = recorded(REGION)
    session = Session(boto_session=boto, sagemaker_config={"SchemaVersion": "1.0"})
    known = names(boto, session)
    # There is no job to wait for.
    processing.logs_for_processing_job = lambda *_, **__: None
    shutil.rmtree(RECORDED, ignore_errors=True)
    examples = sdk_page.examples(sdk_page.V3)
    recorded_code = {**{name: one.theirs for name, one in examples.items()}, **FACTS}
    with sealed(common_utils):
        for name, code in recorded_code.items():
            write(RECORDED / f"{name}.json", record(code, known, recording))
    write(
        TESTS / "signatures_v3.json",
        {
            "source": f"sagemaker {importlib.metadata.version('sagemaker')}",
            "modules": {cls.__name__: modules(cls) for cls in (*PROCESSORS, *VALUES)},
            "classes": {cls.__name__: signature(cls) for cls in (*PROCESSORS, *VALUES)},
        },
    )
    print(f"wrote {len(recorded_code)} calls to {RECORDED}")


if __name__ == "__main__":
    main()

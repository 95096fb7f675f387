# /// script
# requires-python = ">=3.11"
# dependencies = ["sagemaker==2.257.7", "setuptools"]
# ///
"""Record what the SageMaker SDK v2 sends, as the fixtures of ``tests/sdk``.

Every call of ``tools/sdk_calls.py`` is made by the real SDK on its real boto3
clients; the requests are answered in this process before they would leave it,
and a socket that is opened all the same is an error. Run it after a change of
the calls or of the SDK's version, in an environment made for it::

    uv run tools/record_sdk_requests.py
"""

import functools
import importlib.metadata
import logging
import os
import shutil
from typing import Any

import sagemaker
import sagemaker.utils
import sdk_calls
from botocore.exceptions import ParamValidationError
from sdk_recording import FILES, TESTS, Recording, recorded, sealed, signature, write

RECORDED = TESTS / "recorded"


@functools.cache
def recorded_session(region: str) -> tuple[sagemaker.Session, Recording]:
    """An SDK session, and the recording that answers its every request to AWS."""
    boto, recording = recorded(region)
    session = sagemaker.Session(boto_session=boto, sagemaker_config={"SchemaVersion": "1.0"})
    # There is no job to wait for.
    session.logs_for_processing_job = session.wait_for_processing_job = lambda *_, **__: None
    # Once made, an empty one: it is validated at each look, a second for every call.
    session.sagemaker_config = {}
    return session, recording


def record(call: sdk_calls.Call) -> dict[str, Any]:
    """What the SDK does for one call: its request and uploads, or its refusal."""
    session, recording = recorded_session(call.region)
    recording.requests, recording.uploads = [], {}
    try:
        call.make(session)
    except (ValueError, TypeError, ParamValidationError) as error:
        text = " ".join(str(error).split())
        return {
            "region": call.region,
            "error": f"{type(error).__name__}: {text.replace(str(FILES), '')}",
        }
    (request,) = recording.requests
    uploads = dict(sorted(recording.uploads.items()))
    code = {} if call.code is None else {"code": call.code}
    return {**code, "region": call.region, "request": request, "uploads": uploads}


def main() -> None:
    """Write all fixtures anew."""
    logging.disable(logging.CRITICAL)
    # Without them boto3 would look for credentials on the network.
    os.environ.update(dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "none"))
    shutil.rmtree(RECORDED, ignore_errors=True)
    with sealed(sagemaker.utils):
        for call in sdk_calls.CALLS:
            write(RECORDED / f"{call.name}.json", record(call))
    write(
        TESTS / "signatures.json",
        {
            "source": f"sagemaker {importlib.metadata.version('sagemaker')}",
            "classes": {cls.__name__: signature(cls) for cls in sdk_calls.CLASSES},
        },
    )
    print(f"wrote {len(sdk_calls.CALLS)} calls to {RECORDED}")


if __name__ == "__main__":
    main()

# /// script
# requires-python = ">=3.11"
# dependencies = ["sagemaker==2.257.7", "setuptools"]
# ///
"""Record what the SageMaker SDK sends, as the fixtures of ``tests/sdk``.

Every call of ``tools/sdk_calls.py`` is made by the real SDK on its real boto3
clients; the requests are answered in this process before they would leave it,
and a socket that is opened all the same is an error. Run it after a change of
the calls or of the SDK's version, in an environment made for it::

    uv run tools/record_sdk_requests.py
"""

import contextlib
import dataclasses
import functools
import importlib.metadata
import inspect
import io
import json
import logging
import os
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import sagemaker
import sagemaker.utils
import sdk_calls
from botocore.exceptions import ParamValidationError

ROOT = Path(__file__).parent.parent
FILES = ROOT / "tests/sdk/files"
RECORDED = ROOT / "tests/sdk/recorded"
SIGNATURES = ROOT / "tests/sdk/signatures.json"
ACCOUNT = "111122223333"
# Job names end in the time of the call: always the same, so that recordings compare.
TIMESTAMP = "2026-01-02-03-04-05-678"


@dataclasses.dataclass(slots=True)
class Recording:
    """What one call made the SDK do."""

    requests: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def answer(self, operation: str, parameters: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Answer one request to AWS, and remember what it asked for."""
        match operation:
            case "CreateProcessingJob":
                self.requests.append(json.loads(body))
                return {"ProcessingJobArn": f"arn:aws:sagemaker:::processing-job/{len(body)}"}
            case "PutObject":
                self.uploads[f"s3://{parameters['Bucket']}/{parameters['Key']}"] = uploaded(
                    parameters
                )
                return {"ETag": '"0"'}
            case "GetRole":
                name = parameters["RoleName"]
                return {"Role": {"RoleName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}}
            case "GetCallerIdentity":
                return {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"}
            case "ListBuckets":
                return {"Buckets": []}
            case "CreateBucket" | "HeadBucket":
                return {}
        raise NotImplementedError(f"the SDK asked AWS for {operation}: {parameters}")


def uploaded(parameters: dict[str, Any]) -> dict[str, Any]:
    """An uploaded object: its text, or the texts of the files in it, and its KMS key."""
    content = parameters["Body"]
    key = {"kms_key": parameters["SSEKMSKeyId"]} if "SSEKMSKeyId" in parameters else {}
    if not parameters["Key"].endswith(".tar.gz"):
        return {"text": content.decode(), **key}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = {
            member.name.removeprefix("./"): read.read().decode()
            for member in archive.getmembers()
            if (read := archive.extractfile(member)) is not None
        }
    return {"files": dict(sorted(files.items())), **key}


@functools.cache
def recorded_session(region: str) -> tuple[sagemaker.Session, Recording]:
    """An SDK session, and the recording that answers its every request to AWS."""
    recording = Recording()
    boto = boto3.Session(region_name=region)
    # S3's parameters as they are given: on their way out they are cut into chunks.
    given: dict[str, dict[str, Any]] = {}

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        given[model.name] = dict(params)
        body = params.get("Body")
        if body is not None:
            raw = body.encode() if isinstance(body, str) else body
            content = raw if isinstance(raw, bytes) else raw.read()
            if not isinstance(raw, bytes):
                raw.seek(0)
            given[model.name]["Body"] = content

    def reply(model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        body = params["body"] if isinstance(params["body"], bytes) else b""
        answer = recording.answer(model.name, given[model.name], body)
        # Botocore reads nothing but the status of a response that is made for it.
        http = type("Response", (), {"status_code": 200})()
        return http, {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    emitter = boto._session.get_component("event_emitter")  # noqa: SLF001 # boto3 has no other way to it
    emitter.register("before-parameter-build", keep)
    emitter.register("before-call", reply)
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


def parameters(function: Callable[..., Any]) -> dict[str, str | None]:
    """The names of a function's arguments, each with its default, None if it has none."""
    return {
        name: None if one.default is inspect.Parameter.empty else repr(one.default)
        for name, one in inspect.signature(function).parameters.items()
        if name != "self" and one.kind is not inspect.Parameter.VAR_KEYWORD
    }


def signature(cls: type) -> dict[str, dict[str, str | None]]:
    """The arguments of a class of the SDK and of its ``run``."""
    made = parameters(cls.__init__)  # type: ignore[misc] # a class, not an instance
    if not made:
        # Some take any keyword, and name in annotations what they know.
        made = {name: repr(getattr(cls, name)) for name in inspect.get_annotations(cls)}
    return {
        "__init__": made,
        **({"run": parameters(cls.run)} if hasattr(cls, "run") else {}),
    }


@contextlib.contextmanager
def sealed() -> Iterator[None]:
    """No time and no network: what is recorded depends on the SDK alone."""

    def refuse(*_: object) -> None:
        raise AssertionError("the SDK opened a connection")

    connect, timestamp = socket.socket.connect, sagemaker.utils.sagemaker_timestamp
    socket.socket.connect = refuse  # type: ignore[method-assign,assignment] # put back below
    sagemaker.utils.sagemaker_timestamp = lambda: TIMESTAMP
    try:
        with contextlib.chdir(FILES):
            yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign] # as it was
        sagemaker.utils.sagemaker_timestamp = timestamp


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a fixture."""
    path.write_text(json.dumps(document, indent=1) + "\n")


def main() -> None:
    """Write all fixtures anew."""
    logging.disable(logging.CRITICAL)
    # Without them boto3 would look for credentials on the network.
    os.environ.update(dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "none"))
    shutil.rmtree(RECORDED, ignore_errors=True)
    RECORDED.mkdir(parents=True)
    with sealed():
        for call in sdk_calls.CALLS:
            write(RECORDED / f"{call.name}.json", record(call))
    write(
        SIGNATURES,
        {
            "source": f"sagemaker {importlib.metadata.version('sagemaker')}",
            "classes": {cls.__name__: signature(cls) for cls in sdk_calls.CLASSES},
        },
    )
    print(f"wrote {len(sdk_calls.CALLS)} calls to {RECORDED}")


if __name__ == "__main__":
    main()

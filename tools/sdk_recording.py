"""What recording an SDK needs: answers instead of AWS, no network, no time, its signatures."""

import contextlib
import dataclasses
import inspect
import io
import json
import socket
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3

__all__ = [
    "ACCOUNT",
    "FILES",
    "ROLE",
    "TESTS",
    "Recording",
    "recorded",
    "sealed",
    "signature",
    "write",
]

TESTS = Path(__file__).parent.parent / "tests/sdk"
FILES = TESTS / "files"
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ProcessingRole"
# Job names end in the time of the call: always the same, so that recordings compare.
_TIMESTAMP = "2026-01-02-03-04-05-678"


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
            case "DescribeProcessingJob":
                return {**self.requests[-1], "ProcessingJobStatus": "InProgress"}
            case "PutObject":
                self.uploads[f"s3://{parameters['Bucket']}/{parameters['Key']}"] = _uploaded(
                    parameters
                )
                return {"ETag": '"0"'}
            case "GetRole":
                name = parameters["RoleName"]
                return {"Role": {"RoleName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}}
            case "GetCallerIdentity":
                return {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"}
            case "CreateBucket" | "HeadBucket" | "ListBuckets":
                return {"Buckets": []}
        raise NotImplementedError(f"the SDK asked AWS for {operation}: {parameters}")


def _uploaded(parameters: dict[str, Any]) -> dict[str, Any]:
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


def recorded(region: str) -> tuple[boto3.Session, Recording]:
    """A session of boto3, and the recording that answers its every request to AWS."""
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
    return boto, recording


@contextlib.contextmanager
def sealed(clock: Any) -> Iterator[None]:
    """No time and no network: what is recorded depends on the SDK alone.

    Args:
        clock: The SDK's module that holds ``sagemaker_timestamp``.
    """

    def refuse(*_: object) -> None:
        raise AssertionError("the SDK opened a connection")

    connect, timestamp = socket.socket.connect, clock.sagemaker_timestamp
    socket.socket.connect = refuse  # type: ignore[method-assign] # put back below
    clock.sagemaker_timestamp = lambda: _TIMESTAMP
    try:
        with contextlib.chdir(FILES):
            yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign] # as it was
        clock.sagemaker_timestamp = timestamp


def signature(cls: type) -> dict[str, dict[str, str | None]]:
    """The arguments of a class of an SDK and of its ``run``, each with its default."""
    made = _parameters(cls.__init__)  # type: ignore[misc] # a class, not an instance
    if not made:
        # Some take any keyword, and name in annotations what they know.
        made = {name: _default(cls, name) for name in inspect.get_annotations(cls)}
    return {
        "__init__": made,
        **({"run": _parameters(cls.run)} if hasattr(cls, "run") else {}),
    }


def _parameters(function: Callable[..., Any]) -> dict[str, str | None]:
    return {
        name: None if one.default is inspect.Parameter.empty else repr(one.default)
        for name, one in inspect.signature(function).parameters.items()
        if name != "self" and one.kind is not inspect.Parameter.VAR_KEYWORD
    }


def _default(cls: type, name: str) -> str | None:
    field = getattr(cls, "model_fields", {}).get(name)
    if field is None:
        return repr(getattr(cls, name))
    return None if field.is_required() else "None"


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a fixture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")

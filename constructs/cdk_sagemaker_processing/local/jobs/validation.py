"""What SageMaker refuses in a request, read from botocore's model of the service.

botocore's own validator looks at required members, types and minimums. The service also refuses
what is too long, outside of an enumeration or against a pattern: the rest of the model says so.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

from cdk_sagemaker_processing.local.jobs.errors import NotHereError, ServiceError

_LOCAL_ROOT = "/opt/ml/processing/"
# Unicode classes of Java's regular expressions, which Python's do not have. `\w` also takes the
# underscore, which every pattern that uses these classes allows.
_JAVA_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s"}


def validate(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse what the service model of an operation does not allow.

    Args:
        operation: The API's name of the operation.
        request: Its parameters, as boto3 takes them.

    Raises:
        ServiceError: `ValidationException`, with every problem in its message.
    """
    shape = _input(operation)
    report = ParamValidator().validate(_with_dates(request, shape), shape)
    if report.has_errors():
        raise ServiceError("ValidationException", report.generate_report().replace("\n", "; "))
    problems = list(_problems(request, shape, ""))
    if problems:
        raise _refusal(problems)


def validate_job(request: Mapping[str, Any]) -> None:
    """Refuse what CreateProcessingJob refuses, and what the local cloud cannot do.

    Raises:
        ServiceError: `ValidationException`, with every problem in its message.
        NotHereError: Only the local cloud refuses it.
    """
    validate("CreateProcessingJob", request)
    wrong, missing = list(_documented(request)), list(_not_here(request))
    if wrong:
        raise _refusal([*wrong, *missing])
    if missing:
        raise NotHereError(missing)


@cache
def _input(operation: str) -> StructureShape:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model(operation).input_shape
    if shape is None:
        raise ValueError(f"{operation} takes no parameters")
    return shape


def _refusal(problems: list[str]) -> ServiceError:
    errors = "error" if len(problems) == 1 else "errors"
    text = f"{len(problems)} validation {errors} detected: {'; '.join(problems)}"
    return ServiceError("ValidationException", text)


def _with_dates(request: Mapping[str, Any], shape: StructureShape) -> dict[str, Any]:
    """The service's JSON carries a time as a number, which botocore takes for wrong."""
    return {
        name: datetime.fromtimestamp(value, tz=None).astimezone()
        if isinstance(value, int | float) and _is_time(shape, name)
        else value
        for name, value in request.items()
    }


def _is_time(shape: StructureShape, name: str) -> bool:
    return name in shape.members and shape.members[name].type_name == "timestamp"


def _problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    walk = _WALKS.get(shape.type_name)
    if walk is not None:
        yield from walk(value, shape, path)


def _of_structure(value: Any, shape: StructureShape, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _problems(value[name], member, _join(path, name[0].lower() + name[1:]))


def _of_list(value: Any, shape: ListShape, path: str) -> Iterator[str]:
    yield from _of_size(len(value), value, shape, path)
    for position, item in enumerate(value, start=1):
        yield from _problems(item, shape.member, _join(path, f"{position}.member"))


def _of_map(value: Any, shape: MapShape, path: str) -> Iterator[str]:
    yield from _of_size(len(value), value, shape, path)
    for key, item in value.items():
        yield from _problems(key, shape.key, f"{path}.key")
        yield from _problems(item, shape.value, _join(path, f"{key}.member"))


def _of_string(value: Any, shape: Shape, path: str) -> Iterator[str]:
    yield from _of_size(len(value), value, shape, path)
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _constraint(value, path, f"satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield _constraint(value, path, f"satisfy regular expression pattern: {pattern}")


def _of_size(size: int, value: Any, shape: Shape, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _constraint(value, path, f"have length greater than or equal to {least}")
    if most is not None and size > most:
        yield _constraint(value, path, f"have length less than or equal to {most}")


def _of_number(value: Any, shape: Shape, path: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and value > most:
        yield _constraint(value, path, f"have value less than or equal to {most}")


_WALKS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "structure": _of_structure,
    "list": _of_list,
    "map": _of_map,
    "string": _of_string,
    "integer": _of_number,
    "long": _of_number,
}


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _constraint(value: Any, path: str, rule: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {rule}"


def _matches(pattern: str, value: str) -> bool:
    compiled = _compile(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        # Surrogate pairs in Athena's catalog name, the one pattern that Python cannot read; the
        # local cloud refuses DatasetDefinition as a whole.
        return None


def _documented(request: Mapping[str, Any]) -> Iterator[str]:
    """The rules that stand in the API reference only."""
    for position, one in enumerate(request.get("ProcessingInputs", ()), start=1):
        path = f"processingInputs.{position}.member"
        if not one.get("S3Input") and not one.get("DatasetDefinition"):
            yield f"'{path}' must have s3Input or datasetDefinition"
        yield from _of_channel(one.get("S3Input"), one, f"{path}.s3Input")
        yield from _of_compression(one.get("S3Input") or {}, f"{path}.s3Input")
    for position, one in enumerate(_outputs(request), start=1):
        path = f"processingOutputConfig.outputs.{position}.member"
        if not one.get("S3Output") and not one.get("FeatureStoreOutput"):
            yield f"'{path}' must have s3Output or featureStoreOutput"
        yield from _of_channel(one.get("S3Output"), one, f"{path}.s3Output")
    yield from _taken_twice(request)
    yield from _of_cluster(request["ProcessingResources"]["ClusterConfig"])


def _taken_twice(request: Mapping[str, Any]) -> Iterator[str]:
    """Names of inputs, names of outputs and places, which AWS wants to be different."""
    inputs, outputs = request.get("ProcessingInputs", ()), _outputs(request)
    named = {
        "processingInputs": [one["InputName"] for one in inputs],
        "processingOutputConfig.outputs": [one["OutputName"] for one in outputs],
    }
    for path, names in named.items():
        yield from (f"'{path}' has two of the name {name}" for name in _repeated(names))
    channels = [one.get("S3Input") or one.get("DatasetDefinition") or {} for one in inputs]
    channels += [one.get("S3Output") or {} for one in outputs]
    places = [str(one["LocalPath"]).rstrip("/") for one in channels if one.get("LocalPath")]
    for place in _repeated(places):
        yield f"'{place}' is the localPath of two inputs or outputs: each needs its own"


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _outputs(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((request.get("ProcessingOutputConfig") or {}).get("Outputs", ()))


def _of_channel(
    channel: Mapping[str, Any] | None, owner: Mapping[str, Any], path: str
) -> Iterator[str]:
    if channel is None or owner.get("AppManaged"):
        return
    local = channel.get("LocalPath")
    if local is None:
        yield f"'{path}.localPath' is required when appManaged is false"
    elif not _under_root(local):
        yield f"Value '{local}' at '{path}.localPath' must begin with {_LOCAL_ROOT}"


def _under_root(local: str) -> bool:
    return f"{local}/".startswith(_LOCAL_ROOT) and ".." not in local.split("/")


def _of_compression(channel: Mapping[str, Any], path: str) -> Iterator[str]:
    if channel.get("S3CompressionType") == "Gzip" and channel.get("S3InputMode") != "Pipe":
        yield f"'{path}.s3CompressionType' can be Gzip only when s3InputMode is Pipe"


def _of_cluster(cluster: Mapping[str, Any]) -> Iterator[str]:
    path = "processingResources.clusterConfig"
    preferred = cluster.get("InstancePreferences")
    if bool(cluster.get("InstanceType")) == bool(preferred):
        yield f"'{path}' must have either instanceType or instancePreferences"
    if cluster.get("InstanceType") and not cluster.get("InstanceCount"):
        yield f"'{path}.instanceCount' is required with instanceType"
    for name in ("SelectedInstanceType", "SelectedInstanceCount"):
        if name in cluster:
            yield f"'{path}.{name[0].lower()}{name[1:]}' is read-only"


def _not_here(request: Mapping[str, Any]) -> Iterator[str]:
    """What AWS does and the local cloud does not: refused, so that no job runs without it."""
    for one in request.get("ProcessingInputs", ()):
        name, channel = one["InputName"], one.get("S3Input") or {}
        if one.get("DatasetDefinition"):
            yield f"input {name}: the local cloud has no Athena or Redshift for DatasetDefinition"
        if channel.get("S3InputMode") == "Pipe":
            yield f"input {name}: the local cloud has no Pipe mode, use File"
        yield from _of_scheme(channel, f"input {name}")
    for one in _outputs(request):
        name = one["OutputName"]
        if one.get("FeatureStoreOutput"):
            yield f"output {name}: the local cloud has no Feature Store"
        yield from _of_scheme(one.get("S3Output") or {}, f"output {name}")


def _of_scheme(channel: Mapping[str, Any], owner: str) -> Iterator[str]:
    uri = channel.get("S3Uri", "s3://")
    if not uri.startswith("s3://"):
        yield f"{owner}: the local cloud takes s3:// URIs only, got {uri}"


def instance_count(request: Mapping[str, Any]) -> int:
    """How many instances a request asks for."""
    cluster = request["ProcessingResources"]["ClusterConfig"]
    selected = cluster.get("SelectedInstanceCount")
    preferred = cluster.get("InstancePreferences") or [{}]
    return int(selected or cluster.get("InstanceCount") or preferred[0].get("InstanceCount") or 1)

"""What CreateProcessingJob refuses, found before it is asked.

Two sources: the service model (lengths, ranges, patterns, enumerations,
required members), kept in ``constraints.json`` by ``tools/refresh_constraints.py``;
and rules that stand only in the documentation, one function each.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from importlib import import_module, resources
from typing import Any, Literal

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import Text, is_known

__all__ = ["problems"]

# "LocalPath ... must begin with /opt/ml/processing/": API reference, ProcessingS3Input.
_LOCAL_ROOT = "/opt/ml/processing/"
_SHOWN = 80
_CHOICES = 12


def problems(request: CreateProcessingJobRequest) -> list[Problem]:
    """Everything that CreateProcessingJob would refuse in the request.

    Values known only at run time or at deploy are taken for right.
    """
    found = list(_check(request, _shapes()["CreateProcessingJobRequest"], ""))
    for rule in _DOCUMENTED:
        found += rule(request)
    return found


@cache
def _shapes() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("constraints.json").read_text()
    shapes: dict[str, Any] = json.loads(text)["shapes"]
    return shapes


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _check(value: Any, shape: Mapping[str, Any], member: str) -> Iterator[Problem]:
    if is_known(value):
        yield from _CHECKS.get(shape["type"], _check_nothing)(value, shape, member)


def _check_nothing(_value: Any, _shape: Mapping[str, Any], _member: str) -> Iterator[Problem]:
    return iter(())


def _check_structure(value: Any, shape: Mapping[str, Any], member: str) -> Iterator[Problem]:
    given = {
        field.name: getattr(value, field.name)
        for field in fields(value)
        if getattr(value, field.name) is not None
    }
    for name in shape.get("required", ()):
        if name not in given:
            yield Problem(f"{name} is required", _below(member, name))
    for name, one in given.items():
        yield from _check(one, _shapes()[shape["members"][name]], _below(member, name))


def _check_map(value: Any, shape: Mapping[str, Any], member: str) -> Iterator[Problem]:
    yield from _check_size(len(value), shape, member, " pairs")
    for key, one in value.items():
        yield from _check(key, _shapes()[shape["key"]], f"{member} key")
        yield from _check(one, _shapes()[shape["value"]], _below(member, str(key)))


def _check_list(value: Any, shape: Mapping[str, Any], member: str) -> Iterator[Problem]:
    yield from _check_size(len(value), shape, member, " items")
    for at, one in enumerate(value):
        yield from _check(one, _shapes()[shape["member"]], f"{member}[{at}]")


def _check_string(value: Any, shape: Mapping[str, Any], member: str) -> Iterator[Problem]:
    wrong_size = list(_check_size(len(value), shape, member, " characters", f" in {_shown(value)}"))
    if wrong_size:
        yield from wrong_size
        return
    if "enum" in shape and value not in shape["enum"] and value not in _installed(shape):
        yield Problem(
            f"{_shown(value)} is not one of {_choices(value, shape['enum'])}; "
            "what AWS added since is known after an update of boto3",
            member,
        )
    if "pattern" in shape and not _pattern(shape["pattern"]).fullmatch(value):
        yield Problem(f"{_shown(value)} does not match {shape['pattern']}", member)


def _installed(shape: Mapping[str, Any]) -> list[str]:
    """What the installed botocore allows, which may be newer than this package."""
    # Loading the model takes its time, so it is done only before something is refused.
    loader = import_module("botocore.loaders")
    model = loader.Loader().load_service_model("sagemaker", "service-2")
    name = next(name for name, one in _shapes().items() if one is shape)
    allowed: list[str] = model["shapes"][name].get("enum", [])
    return allowed


def _check_number(value: Any, shape: Mapping[str, Any], member: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield Problem(f"must be a whole number, got {value!r}", member)
    else:
        yield from _check_size(value, shape, member)


def _check_size(
    size: int, shape: Mapping[str, Any], member: str, unit: str = "", of: str = ""
) -> Iterator[Problem]:
    least, most = shape.get("min", 0), shape.get("max")
    if size < least or (most is not None and size > most):
        allowed = f"{least} to {most}" if most is not None else f"at least {least}"
        yield Problem(f"must be {allowed}{unit}, got {size}{of}", member)


_CHECKS: Mapping[str, Callable[[Any, Mapping[str, Any], str], Iterator[Problem]]] = {
    "structure": _check_structure,
    "map": _check_map,
    "list": _check_list,
    "string": _check_string,
    "integer": _check_number,
}


def _below(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")


def _choices(value: str, allowed: list[str]) -> str:
    """Of a long list the value's family or, failing that, what is written much like it."""
    family = [one for one in allowed if one.split(".")[:2] == value.split(".")[:2]]
    near = family or get_close_matches(value, allowed, n=_CHOICES)
    shown = near or allowed
    more = len(shown) > _CHOICES or len(near) not in (0, len(allowed))
    return ", ".join(shown[:_CHOICES]) + (", …" if more else "")


@dataclass(frozen=True, slots=True)
class _Channel:
    """An input or an output, as far as rules for both look at it."""

    member: str
    kind: Literal["Input", "Output"]
    name: Text
    local_path: Text | None


def _channels(request: CreateProcessingJobRequest) -> Iterator[_Channel]:
    for at, one in enumerate(request.ProcessingInputs or ()):
        path = one.S3Input.LocalPath if one.S3Input else None
        yield _Channel(f"ProcessingInputs[{at}]", "Input", one.InputName, path)
    config = request.ProcessingOutputConfig
    for at, output in enumerate(config.Outputs if config else ()):
        path = output.S3Output.LocalPath if output.S3Output else None
        member = f"ProcessingOutputConfig.Outputs[{at}]"
        yield _Channel(member, "Output", output.OutputName, path)


def _local_paths(request: CreateProcessingJobRequest) -> Iterator[Problem]:
    for one in _channels(request):
        path = one.local_path
        if path is not None and is_known(path) and not str(path).startswith(_LOCAL_ROOT):
            yield Problem(
                f"must begin with {_LOCAL_ROOT}, got {_shown(str(path))}",
                f"{one.member}.S3{one.kind}.LocalPath",
            )


def _channel_names(request: CreateProcessingJobRequest) -> Iterator[Problem]:
    seen: set[tuple[str, Text]] = set()
    for one in _channels(request):
        if is_known(one.name) and (one.kind, one.name) in seen:
            yield Problem(
                f"two of one name, {_shown(str(one.name))}: "
                f"give one of them another {one.kind.lower()}_name",
                f"{one.member}.{one.kind}Name",
            )
        seen.add((one.kind, one.name))


def _input_folders(request: CreateProcessingJobRequest) -> Iterator[Problem]:
    # The service refuses it without a word of why: aws/sagemaker-python-sdk#4939.
    seen: dict[str, Text] = {}
    for one in _channels(request):
        path = one.local_path
        if one.kind != "Input" or not isinstance(path, str) or not is_known(path):
            continue
        folder = path.rstrip("/")
        if seen.setdefault(folder, one.name) != one.name:
            yield Problem(
                f"the inputs {_shown(str(seen[folder]))} and {_shown(str(one.name))} share "
                f"the folder {_shown(folder)}: give each a destination of its own",
                f"{one.member}.S3Input.LocalPath",
            )


_DOCUMENTED = (_local_paths, _channel_names, _input_folders)

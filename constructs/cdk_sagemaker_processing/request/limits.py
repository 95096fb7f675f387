"""What CreateProcessingJob refuses, found before it is asked.

Two sources: the service model (lengths, ranges, patterns, enumerations,
required members), kept in ``constraints.json`` by ``tools/refresh_constraints.py``;
and rules that stand only in the documentation, in the modules `documented`
and `instances`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module, resources
from typing import Any

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import documented, instances
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.request.wording import CHOICES, allowed_text, choices, hint, shown

__all__ = ["problems"]

# Rules of the documentation, by the structure that each looks at.
_DOCUMENTED: Mapping[type, tuple[Callable[[Any, str], Iterator[Problem]], ...]] = {
    **documented.RULES,
    **instances.RULES,
}

_UNITS = {"InGB": " GB", "InSeconds": " seconds"}


def problems(request: CreateProcessingJobRequest) -> list[Problem]:
    """Everything that CreateProcessingJob would refuse in the request.

    Values known only at run time or at deploy are taken for right.
    """
    return list(_check(request, "CreateProcessingJobRequest", ""))


@cache
def _shapes() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("constraints.json").read_text()
    shapes: dict[str, Any] = json.loads(text)["shapes"]
    return shapes


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _check(value: Any, name: str, member: str) -> Iterator[Problem]:
    """The problems of a value.

    Args:
        value: What stands in the request.
        name: The shape of the service model that it has.
        member: Where it stands.
    """
    if is_known(value):
        yield from _CHECKS[_shapes()[name]["type"]](value, name, member)


def _check_structure(value: Any, name: str, member: str) -> Iterator[Problem]:
    if not is_dataclass(value):
        yield Problem(f"must be the members of {name}, got {shown(value)}", member)
        return
    limits = list(_check_members(value, name, member))
    yield from limits
    # A member out of its limits needs no second word.
    told = {one.member for one in limits}
    for rule in _DOCUMENTED.get(type(value), ()):
        yield from (one for one in rule(value, member) if one.member not in told)


def _check_members(value: Any, name: str, member: str) -> Iterator[Problem]:
    shape = _shapes()[name]
    every = {field.name: getattr(value, field.name) for field in fields(value)}
    given = {key: one for key, one in every.items() if one is not None}
    for key in shape.get("required", ()):
        if key not in given:
            yield Problem(f"{key} is required", _below(member, key))
    for key, one in given.items():
        yield from _check(one, shape["members"][key], _below(member, key))


def _check_map(value: Any, name: str, member: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(f"must be a mapping of names to text, got {shown(value)}", member)
        return
    shape = _shapes()[name]
    yield from _check_size(len(value), name, member, " pairs")
    for key, one in value.items():
        yield from _check(key, shape["key"], f"{member} key")
        yield from _check(one, shape["value"], _below(member, str(key)))


def _check_list(value: Any, name: str, member: str) -> Iterator[Problem]:
    if not isinstance(value, tuple | list):
        yield Problem(f"must be a list, got {shown(value)}", member)
        return
    yield from _check_size(len(value), name, member, " items")
    for at, one in enumerate(value):
        yield from _check(one, _shapes()[name]["member"], f"{member}[{at}]")


def _check_string(value: Any, name: str, member: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        instead = f": write {str(value)!r}" if isinstance(value, int | float) else ""
        yield Problem(f"must be text, got {shown(value)}{instead}", member)
        return
    shape = _shapes()[name]
    wrong_size = list(_check_size(len(value), name, member, " characters", f" in {shown(value)}"))
    if wrong_size:
        yield from wrong_size
    elif "enum" in shape and value not in shape["enum"] and value not in _installed(name):
        newer = "; what AWS added since is known after an update of boto3"
        yield Problem(
            f"{shown(value)} is not one of {choices(value, shape['enum'])}"
            f"{newer if len(shape['enum']) > CHOICES else ''}",
            member,
        )
    elif "pattern" in shape and not _pattern(shape["pattern"]).fullmatch(value):
        yield Problem(f"must be {allowed_text(name, shape['pattern'])}, got {shown(value)}", member)


@cache
def _installed(name: str) -> frozenset[str]:
    """What the installed botocore allows, which may be newer than this package."""
    # Loading the model takes its time, so it is done only before something is refused.
    loader = import_module("botocore.loaders")
    model = loader.Loader().load_service_model("sagemaker", "service-2")
    return frozenset(model["shapes"][name].get("enum", ()))


def _check_integer(value: Any, name: str, member: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield Problem(f"must be a whole number, got {shown(value)}", member)
    else:
        yield from _check_size(value, name, member, _unit(member))


def _unit(member: str) -> str:
    """The unit that a member's name ends in: users may have given it in another one."""
    return next((unit for end, unit in _UNITS.items() if member.endswith(end)), "")


def _check_boolean(value: Any, _name: str, member: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(f"must be True or False, got {shown(value)}", member)


def _check_size(
    size: int, name: str, member: str, unit: str = "", of: str = ""
) -> Iterator[Problem]:
    shape = _shapes()[name]
    least, most = shape.get("min"), shape.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        allowed = f"at least {least}" if most is None else f"{least or 0} to {most}"
        yield Problem(f"must be {allowed}{unit}, got {size}{of}{hint(name)}", member)


_CHECKS: Mapping[str, Callable[[Any, str, str], Iterator[Problem]]] = {
    "structure": _check_structure,
    "map": _check_map,
    "list": _check_list,
    "string": _check_string,
    "integer": _check_integer,
    "boolean": _check_boolean,
}


def _below(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name

"""Single members of a request set or removed by their path, as CDK users know it from overrides."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import is_known, is_run_time

__all__ = ["OverrideError", "override"]

_STEP = re.compile(r"[^.\[\]]+")
_PLACE = re.compile(r"[0-9]{1,4}")
_WHOLE_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[\d+\])*")


class OverrideError(ValueError):
    """A member cannot be set so."""


_LEAVES = {str: (str,), int: (int, float), bool: (bool,)}
_WORDS = {str: "text", int: "a number", bool: "True or False"}


def override(
    request: CreateProcessingJobRequest, path: str, value: Any
) -> CreateProcessingJobRequest:
    """The request with one member set, or removed where the value is None.

    Args:
        request: The request.
        path: The member, such as ``ProcessingResources.ClusterConfig.InstanceCount``
            or ``Tags[0].Value``; ``Tags.0.Value`` is the same. The place after
            a list's last item adds one.
        value: What it becomes: JSON under the API's names, in which strings
            and numbers may be values of a run.

    Raises:
        OverrideError: There is no such member, or the value does not fit it.
    """
    if not _WHOLE_PATH.fullmatch(path):
        raise OverrideError(
            f"{path!r} is no path of a member: write it as "
            "'ProcessingResources.ClusterConfig.InstanceCount' or 'Tags[0].Value'"
        )
    changed: CreateProcessingJobRequest = _set(
        request, CreateProcessingJobRequest, _STEP.findall(path), value, ""
    )
    return changed


def _set(at: Any, kind: Any, path: list[str], value: Any, done: str) -> Any:
    """What stands at a place, with a member below it set."""
    if not path:
        return None if value is None else _made(kind, value, done)
    if at is None and value is None:
        return None
    if is_run_time(at):
        raise OverrideError(f"{done} is known only at run time, so nothing below it can be set")
    if is_dataclass(kind):
        return _set_member(at, kind, path, value, done)
    if get_origin(kind) is tuple:
        return _set_item(at or (), _main(get_args(kind)[0]), path, value, done)
    if get_origin(kind) is Mapping:
        return _set_pair(dict(at or {}), path, value, done)
    raise OverrideError(f"{done} has no members, so there is no {path[0]!r} below it")


def _set_member(at: Any, kind: Any, path: list[str], value: Any, done: str) -> Any:
    name, rest = path[0], path[1:]
    below = f"{done}.{name}" if done else name
    if name not in _members(kind):
        raise OverrideError(_no_member(kind, name, done))
    given = {one.name: getattr(at, one.name) for one in fields(kind)} if at is not None else {}
    given[name] = _set(given.get(name), _members(kind)[name], rest, value, below)
    missing = _missing(kind, given)
    if missing:
        raise OverrideError(
            f"{done or 'the request'} needs {', '.join(missing)}: "
            + (f"set {done} in whole" if done else "it cannot be removed")
        )
    if all(one is None for one in given.values()):
        return None
    return kind(**given) if at is None else replace(at, **{name: given[name]})


def _set_item(at: tuple[Any, ...], kind: Any, path: list[str], value: Any, done: str) -> Any:
    if not _PLACE.fullmatch(path[0]) or int(path[0]) > len(at):
        raise OverrideError(
            f"{done} is a list of {len(at)}: write {done}[0] to {done}[{len(at)}], the last of "
            f"which adds an item, got {path[0]!r}"
        )
    place = int(path[0])
    before = at[place] if place < len(at) else None
    item = _set(before, kind, path[1:], value, f"{done}[{place}]")
    return (*at[:place], *(() if item is None else (item,)), *at[place + 1 :]) or None


def _set_pair(at: dict[str, Any], path: list[str], value: Any, done: str) -> Any:
    if len(path) > 1:
        raise OverrideError(f"{done}.{path[0]} has nothing below it, got {'.'.join(path)!r}")
    at.pop(path[0], None)
    made = {} if value is None else {path[0]: _leaf(str, value, f"{done}.{path[0]}")}
    return {**at, **made} or None


def _made(kind: Any, value: Any, done: str) -> Any:
    """JSON as the model holds it."""
    if is_dataclass(kind):
        return _structure(kind, _of_kind(Mapping, value, "a mapping", done), done)
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], value, done)
    if get_origin(kind) is Mapping:
        return _mapping(value, done)
    return _leaf(kind, value, done)


def _list(kind: Any, value: Any, done: str) -> Any:
    if is_run_time(value) and not is_dataclass(_main(kind)):
        return value
    items = _of_kind(list | tuple, value, "a list", done)
    return tuple(_made(_main(kind), one, f"{done}[{at}]") for at, one in enumerate(items))


def _mapping(value: Any, done: str) -> Any:
    if is_run_time(value):
        return value
    given = _of_kind(Mapping, value, "a mapping", done)
    return {name: _leaf(str, one, f"{done}.{name}") for name, one in given.items()}


def _leaf(kind: Any, value: Any, done: str) -> Any:
    """A text, number or flag, which may be one of a run, or one that CloudFormation fills in."""
    if not is_known(value) or type(value) in _LEAVES[kind]:
        return value
    hint = (
        f": write {str(value)!r}" if kind is str and isinstance(value, int | float | Path) else ""
    )
    raise OverrideError(f"{done} must be {_WORDS[kind]}, got {value!r}{hint}")


def _of_kind(kind: Any, value: Any, wanted: str, done: str) -> Any:
    if is_run_time(value):
        raise OverrideError(
            f"{done} cannot be known only at run time in whole, as permissions and checks need "
            f"its shape, got {str(value)!r}: set what is in it"
        )
    if not isinstance(value, kind):
        raise OverrideError(f"{done} must be {wanted}, got {value!r}")
    return value


def _structure(kind: Any, value: Mapping[str, Any], done: str) -> Any:
    unknown = [name for name in value if name not in _members(kind)]
    if unknown:
        raise OverrideError(_no_member(kind, unknown[0], done))
    made = {name: _made(_members(kind)[name], one, f"{done}.{name}") for name, one in value.items()}
    missing = _missing(kind, made)
    if missing:
        raise OverrideError(f"{done} needs {', '.join(missing)}, got {', '.join(value) or 'none'}")
    return kind(**made)


def _missing(kind: Any, given: Mapping[str, Any]) -> list[str]:
    """The members that a structure must have and has not."""
    return [
        one.name for one in fields(kind) if one.default is MISSING and given.get(one.name) is None
    ]


def _no_member(kind: Any, name: str, done: str) -> str:
    names = list(_members(kind))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    return f"{done or 'CreateProcessingJob'} has no member {name!r}; {hint}"


@cache
def _members(kind: Any) -> dict[str, Any]:
    """Each member of a structure and what it is, leaving out None and values of a run."""
    # In a class's own names its members stand for the types that are named as they are.
    hints = get_type_hints(kind, vars(model), vars(model))
    return {name: _main(hint) for name, hint in hints.items()}


def _main(hint: Any) -> Any:
    """Of a union the structure, list or mapping in it, if there is one."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    options = [one for one in get_args(hint) if one is not NoneType]
    held = [
        one
        for one in options
        if get_origin(one) in (tuple, Mapping) or one.__module__ == model.__name__
    ]
    return held[0] if held else options[0]

"""What is wrong with a state machine's definition.

AWS refuses such definitions when a machine is created or updated; MiniStack takes any text. The
codes are AWS's; so are the words and the places where AWS's were known.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.definition import fields, shapes, states
from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems

__all__ = ["Problem", "problems"]

_Machine = Mapping[str, Any]

_NOWHERE = "MISSING_TRANSITION_TARGET"
_LONGEST_NAME = 80
_OF_MACHINE = frozenset(
    {"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"}
)
_PROCESSORS = ("ItemProcessor", "Iterator")


def problems(definition: str) -> list[Problem]:
    """Return what AWS would refuse in a definition; empty when there is nothing.

    Args:
        definition: It, in JSON.
    """
    try:
        machine = json.loads(definition) if definition.strip() else None
    except ValueError as error:
        return [Problem(str(error), "", "INVALID_JSON_DESCRIPTION")]
    if not isinstance(machine, dict):
        return [Problem("Definition must be a valid JSON object", "")]
    return list(shapes.machine(machine, "")) or list(_whole(machine))


def _whole(machine: _Machine) -> Problems:
    for name in machine.keys() - _OF_MACHINE:
        yield Problem(f"Field '{name}' is not supported", "/")
    language = machine.get("QueryLanguage", "JSONPath")
    if language not in {"JSONPath", "JSONata"}:
        yield Problem("'QueryLanguage' must be one of [JSONPath, JSONata]", "/")
        return
    limit = machine.get("TimeoutSeconds", 1)
    if not isinstance(limit, int) or limit < 1:
        yield Problem("Value must be an integer from 1 to 99999999", "/TimeoutSeconds")
    yield from _machine(machine, "", language)
    yield from _duplicates(machine)


def _machine(machine: _Machine, path: str, language: str) -> Problems:
    missing = list(fields.required(machine, ["StartAt", "States"], path))
    yield from missing
    inner = machine.get("States")
    if missing:
        return
    if not inner:
        yield Problem("Value must be a non-empty object", f"{path}/States")
        return
    yield from _paths_through(machine, inner, path)
    for name, state in inner.items():
        where = f"{path}/States/{name}"
        if len(name) > _LONGEST_NAME:
            yield Problem(f"A state's name has at most {_LONGEST_NAME} characters", where)
        yield from states.problems(state, where, language)
        for place, within in _within(state, where):
            yield from _processor(within, place)
            yield from _machine(within, place, language)


def _processor(machine: _Machine, path: str) -> Problems:
    if "QueryLanguage" in machine and path.endswith(_PROCESSORS):
        yield Problem("Field 'QueryLanguage' is not supported", path)


def _paths_through(machine: _Machine, inner: _Machine, path: str) -> Problems:
    start = machine["StartAt"]
    if start not in inner:
        yield Problem(f"Missing 'StartAt' target: {start}", f"{path}/StartAt", _NOWHERE)
    for name, state in inner.items():
        for field, target in _targets(state):
            if target not in inner:
                where = f"{path}/States/{name}/{field}"
                yield Problem(f"Missing 'Next' target: {target}", where, _NOWHERE)
    if not any(_is_end(state) for state in inner.values()):
        yield Problem("Workflow has no terminal state", "", "MISSING_END_STATE")
    elif start in inner:
        yield from _unreachable(start, inner, path)


def _unreachable(start: str, inner: _Machine, path: str) -> Problems:
    reached = _reached(start, inner)
    for name in (name for name in inner if name not in reached):
        where = f"{path}/States/{name}"
        yield Problem(f'State "{name}" is not reachable.', where, _NOWHERE)


def _is_end(state: _Machine) -> bool:
    return bool(state.get("End")) or state.get("Type") in {"Succeed", "Fail"}


def _reached(start: Any, inner: _Machine) -> set[Any]:
    reached: set[Any] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in inner and name not in reached:
            reached.add(name)
            ahead += [target for _, target in _targets(inner[name])]
    return reached


def _targets(state: _Machine) -> Iterator[tuple[str, Any]]:
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(field, [])):
            if "Next" in rule:
                yield f"{field}[{index}]/Next", rule["Next"]


def _within(state: _Machine, path: str) -> Iterator[tuple[str, _Machine]]:
    for index, branch in enumerate(state.get("Branches", [])):
        yield f"{path}/Branches[{index}]", branch
    for field in _PROCESSORS:
        if field in state:
            yield f"{path}/{field}", state[field]


def _duplicates(machine: _Machine) -> Problems:
    known: set[str] = set()
    for name, where in _all_states(machine, ""):
        if name in known:
            yield Problem(f"Duplicate State name: {name}", where, "DUPLICATE_STATE_NAME")
        known.add(name)


def _all_states(machine: _Machine, path: str) -> Iterator[tuple[str, str]]:
    for name, state in machine.get("States", {}).items():
        yield name, f"{path}/States/{name}"
        for place, within in _within(state, f"{path}/States/{name}"):
            yield from _all_states(within, place)

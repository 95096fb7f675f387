"""What is wrong with the structure of a state machine's definition.

AWS refuses such definitions when a machine is created or updated; MiniStack takes any text.
"""

import json
from collections.abc import Iterator
from typing import Any

_State = dict[str, Any]

_TYPES = frozenset({"Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail"})
_WITHOUT_NEXT = frozenset({"Choice", "Succeed", "Fail"})
_JOBS = "arn:aws:states:::sagemaker:createProcessingJob"
_JOB_PATTERNS = ("", ".sync")
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")


def problems(definition: str) -> list[str]:
    """Return what AWS would refuse in a definition, in its words; empty when there is nothing."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return [f"INVALID_JSON_DESCRIPTION: {error}"]
    if not isinstance(machine, dict):
        return ["SCHEMA_VALIDATION_FAILED: The definition must be a JSON object at /"]
    return list(_machine(machine, "", str(machine.get("QueryLanguage", "JSONPath"))))


def _machine(machine: _State, path: str, language: str) -> Iterator[str]:
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield f"SCHEMA_VALIDATION_FAILED: Missing field 'States' at {path or '/'}"
        return
    start = machine.get("StartAt")
    if start not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {start} at {path}/StartAt"
    for name, state in states.items():
        yield from _state(state, f"{path}/States/{name}", states, language)
    targets = {start} | {target for state in states.values() for _, target in _targets(state)}
    for name in states.keys() - targets:
        yield f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {path}/States/{name}'


def _state(state: Any, path: str, states: _State, language: str) -> Iterator[str]:
    if not isinstance(state, dict) or state.get("Type") not in _TYPES:
        yield f"SCHEMA_VALIDATION_FAILED: 'Type' must be one of {sorted(_TYPES)} at {path}"
        return
    for field, target in _targets(state):
        if target not in states:
            yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {path}/{field}"
    if state["Type"] not in _WITHOUT_NEXT and ("Next" in state) == bool(state.get("End")):
        yield f"SCHEMA_VALIDATION_FAILED: The state needs either 'Next' or 'End' at {path}"
    if state["Type"] == "Task":
        yield from _resource(state.get("Resource"), path)
    language = state.get("QueryLanguage", language)
    if language == "JSONPath":
        for field in _TEMPLATES:
            yield from _template(state.get(field), f"{path}/{field}")
    yield from _inner(state, path, language)


def _resource(resource: Any, path: str) -> Iterator[str]:
    if not isinstance(resource, str):
        yield f"SCHEMA_VALIDATION_FAILED: Missing field 'Resource' at {path}"
    elif resource.startswith(_JOBS) and resource.removeprefix(_JOBS) not in _JOB_PATTERNS:
        yield (
            f"SCHEMA_VALIDATION_FAILED: The resource provided {resource} is not recognized. The "
            "value is not a valid resource ARN, or the resource is not available in this region. "
            f"at {path}/Resource"
        )


def _targets(state: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(state, dict):
        return
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(field, [])):
            yield f"{field}[{index}]/Next", rule.get("Next")


def _inner(state: _State, path: str, language: str) -> Iterator[str]:
    for index, branch in enumerate(state.get("Branches", [])):
        yield from _machine(branch, f"{path}/Branches[{index}]", language)
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield from _machine(state[field], f"{path}/{field}", language)


def _template(template: Any, path: str) -> Iterator[str]:
    if isinstance(template, list):
        for index, item in enumerate(template):
            yield from _template(item, f"{path}[{index}]")
    elif isinstance(template, dict):
        for name, value in template.items():
            if name.endswith(".$") and not _is_reference(value):
                yield (
                    f"SCHEMA_VALIDATION_FAILED: The value for the field '{name}' must be a valid "
                    f"JSONPath or a valid intrinsic function call at {path}/{name}"
                )
            yield from _template(value, f"{path}/{name}")


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("$", "States."))

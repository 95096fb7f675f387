"""What is wrong with one state, but for where it leads."""

from collections.abc import Callable, Mapping
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.definition import (
    choices,
    expressions,
    fields,
    numbers,
)
from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems

_State = Mapping[str, Any]

_JOBS = "arn:aws:states:::sagemaker:createProcessingJob"
_JOB_PATTERNS = ("", ".sync")
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials")
_PATHS = (
    "InputPath",
    "OutputPath",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
)
# Here an intrinsic function may stand as well.
_TEXT_PATHS = ("ErrorPath", "CausePath")
_WAITS = ("Seconds", "Timestamp", "SecondsPath", "TimestampPath")
_LONGEST_VARIABLE_NAME = 80
_LANGUAGES = ("JSONPath", "JSONata")
_WITH_EXPRESSIONS = (
    "Arguments",
    "Output",
    "Assign",
    "Items",
    "ItemSelector",
    "Error",
    "Cause",
    "Seconds",
    "Timestamp",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
    "Credentials",
)


def problems(state: _State, location: str, machine_language: str) -> Problems:
    """Yield what is wrong with a state.

    Args:
        state: The state.
        location: Where it is.
        machine_language: The query language of the whole definition, which states within a
            Parallel or a Map state inherit as well.
    """
    if state.get("Type") not in fields.BY_TYPE:
        types = ", ".join(sorted(fields.BY_TYPE))
        yield Problem(f"'Type' must be one of [{types}]", location)
        return
    language = state.get("QueryLanguage", machine_language)
    yield from _language(state, machine_language, location)
    yield from fields.required(state, fields.BY_TYPE[state["Type"]].required, location)
    yield from fields.supported(state, language, location)
    yield from _end(state, location)
    yield from numbers.limits(state, location)
    yield from _rules(state, language, location)
    yield from _variables(state, location)
    if language == "JSONata":
        for name in _WITH_EXPRESSIONS:
            yield from expressions.jsonata(state.get(name), f"{location}/{name}")
    else:
        yield from _jsonpaths(state, location)
    if check := _BY_TYPE.get(state["Type"]):
        yield from check(state, location)


def _language(state: _State, machine_language: str, location: str) -> Problems:
    language = state.get("QueryLanguage", machine_language)
    if language not in _LANGUAGES:
        yield Problem(f"'QueryLanguage' must be one of [{', '.join(_LANGUAGES)}]", location)
    elif (machine_language, language) == ("JSONata", "JSONPath"):
        yield Problem(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            location,
        )


def _end(state: _State, location: str) -> Problems:
    if "Next" not in fields.BY_TYPE[state["Type"]].both:
        return
    if ("Next" in state) == bool(state.get("End")):
        yield Problem("The state needs either 'Next' or 'End'", location)


def _rules(state: _State, language: str, location: str) -> Problems:
    if "Retry" in state:
        yield from numbers.retriers(state["Retry"], f"{location}/Retry")
    if "Catch" not in state:
        return
    yield from numbers.catchers(state["Catch"], f"{location}/Catch")
    for index, catcher in enumerate(state["Catch"]):
        where = f"{location}/Catch[{index}]"
        if language == "JSONata":
            for name in ("Output", "Assign"):
                value = catcher.get(name)
                yield from expressions.jsonata(value, f"{where}/{name}", in_catcher=True)
        else:
            yield from expressions.result_path(catcher.get("ResultPath"), f"{where}/ResultPath")
            yield from expressions.template(catcher.get("Assign"), f"{where}/Assign")


def _variables(state: _State, location: str) -> Problems:
    for field in state.get("Assign", {}):
        name = field.removesuffix(".$")
        if not name.isidentifier() or len(name) > _LONGEST_VARIABLE_NAME or name == "states":
            yield Problem(
                f"'{name}' is no name of a variable: letters, digits and '_', a letter first, "
                f"{_LONGEST_VARIABLE_NAME} characters at most, and not 'states'",
                f"{location}/Assign",
            )


def _jsonpaths(state: _State, location: str) -> Problems:
    for name in _PATHS:
        yield from expressions.path(state.get(name), f"{location}/{name}")
    for name in _TEXT_PATHS:
        if name in state and not expressions.is_path_or_call(state[name]):
            yield Problem("Value must be a valid JSONPath.", f"{location}/{name}")
    yield from expressions.result_path(state.get("ResultPath"), f"{location}/ResultPath")
    for name in _TEMPLATES:
        yield from expressions.template(state.get(name), f"{location}/{name}")


def _task(state: _State, location: str) -> Problems:
    resource = state.get("Resource")
    if resource is None:
        return
    known = not resource.startswith(_JOBS) or resource.removeprefix(_JOBS) in _JOB_PATTERNS
    if not resource.startswith("arn:") or not known:
        yield Problem(
            f"The resource provided {resource} is not recognized. The value is not a valid "
            "resource ARN, or the resource is not available in this region.",
            f"{location}/Resource",
        )


def _wait(state: _State, location: str) -> Problems:
    found = [name for name in _WAITS if name in state]
    if len(found) != 1:
        yield Problem(f"A Wait state needs exactly one of [{', '.join(_WAITS)}]", location)


def _parallel(state: _State, location: str) -> Problems:
    if state.get("Branches") == []:
        yield Problem("Value must be a non-empty array", f"{location}/Branches")


def _map(state: _State, location: str) -> Problems:
    if "ItemProcessor" not in state and "Iterator" not in state:
        yield from fields.required(state, ["ItemProcessor"], location)


_BY_TYPE: Mapping[str, Callable[[_State, str], Problems]] = {
    "Task": _task,
    "Wait": _wait,
    "Parallel": _parallel,
    "Map": _map,
    "Choice": choices.problems,
}

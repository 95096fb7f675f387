"""Which fields a state may have, by its type and its query language.

Sources:
    https://states-language.net/spec.html#state-types
    https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a type of states.

    Attributes:
        both: Those in either query language.
        jsonpath: Those in JSONPath only.
        jsonata: Those in JSONata only.
        required: Those that must be there.
    """

    both: frozenset[str]
    jsonpath: frozenset[str]
    jsonata: frozenset[str]
    required: frozenset[str] = frozenset()


def _fields(both: str, jsonpath: str, jsonata: str, required: str = "") -> Fields:
    return Fields(
        frozenset(f"Type Comment QueryLanguage {both} {required}".split()),
        frozenset(jsonpath.split()),
        frozenset(jsonata.split()),
        frozenset(required.split()),
    )


_RETRIED = "Next End Assign Retry Catch"
_RESULT = "InputPath OutputPath Parameters ResultPath ResultSelector"

BY_TYPE: Mapping[str, Fields] = {
    "Task": _fields(
        f"{_RETRIED} TimeoutSeconds HeartbeatSeconds Credentials",
        f"{_RESULT} TimeoutSecondsPath HeartbeatSecondsPath",
        "Arguments Output",
        "Resource",
    ),
    "Parallel": _fields(_RETRIED, _RESULT, "Arguments Output", "Branches"),
    "Map": _fields(
        f"{_RETRIED} ItemProcessor Iterator ItemSelector ItemReader ItemBatcher ResultWriter Label"
        " MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage",
        f"{_RESULT} ItemsPath MaxConcurrencyPath ToleratedFailureCountPath"
        " ToleratedFailurePercentagePath",
        "Items Output",
    ),
    "Pass": _fields(
        "Next End Assign",
        "InputPath OutputPath Parameters Result ResultPath ResultSelector",
        "Output",
    ),
    "Wait": _fields(
        "Next End Assign Seconds Timestamp",
        "InputPath OutputPath SecondsPath TimestampPath",
        "Output",
    ),
    "Choice": _fields("Assign Default", "InputPath OutputPath", "Output", "Choices"),
    # They end as they are, and may say so.
    "Succeed": _fields("End", "InputPath OutputPath", "Output"),
    "Fail": _fields("End Error Cause", "ErrorPath CausePath", ""),
}
"""The fields of each type of states."""


def required(value: Mapping[str, Any], names: Iterable[str], location: str) -> Problems:
    """Yield that fields are missing, if any is.

    Args:
        value: What should have them.
        names: Their names.
        location: Where it is.
    """
    missing = sorted(set(names) - value.keys())
    if missing:
        message = f"These fields are required: [{', '.join(missing)}]"
        yield Problem(message, location or "/")


def supported(state: Mapping[str, Any], language: str, location: str) -> Problems:
    """Yield each field that a state of its type and language does not have.

    Args:
        state: The state.
        language: Its query language.
        location: Where it is.
    """
    fields = BY_TYPE[state["Type"]]
    other, foreign = (
        ("JSONPath", fields.jsonpath) if language == "JSONata" else ("JSONata", fields.jsonata)
    )
    for name in state:
        if name in foreign:
            yield Problem(
                f"The QueryLanguage is set to '{language}', but field '{name}' is only supported "
                f"for the '{other}' QueryLanguage",
                location,
            )
        elif name not in fields.both | fields.jsonpath | fields.jsonata:
            yield Problem(f"Field '{name}' is not supported", location)

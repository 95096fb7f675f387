"""JSONata in states: what expressions see, what they may give, and how they fail.

MiniStack shows them more than the context object, sets variables one after the other, knows
`$eval`, and does not name the expression that failed.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import limits, paths
from cdk_sagemaker_processing.local.ministack.states.place import current

_Data = dict[str, Any]

_FAILED = "States.QueryEvaluationError"
_LONGEST_MILLISECONDS = 1000
_ABSENT = object()
_FIELD: ContextVar[str] = ContextVar("_FIELD", default="")


@dataclass(frozen=True, slots=True)
class _Known:
    input: Any
    context: _Data
    result: Any
    error_output: Any

    def bindings(self) -> _Data:
        variables = self.context.get("variables", {})
        states = {
            "input": self.input,
            "result": self.result,
            "errorOutput": self.error_output,
            "context": paths.public(self.context),
        }
        states = {name: value for name, value in states.items() if value is not _ABSENT}
        return {**{name: _bound(value) for name, value in variables.items()}, "states": states}


def _bound(value: Any) -> Any:
    # To the library None is what is not there.
    return sfn.jsonata.utils.Utils.NULL_VALUE if value is None else value


@contextmanager
def _field(name: str) -> Iterator[None]:
    token = _FIELD.set(name)
    try:
        yield
    finally:
        _FIELD.reset(token)


def _expanded(value: Any, field: str, known: _Known) -> Any:
    if isinstance(value, dict):
        return {name: _expanded(one, f"{field}/{name}", known) for name, one in value.items()}
    if isinstance(value, list):
        return [_expanded(one, f"{field}[{index}]", known) for index, one in enumerate(value)]
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return _evaluated(value[2:-2].strip(), field, known)
    return value


def _evaluated(expression: str, field: str, known: _Known) -> Any:
    bindings = known.bindings()
    try:
        value = _compiled(expression).evaluate(None, bindings)
    except Exception as error:
        code = getattr(error, "error", None)
        told = f"{code}: {error}" if isinstance(code, str) and code else str(error)
        raise _failure(expression, field, f"threw an error during evaluation. {told}") from error
    if value is None and not sfn._jsonata_result_defined(expression, bindings):
        raise _failure(expression, field, "returned nothing (undefined).")
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        raise _failure(expression, field, "returned an unsupported result type.") from None


def _compiled(expression: str) -> Any:
    compiled = sfn.jsonata.Jsonata.jsonata(expression, timeout=_LONGEST_MILLISECONDS)
    sfn._register_sfn_jsonata_functions(compiled)
    compiled.register_lambda("eval", _no_eval)
    return compiled


def _no_eval(*_arguments: Any) -> None:
    raise ValueError("T1006: Attempted to invoke a non-function: Step Functions has no $eval")


def _failure(expression: str, field: str, what: str) -> Exception:
    problem = f"The JSONata expression '{expression}' specified for the field '{field}' {what}"
    place = current()
    if place is not None and place.state:
        problem = (
            f"An error occurred while executing the state '{place.state}' "
            f"(entered at the event id #{place.entered}). {problem}"
        )
    error: Exception = sfn._ExecutionError(_FAILED, problem)
    return error


def _apply_jsonata_template(
    _original: Callable[..., Any],
    value: Any,
    raw_input: Any,
    ctx: _Data | None = None,
    result: Any = _ABSENT,
    error_output: Any = _ABSENT,
) -> Any:
    return _expanded(value, _FIELD.get(), _Known(raw_input, ctx or {}, result, error_output))


def _apply_jsonata_arguments(
    original: Callable[..., Any], state_def: _Data, raw_input: Any, ctx: Any = None
) -> Any:
    with _field("Arguments"):
        return original(state_def, raw_input, ctx)


def _apply_jsonata_output(
    _original: Callable[..., Any],
    state_def: _Data,
    raw_input: Any,
    ctx: Any = None,
    default: Any = None,
    **known: Any,
) -> Any:
    if "Output" not in state_def:
        return default
    with _field("Output"):
        return sfn._apply_jsonata_template(state_def["Output"], raw_input, ctx, **known)


def _apply_state_assign(
    _original: Callable[..., Any], state_def: _Data, raw_input: Any, ctx: Any, **known: Any
) -> None:
    """Only JSONata states come here; a catcher's or a rule's language is its state's."""
    if "Assign" not in state_def:
        return
    with _field("Assign"):
        assigned = sfn._apply_jsonata_template(state_def["Assign"], raw_input, ctx, **known)
    limits.assign(assigned, ctx)


def _jsonata_state_field(  # noqa: PLR0917 - MiniStack calls it so
    original: Callable[..., Any],
    state_def: _Data,
    field: str,
    expected: str,
    raw_input: Any,
    ctx: Any,
) -> Any:
    with _field(field):
        return original(state_def, field, expected, raw_input, ctx)


def _validate_definition_jsonata(_original: Callable[..., Any], definition_str: Any) -> None:
    """`definition` looks at every expression, and only at those of JSONata states."""


MENDS = {
    "_apply_jsonata_template": _apply_jsonata_template,
    "_apply_jsonata_arguments": _apply_jsonata_arguments,
    "_apply_jsonata_output": _apply_jsonata_output,
    "_apply_state_assign": _apply_state_assign,
    "_jsonata_state_field": _jsonata_state_field,
    "_validate_definition_jsonata": _validate_definition_jsonata,
}

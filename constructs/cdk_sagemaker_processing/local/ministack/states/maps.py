"""What a Map state is to run: its items, and its numbers."""

import json
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states.paths import runtime_error

_Data = dict[str, Any]

# https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
_MOST_INLINE = 40


def items(state: _Data, raw_input: Any, context: _Data) -> list[Any]:
    """Return the items that a Map state has in its input.

    Args:
        state: The state.
        raw_input: Its input.
        context: The context object.

    Raises:
        _ExecutionError: They are no array: `States.Runtime`, or in JSONata
            `States.QueryEvaluationError`.
    """
    if sfn._state_query_language(state, context) == "JSONata" and "Items" in state:
        given: list[Any] = sfn._jsonata_state_field(state, "Items", "array", raw_input, context)
        return given
    path = state.get("ItemsPath", "$")
    effective = sfn._apply_input_path(state, raw_input, context)
    found = sfn._resolve_path_or_ctx(path, effective, context)
    if not isinstance(found, list):
        raise runtime_error(f'Reference path "{path}" must point to array.')
    return found


def number(state: _Data, name: str, raw_input: Any, context: _Data) -> float:
    """Return a field that may be a number, a path to one or an expression; 0 if it is not there.

    Args:
        state: The state, or the part of it that holds the field.
        name: The field's name.
        raw_input: The state's input.
        context: The context object.

    Raises:
        _ExecutionError: It is no number, or one below 0.
    """
    found = state.get(name, 0)
    if isinstance(found, str):
        found = sfn._jsonata_state_field(state, name, "number", raw_input, context)
    if path := state.get(f"{name}Path"):
        effective = sfn._apply_input_path(state, raw_input, context)
        found = sfn._resolve_path_or_ctx(path, effective, context)
    if not sfn._is_num(found) or found < 0:
        raise runtime_error(
            f"The value for the field '{name}' must be a number of at least 0, but it is "
            f"{json.dumps(found)}"
        )
    return float(found)


def iterations_at_a_time(state: _Data, raw_input: Any, context: _Data) -> int:
    """Return how many iterations of an inline Map state run at the same time, at most.

    Args:
        state: The state.
        raw_input: Its input.
        context: The context object.
    """
    wanted = int(number(state, "MaxConcurrency", raw_input, context))
    return min(wanted or _MOST_INLINE, _MOST_INLINE)


def is_distributed(state: _Data) -> bool:
    """Whether each of a Map state's items is an execution of its own."""
    processor = state.get("ItemProcessor") or {}
    return bool(processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED")


def batches(items: list[Any], common: _Data, most: int, largest: int) -> list[_Data]:
    """Return the inputs of the executions that run a distributed Map state's items in batches.

    Args:
        items: The items.
        common: What each batch has beside its items.
        most: Items in a batch, at most; 0 for any number.
        largest: Bytes of a batch's input, at most; 0 for any number. An item that is larger is
            alone in its batch.
    """
    found: list[list[Any]] = []
    empty = _size({**common, "Items": []})
    size = empty
    for item in items:
        size += _size(item) + 1
        if not found or len(found[-1]) == most or (largest and size > largest):
            found.append([])
            size = empty + _size(item)
        found[-1].append(item)
    return [{**common, "Items": batch} for batch in found]


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":")).encode())

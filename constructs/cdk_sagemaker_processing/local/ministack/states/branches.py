"""Parallel and Map states: their branches' events, and how one branch's failure ends the others."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import maps
from cdk_sagemaker_processing.local.ministack.states.place import Done, Place, here, standing
from cdk_sagemaker_processing.local.ministack.states.scope import EndedError, Ending

_Data = dict[str, Any]
_Result = tuple[Any, str | None]

_WITHOUT_EXECUTION = frozenset({"Pass", "Choice", "Wait"})


def _run_sub_machine(
    _original: Callable[..., Any],
    states: _Data,
    start_at: str,
    input_data: Any,
    execution: _Data,
    ctx: _Data,
) -> Any:
    outer = here()
    outer.scope.check()
    is_branch = outer.execution is execution
    key = (start_at, ctx["Map"]["Item"]["Index"] if is_branch and outer.group == "Map" else None)
    before = outer.left.pop(key, None) if is_branch else None
    if isinstance(before, Done):
        outer.branches[key] = before
        return copy.deepcopy(before.output)
    with outer.scope.child() as scope:
        place = Place(execution, scope, outer.last_event if is_branch else 0)
        outer.branches[key] = place
        kept = before.context if before and before.context else ctx
        place.at({**ctx, "variables": dict(kept.get("variables", {}))})
        try:
            with standing(place), _iteration(outer, execution, ctx):
                output = walk(states, start_at, input_data, place, before)
        except sfn._ExecutionError as error:
            if is_branch:
                outer.scope.end(Ending(error.error, error.cause))
            raise
    outer.branches[key] = Done(output)
    return output


@contextmanager
def _iteration(outer: Place, execution: _Data, ctx: _Data) -> Iterator[None]:
    if outer.group != "Map" or outer.execution is not execution:
        yield
        return
    about = {"name": outer.state, "index": ctx["Map"]["Item"]["Index"]}

    def write(what: str) -> None:
        details = {f"mapIteration{what}EventDetails": about}
        sfn._add_event(execution, f"MapIteration{what}", details)

    write("Started")
    try:
        yield
    except EndedError:
        write("Aborted")
        raise
    except Exception:
        write("Failed")
        raise
    write("Succeeded")


def walk(states: _Data, start_at: str, data: Any, place: Place, before: Place | None = None) -> Any:
    """Walk through states to the end of their machine.

    Args:
        states: The machine's states by their names.
        start_at: The first one's name.
        data: Its input.
        place: Where the walk is.
        before: Where an earlier attempt ended, to go on there.
    """
    name: str | None = start_at
    if before is not None and before.state:
        place.back_at(before)
        data, name = _leave(before.state, states[before.state], json.loads(before.input), place)
    while name:
        place.scope.check()
        entered = {"stateEnteredEventDetails": {"name": name, "input": json.dumps(data)}}
        sfn._add_event(place.execution, f"{states[name]['Type']}StateEntered", entered)
        data, name = _leave(name, states[name], data, place)
    return data


def _leave(name: str, state: _Data, data: Any, place: Place) -> _Result:
    place.context["State"] = {"Name": name, "EnteredTime": now_iso()}
    kind = state["Type"]
    output, following = _run(kind, state, data, place)
    exited = {"stateExitedEventDetails": {"name": name, "output": json.dumps(output)}}
    sfn._add_event(place.execution, f"{kind}StateExited", exited)
    return output, following


def _run(kind: str, state: _Data, data: Any, place: Place) -> _Result:
    context = place.context
    if kind == "Fail":
        raise sfn._ExecutionError(*sfn._fail_state_error(state, data, context))
    if kind == "Succeed":
        data = sfn._apply_input_path(state, data, context)
        return sfn._apply_output_path(state, data, context), None
    arguments = (context,) if kind in _WITHOUT_EXECUTION else (place.execution, context)
    function: Callable[..., _Result] = getattr(sfn, f"_execute_{kind.lower()}")
    return function(state, data, *arguments)


def _execute_parallel(
    original: Callable[..., _Result], state_def: _Data, raw_input: Any, execution: _Data, ctx: _Data
) -> _Result:
    here().at(ctx)
    return original(state_def, raw_input, execution, ctx)


def _run_parallel_branches(
    original: Callable[..., _Result], state_def: _Data, raw_input: Any, execution: _Data, ctx: _Data
) -> _Result:
    with _group("Parallel"):
        if sfn._state_query_language(state_def, ctx) != "JSONata":
            return original(state_def, raw_input, execution, ctx)
        arguments = sfn._apply_jsonata_arguments(state_def, raw_input, ctx)
        results, following = original(state_def, arguments, execution, ctx)
        output = sfn._apply_jsonata_output(
            state_def, raw_input, ctx, result=results, default=results
        )
        sfn._apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, following


def _run_map_items(
    original: Callable[..., _Result], state_def: _Data, raw_input: Any, execution: _Data, ctx: _Data
) -> _Result:
    if maps.is_distributed(state_def):
        with _group("Map"):
            return original(state_def, raw_input, execution, ctx)
    count = len(maps.items(state_def, raw_input, ctx))
    at_a_time = maps.iterations_at_a_time(state_def, raw_input, ctx)
    with _group("Map", {"length": count}):
        return original({**state_def, "MaxConcurrency": at_a_time}, raw_input, execution, ctx)


@contextmanager
def _group(kind: str, about: _Data | None = None) -> Iterator[None]:
    place = here()
    details = {f"{kind.lower()}StateStartedEventDetails": about} if about else None
    sfn._add_event(place.execution, f"{kind}StateStarted", details)
    scope, group = place.scope, place.group
    with scope.child() as inner:
        place.scope, place.group = inner, kind
        try:
            yield
        except sfn._ExecutionError:
            sfn._add_event(place.execution, f"{kind}StateFailed")
            raise
        finally:
            place.scope, place.group = scope, group
    sfn._add_event(place.execution, f"{kind}StateSucceeded")


MENDS = {
    "_run_sub_machine": _run_sub_machine,
    "_execute_parallel": _execute_parallel,
    "_execute_map": _execute_parallel,
    "_run_parallel_branches": _run_parallel_branches,
    "_run_map_items": _run_map_items,
}

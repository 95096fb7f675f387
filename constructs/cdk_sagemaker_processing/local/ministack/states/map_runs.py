"""Distributed Map states: each item, or batch of items, is an execution of its own.

MiniStack's items know neither their own execution's name, id and input (so that whatever is named
by them is the parent's), nor JSONata, batches, the events of a history or a stop of the parent; it
starts every item though the first one failed. Not done here either: ResultWriter, which fails with
a word of it, and the redrive of a Map Run.
"""

import contextvars
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import maps
from cdk_sagemaker_processing.local.ministack.states.place import here, role_arn
from cdk_sagemaker_processing.local.ministack.states.scope import EndedError, Ending

_Data = dict[str, Any]

# The least that an account may have at a time by default:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_MOST_AT_A_TIME = 1000
_COUNTS = (
    "pending",
    "running",
    "succeeded",
    "failed",
    "timedOut",
    "aborted",
    "total",
    "resultsWritten",
    "failuresNotRedrivable",
    "pendingRedrive",
)
_TOLERATED = {
    "ToleratedFailureCount": "toleratedFailureCount",
    "ToleratedFailurePercentage": "toleratedFailurePercentage",
}
_EXCEEDED = "States.ExceedToleratedFailureThreshold"


def _run_distributed_map(  # noqa: PLR0917 - MiniStack calls it so
    _original: Callable[..., Any],
    state_def: _Data,
    raw_input: Any,
    effective: Any,
    iterator: _Data,
    execution: _Data,
    ctx: _Data,
) -> tuple[Any, str | None]:
    if "ResultWriter" in state_def:
        raise sfn._ExecutionError(
            "States.ResultWriterFailed",
            "The local cloud writes no results of a Map Run: leave ResultWriter out there, and "
            "have the jobs write to S3",
        )
    state = _State(state_def, raw_input, effective, ctx)
    run = _MapRun.begin(state, execution, len(inputs := state.inputs()))
    sfn._add_event(
        execution, "MapRunStarted", {"mapRunStartedEventDetails": {"mapRunArn": run.arn}}
    )
    try:
        results = run.run(iterator, inputs)
    except sfn._ExecutionError as error:
        details = {"error": error.error, "cause": error.cause}
        sfn._add_event(execution, "MapRunFailed", {"mapRunFailedEventDetails": details})
        raise
    sfn._add_event(execution, "MapRunSucceeded")
    return state.output(results), sfn._next_or_end(state_def)


@dataclass(frozen=True, slots=True)
class _State:
    """The Map state and what it was given."""

    definition: _Data
    raw_input: Any
    effective: Any
    context: _Data

    @property
    def is_jsonata(self) -> bool:
        return bool(sfn._state_query_language(self.definition, self.context) == "JSONata")

    def inputs(self) -> list[Any]:
        """The input of each child execution."""
        items = [self._selected(at, item) for at, item in enumerate(self._items())]
        batcher = self.definition.get("ItemBatcher")
        return items if batcher is None else self._batches(batcher, items)

    def _batches(self, batcher: _Data, items: list[Any]) -> list[Any]:
        given = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
        limits = {**self.definition, **batcher}
        most, largest = (
            int(maps.number(limits, name, self.raw_input, self.context))
            for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
        )
        return maps.batches(items, self._filled(given), most, largest)

    def number(self, name: str) -> float:
        """A field of the state that may be a number, a path to one or an expression."""
        return maps.number(self.definition, name, self.raw_input, self.context)

    def output(self, results: list[Any]) -> Any:
        """The state's output."""
        state, given = self.definition, self.raw_input
        if self.is_jsonata:
            output = sfn._apply_jsonata_output(
                state, given, self.context, result=results, default=results
            )
            sfn._apply_state_assign(state, given, self.context, result=results)
            return output
        selected = sfn._apply_result_selector(state, results)
        output = sfn._apply_result_path(state, given, selected)
        return sfn._apply_output_path(state, output, self.context)

    def _items(self) -> list[Any]:
        if reader := self.definition.get("ItemReader"):
            found = {**reader, "Parameters": self._filled(_arguments(reader))}
            items = sfn._read_map_items(found, self.effective, self.context)
            if not isinstance(items, list):
                raise sfn._ExecutionError(
                    "States.ItemReaderFailed", "Attempting to map over non-iterable node."
                )
            return items
        return maps.items(self.definition, self.raw_input, self.context)

    def _selected(self, index: int, item: Any) -> Any:
        selector = self.definition.get("ItemSelector") or self.definition.get("Parameters")
        if not selector:
            return item
        about = {**self.context, "Map": {"Item": {"Index": index, "Value": item}}}
        return self._filled(selector, about)

    def _filled(self, template: Any, context: _Data | None = None) -> Any:
        about = context or self.context
        if self.is_jsonata:
            return sfn._apply_jsonata_template(template, self.raw_input, about)
        return sfn._resolve_params_obj(template, self.effective, about)


def _arguments(reader: _Data) -> _Data:
    return reader.get("Arguments") or reader.get("Parameters") or {}


@dataclass(slots=True)
class _MapRun:
    """A Map Run: its record, and how many of its children may fail."""

    state: _State
    parent: _Data
    record: _Data
    _lock: Lock = field(default_factory=Lock)

    @property
    def arn(self) -> str:
        return str(self.record["mapRunArn"])

    @classmethod
    def begin(cls, state: _State, parent: _Data, total: int) -> "_MapRun":
        _, _, _, region, account, _, machine = parent["stateMachineArn"].split(":")
        label = state.definition.get("Label") or str(uuid.uuid4())
        prefix = f"arn:aws:states:{region}:{account}"
        record = {
            "mapRunArn": f"{prefix}:mapRun:{machine}/{label}:{uuid.uuid4()}",
            "executionArn": parent["executionArn"],
            "status": "RUNNING",
            "startDate": now_iso(),
            "maxConcurrency": int(state.number("MaxConcurrency")),
            "toleratedFailurePercentage": state.number("ToleratedFailurePercentage"),
            "toleratedFailureCount": int(state.number("ToleratedFailureCount")),
            "itemCounts": dict.fromkeys(_COUNTS, 0) | {"total": total, "pending": total},
            "executionCounts": dict.fromkeys(_COUNTS, 0) | {"total": total, "pending": total},
            "redriveCount": 0,
            "_stateMachineArn": f"{prefix}:stateMachine:{machine}/{label}",
        }
        run = cls(state, parent, record)
        sfn._map_runs[run.arn] = record
        return run

    def run(self, iterator: _Data, inputs: list[Any]) -> list[Any]:
        """Run the children to their ends; of those that failed the result is none.

        Raises:
            _ExecutionError: More failed than may, or the parent was ended.
        """
        workers = self.record["maxConcurrency"] or min(len(inputs), _MOST_AT_A_TIME) or 1
        with ThreadPoolExecutor(workers) as pool:
            started = [
                pool.submit(contextvars.copy_context().run, self._child, iterator, given)
                for given in inputs
            ]
            results = [one.result() for one in started]
        ending = here().scope.ending
        self.record |= {
            "status": "SUCCEEDED" if ending is None else _status(ending),
            "stopDate": now_iso(),
        }
        if ending is not None:
            raise EndedError(ending)
        return [one for one in results if one is not _NO_RESULT]

    def _child(self, iterator: _Data, given: Any) -> Any:
        if here().scope.ending is not None:
            self._count("pending", "aborted")
            return _NO_RESULT
        child = self._record_of(given, iterator)
        sfn._executions[child["executionArn"]] = child
        self._count("pending", "running")
        with self._ended(child):
            result = sfn._run_sub_machine(
                iterator["States"], iterator["StartAt"], given, child, self._context_of(child)
            )
            output = json.dumps(result)
            child |= {"status": "SUCCEEDED", "output": output, "stopDate": now_iso()}
            details = {"executionSucceededEventDetails": {"output": output}}
            sfn._add_event(child, "ExecutionSucceeded", details)
            self._count("running", "succeeded")
            return result
        return _NO_RESULT

    @contextmanager
    def _ended(self, child: _Data) -> Iterator[None]:
        try:
            yield
        except EndedError as ended:
            _end(child, "ABORTED", ended)
            self._count("running", "aborted")
        except sfn._ExecutionError as error:
            _end(child, "FAILED", error)
            self._count("running", "failed")
            self._judge()

    def _judge(self) -> None:
        """End the others once more have failed than may."""
        if self.record["executionCounts"]["failed"] > self._tolerated():
            cause = "The specified tolerated failure threshold was exceeded"
            here().scope.end(Ending(_EXCEEDED, cause))

    def _tolerated(self) -> float:
        """How many may fail, as UpdateMapRun may have changed it in the meantime."""
        count, share = (self.record[name] for name in _TOLERATED.values())
        limits = zip(
            _TOLERATED, (count, share * self.record["executionCounts"]["total"] / 100), strict=True
        )
        named = {name.removesuffix("Path") for name in self.state.definition}
        return min((limit for name, limit in limits if limit or name in named), default=0)

    def _count(self, before: str, after: str) -> None:
        with self._lock:
            for counts in (self.record["itemCounts"], self.record["executionCounts"]):
                counts[before] -= 1
                counts[after] += 1

    def _record_of(self, given: Any, iterator: _Data) -> _Data:
        name, started, text = str(uuid.uuid4()), now_iso(), json.dumps(given)
        machine = self.record["_stateMachineArn"]
        about = {"input": text, "roleArn": role_arn(self.parent)}
        return {
            "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
            "stateMachineArn": machine,
            "name": name,
            "status": "RUNNING",
            "startDate": started,
            "stopDate": None,
            "input": text,
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "mapRunArn": self.arn,
            "definition": json.dumps(iterator),
            "testCase": self.parent.get("testCase"),
            "mockAttempts": {},
            "events": [
                {
                    "id": 1,
                    "previousEventId": 0,
                    "type": "ExecutionStarted",
                    "timestamp": started,
                    "executionStartedEventDetails": about,
                }
            ],
        }

    def _context_of(self, child: _Data) -> _Data:
        machine = child["stateMachineArn"]
        return {
            "QueryLanguage": self.state.context.get("QueryLanguage", "JSONPath"),
            "Execution": {
                "Id": child["executionArn"],
                "Input": json.loads(child["input"]),
                "Name": child["name"],
                "StartTime": child["startDate"],
            },
            "StateMachine": {"Id": machine, "Name": machine.rpartition(":")[2]},
            "variables": {},
        }


_NO_RESULT = object()


def machine_of(child: _Data) -> _Data:
    """The machine of an item's execution, as DescribeStateMachineForExecution tells it."""
    arn = child["stateMachineArn"]
    return {
        "stateMachineArn": arn,
        "name": arn.rpartition(":")[2],
        "definition": child["definition"],
        "roleArn": child["events"][0]["executionStartedEventDetails"]["roleArn"],
        "updateDate": child["startDate"],
        "mapRunArn": child["mapRunArn"],
        "label": arn.rpartition("/")[2],
    }


def _status(ending: Ending) -> str:
    return "FAILED" if ending.error == _EXCEEDED else "ABORTED"


def _end(child: _Data, status: str, error: Any) -> None:
    details: Mapping[str, str] = {"error": error.error, "cause": error.cause}
    child |= {"status": status, "stopDate": now_iso(), **details}
    event = f"Execution{status.title()}"
    sfn._add_event(child, event, {f"execution{status.title()}EventDetails": details})


MENDS = {"_run_distributed_map": _run_distributed_map}

"""State machines in the Amazon States Language, written short."""

import uuid
from itertools import chain as chain_of
from itertools import count, pairwise
from typing import Any

from tests.local_aws import CREATE, IMAGE

State = dict[str, Any]

_WITHOUT_NEXT = frozenset({"Choice", "Succeed", "Fail"})


def chain(*states: State, **machine: Any) -> State:
    """Return a machine of states one after the other, named `S0`, `S1`...

    A state within a branch that is called like another has a `'` after its name: names are unique
    in the whole machine.
    """
    named = {f"S{index}": dict(state) for index, state in enumerate(states)}
    for state, following in pairwise(named):
        if named[state]["Type"] not in _WITHOUT_NEXT and "End" not in named[state]:
            named[state].setdefault("Next", following)
    last = list(named.values())[-1]
    if last["Type"] not in _WITHOUT_NEXT:
        last["End"] = True
    return apart({"StartAt": "S0", "States": named, **machine})


def apart(machine: State) -> State:
    """Return a machine whose inner states are called otherwise than all others."""
    return _apart(machine, set())


def _apart(machine: State, taken: set[str]) -> State:
    if "States" not in machine:
        return machine
    names = {name: _free(name, taken) for name in machine["States"]}
    moved = {names[name]: _moved(state, names) for name, state in machine["States"].items()}
    for state in moved.values():
        if "Branches" in state:
            state["Branches"] = [_apart(branch, taken) for branch in state["Branches"]]
        for field in {"ItemProcessor", "Iterator"} & state.keys():
            state[field] = _apart(state[field], taken)
    start = names.get(machine["StartAt"], machine["StartAt"])
    return {**machine, "StartAt": start, "States": moved}


def _free(name: str, taken: set[str]) -> str:
    others = (f"{name}'{number}" for number in count(2))
    free = next(one for one in chain_of([name, f"{name}'"], others) if one not in taken)
    taken.add(free)
    return free


def _moved(state: State, names: dict[str, str]) -> State:
    moved = dict(state)
    for field in {"Next", "Default"} & state.keys():
        moved[field] = names.get(state[field], state[field])
    for field in {"Choices", "Catch"} & state.keys():
        moved[field] = [_moved(rule, names) for rule in state[field]]
    return moved


def jsonata(*states: State, **machine: Any) -> State:
    """Return such a machine whose query language is JSONata."""
    return chain(*states, QueryLanguage="JSONata", **machine)


def fail(error: str, cause: str = "asked to") -> State:
    """Return a state that fails the execution."""
    return {"Type": "Fail", "Error": error, "Cause": cause}


def parallel(*branches: State, **others: Any) -> State:
    """Return a Parallel state."""
    return {"Type": "Parallel", "Branches": list(branches), **others}


def item_map(processor: State, **others: Any) -> State:
    """Return a Map state."""
    return {"Type": "Map", "ItemProcessor": processor, **others}


def job(role: str, *, pattern: str = ".sync", environment: State | None = None) -> State:
    """Return a task that runs a processing job, with no `Next`.

    Args:
        role: The job's role.
        pattern: `.sync`, or nothing to go on once the job is accepted.
        environment: What the job is asked to do; see `fake_cloud.py`.
    """
    return {
        "Type": "Task",
        "Resource": f"{CREATE}{pattern}",
        "Parameters": {
            "ProcessingJobName.$": f"States.Format('{uuid.uuid4().hex[:20]}-{{}}', States.UUID())",
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 30,
                }
            },
            "AppSpecification": {"ImageUri": IMAGE},
            "RoleArn": role,
            "Environment": environment or {},
        },
    }


def attempts(*errors: str, **others: Any) -> State:
    """Return a Parallel state whose n-th attempt fails with the n-th error.

    When there are no more errors it succeeds, and its output is `[{"attempt": n}]` with the number
    of retries.
    """
    rules = [
        {"Variable": "$.attempt", "NumericEquals": at, "Next": f"F{at}"}
        for at in range(len(errors))
    ]
    states = {f"F{at}": fail(error) for at, error in enumerate(errors)}
    which = {"Type": "Choice", "Choices": rules, "Default": "Done"}
    branch = {"StartAt": "Which", "States": {"Which": which, "Done": {"Type": "Succeed"}, **states}}
    if not rules:
        branch = chain({"Type": "Pass"})
    return parallel(branch, Parameters={"attempt.$": "$$.State.RetryCount"}, **others)

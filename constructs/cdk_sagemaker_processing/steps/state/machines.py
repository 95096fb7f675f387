"""Checks at synth of what no state can see: the state machine around it.

The CDK tells a state its machine's language only at the machine's top level;
inside ``Parallel`` and ``Map`` it tells nothing, and a step without a language
of its own renders in JSONPath. In a JSONata machine Step Functions would
refuse that at deploy.

Nor does a state know that it stands in a ``Map``, whose iterations would all
write to one place, or that the step whose output it reads is in another
machine, whose executions have other names. These may be meant, so they are
warnings. Nor that nobody assigns the variable of a parameter that it holds,
that the step it reads from is in an iteration of a distributed Map, which is
an execution with a name of its own, or that it is in an express one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import aws_stepfunctions as sfn
from constructs import IValidation

from cdk_sagemaker_processing.cdk.tree import stack_of
from cdk_sagemaker_processing.steps.caching.scope import has_cache, readers_out_of_scope
from cdk_sagemaker_processing.steps.caching.variables import source
from cdk_sagemaker_processing.steps.container import EVENT_LOGS_OUTPUT
from cdk_sagemaker_processing.steps.state.callers_name import has_callers_name
from cdk_sagemaker_processing.steps.state.definitions import (
    is_distributed,
    plain,
    read,
    scopes,
    states_in,
)
from cdk_sagemaker_processing.steps.state.sizes import is_large, sizes

__all__ = [
    "Member",
    "check_machines",
    "elsewhere",
    "express",
    "misplaced",
    "overwriting",
    "unassigned",
]

_ID = "cdk-sagemaker-processing:"
# What is the same in all iterations of a Map, or never twice, though it is no path.
_OF_EXECUTION = ("$$.Execution.", "$states.context.Execution.")
_UNIQUE = ("States.UUID", "States.MathRandom")


@dataclass(frozen=True, slots=True)
class Member:
    """A step of a state machine, as far as the machine's other steps matter.

    Attributes:
        path: The step's path in the app.
        jobs: What the names of its jobs begin with.
        reads: What the names of the jobs begin with whose outputs it reads,
            where these lie under the execution's name.
        variables: The names of the workflow variables that its request holds.
    """

    path: str
    jobs: str
    reads: frozenset[str]
    variables: frozenset[str] = frozenset()


def check_machines(stack: cdk.Stack, member: Member) -> None:
    """Have the stack's state machines checked at synth, once however many steps ask."""
    if stack not in _checks:
        _checks[stack] = _Machines(stack)
        stack.node.add_validation(_checks[stack])
    _checks[stack].members[member.path] = member


@jsii.implements(IValidation)
class _Machines:
    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self.members: dict[str, Member] = {}

    def validate(self) -> list[str]:
        found: list[str] = []
        for construct in self._stack.node.find_all():
            if isinstance(construct, sfn.CfnStateMachine):
                found += self._check(construct)
        return found

    def _check(self, machine: sfn.CfnStateMachine) -> list[str]:
        # In its own stack: resolved in another, a mapping would be copied there.
        stack = stack_of(machine)
        resolved = stack.resolve(machine.definition_string)
        text = plain(resolved)
        definition = read(text)
        # A nested stack that has steps has a check of its own, for what is of the machine alone.
        large = sizes(machine, resolved) if _checks.get(stack, self) is self else []
        if is_large(resolved):
            _check_templates(stack, self._stack)
        for size in large:
            if not size.is_error:
                _warn(machine, size.what, size.text)
        mixed = [name for name in overwriting(definition) if has_cache(name, definition)]
        for name in overwriting(definition):
            if name not in mixed:
                _warn(machine, f"map:{name}", _OVERWRITING.format(name=name))
        strangers = _strangers(text, self.members.values())
        for path in strangers if not has_callers_name(machine) else ():
            _warn(machine, f"output:{path}", _STRANGER.format(path=path))
        paths = {source(path): path for path in self.members}
        wrong = [
            *(size.text for size in large if size.is_error),
            *(_MIXING.format(name=name) for name in mixed),
            *(
                _OUT_OF_SCOPE.format(name=name, path=paths.get(run, "of another stack"))
                for name, run in readers_out_of_scope(definition)
            ),
            *(_MISPLACED.format(name=name) for name in misplaced(definition)),
            *(
                _UNASSIGNED.format(path=path, name=name)
                for path, name in unassigned(definition, self.members.values())
            ),
            *(
                _ELSEWHERE.format(path=path)
                for path in elsewhere(definition, self.members.values())
            ),
            *(
                _EXPRESS.format(name=name)
                for name in express(definition, machine.state_machine_type)
            ),
        ]
        return [f"{machine.node.path}: {one}" for one in wrong]


_checks: WeakKeyDictionary[cdk.Stack, _Machines] = WeakKeyDictionary()


def _check_templates(*stacks: cdk.Stack) -> None:
    # It costs time to load, which few apps need.
    from cdk_sagemaker_processing.checks.template_sizes import check_template_of  # noqa: PLC0415

    for stack in stacks:
        check_template_of(stack)


_MISPLACED = (
    "the state {name!r} inside a Parallel or Map was rendered in JSONPath, but the state machine "
    "is JSONata, and the CDK does not tell inner states: give the step "
    "query_language=sfn.QueryLanguage.JSONATA"
)
_UNASSIGNED = (
    "the step {path!r} holds the variable ${name}, which no state assigns where the step could see "
    "it: name the WorkflowParameter {name!r} in the parameters of its ProcessingWorkflow; within a "
    "distributed Map, which sees no variables from outside, give it the value by item_selector"
)
_ELSEWHERE = (
    "the step {path!r} reads the output of a step on the other side of a distributed Map's border; "
    "each iteration is an execution, and that output lies under the name of another one. Give the "
    "ProcessingOutput a destination that both know: one with processing.Execution.name() outside "
    "the Map, and inside with the same name, handed in by item_selector="
    "{{'run': sfn.JsonPath.execution_name}} as processing.StateInput.text('run')"
)
_EXPRESS = (
    "the step {name!r} waits for its job, which express executions cannot: make the state machine, "
    "or the distributed Map's map_execution_type, STANDARD, or give the step "
    "integration_pattern=sfn.IntegrationPattern.REQUEST_RESPONSE"
)
_OVERWRITING = (
    "the step {name!r} stands in a Map, and all iterations write an output to the same place, one "
    "over the other: give the ProcessingOutput a destination that holds a value of the iteration, "
    "such as sfn.JsonPath.string_at('$$.Map.Item.Index')"
)
_MIXING = (
    "the step {name!r} has a cache and stands in a Map, and all iterations write an output to the "
    "same place, where nobody could tell whose it is: give the ProcessingOutput a destination that "
    "holds processing.Execution.name() and a value of the iteration, such as "
    "sfn.JsonPath.string_at('$$.Map.Item.Index'), or the step no cache"
)
_OUT_OF_SCOPE = (
    "the state {name!r} reads the output of the step {path!r}, which has a cache, and does not see "
    "whose output it is: what a branch of a Parallel or an iteration of a Map finds out is not "
    "seen outside, nor anything from outside in a distributed Map or another state machine. Put "
    "the two next to each other (with from_steps, let what runs beside {path!r} wait for it, by "
    "depends_on), take the URI from the step's result (result_name), or give the step no cache"
)
_STRANGER = (
    "the step {path!r} reads the output of a step that is not in this state machine; that output "
    "lies under the name of an execution of the other machine: give the ProcessingOutput a "
    "destination that both know, or start both executions by the same name"
)


def misplaced(definition: Mapping[str, Any]) -> list[str]:
    """The names of the JSONPath tasks in a JSONata machine's definition."""
    if definition.get("QueryLanguage") != "JSONata":
        return []
    return [
        name
        for name, state in states_in(definition)
        if "Parameters" in state and state.get("QueryLanguage", "JSONata") == "JSONata"
    ]


def unassigned(definition: Mapping[str, Any], members: Iterable[Member]) -> list[tuple[str, str]]:
    """The steps of a machine that hold variables which it does not assign, and these."""
    asking = [one for one in members if one.variables]
    if not asking:
        return []
    found = []
    for states in scopes(definition):
        text = json.dumps(states)
        assigned = {name for state in states for name in _assigned(state)}
        found += [
            (one.path, name)
            for one in asking
            if one.jobs in text
            for name in sorted(one.variables - assigned)
        ]
    return list(dict.fromkeys(found))


def _assigned(state: Mapping[str, Any]) -> Iterator[str]:
    for one in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (name.removesuffix(".$") for name in one.get("Assign", {}))


def elsewhere(definition: Mapping[str, Any], members: Iterable[Member]) -> list[str]:
    """The steps of a machine that read what another of its executions writes."""
    reading = [one for one in members if one.reads]
    if not reading:
        return []
    texts = [json.dumps(states) for states in scopes(definition)]
    return [
        one.path
        for one in reading
        for text in texts
        if one.jobs in text and any(_is_in(others, one.reads, text) for others in texts)
    ]


def _is_in(others: str, jobs: Iterable[str], text: str) -> bool:
    return any(one in others and one not in text for one in jobs)


def express(definition: Mapping[str, Any], kind: str | None = None) -> list[str]:
    """The names of the states that wait for jobs in executions that cannot.

    Args:
        definition: The machine's definition.
        kind: The machine's type; ``STANDARD`` by default.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """
    inside = [
        state["ItemProcessor"]
        for _, state in states_in(definition)
        if is_distributed(state)
        and state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType") == "EXPRESS"
    ]
    return [
        name
        for machine in ([definition] if kind == "EXPRESS" else inside)
        for name, state in states_in(machine)
        if state.get("Resource", "").endswith(":sagemaker:createProcessingJob.sync")
    ]


def overwriting(definition: Mapping[str, Any]) -> list[str]:
    """The names of the jobs in a Map of which each iteration writes to the same place."""
    return [
        name
        for _, state in states_in(definition)
        if state["Type"] == "Map" and not is_distributed(state)
        for name, inner in states_in(state.get("ItemProcessor") or state.get("Iterator") or {})
        if any(map(_is_fixed, _destinations(inner)))
    ]


def _destinations(state: Mapping[str, Any]) -> Iterator[str]:
    """Where a job's outputs go; not Spark's event logs, which have names of their own."""
    request = state.get("Parameters") or state.get("Arguments") or {}
    if "createProcessingJob" in state.get("Resource", ""):
        for output in request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
            to = output.get("S3Output", {})
            if output.get("OutputName") != EVENT_LOGS_OUTPUT:
                yield to.get("S3Uri") or to.get("S3Uri.$", "")


def _is_fixed(uri: str) -> bool:
    for one in _OF_EXECUTION:
        uri = uri.replace(one, "")
    return "$" not in uri and not any(one in uri for one in _UNIQUE)


def _strangers(text: str, members: Iterable[Member]) -> list[str]:
    """The steps of a machine that read what another machine's steps write."""
    return [
        one.path
        for one in members
        if one.jobs in text and not all(jobs in text for jobs in one.reads)
    ]


def _warn(machine: sfn.CfnStateMachine, what: str, message: str) -> None:
    cdk.Annotations.of(machine).add_warning_v2(f"{_ID}{what}", message)

"""Checks at synth of what no state can see: the state machine around it.

The CDK tells a state its machine's language only at the machine's top level;
inside ``Parallel`` and ``Map`` it tells nothing, and a step without a language
of its own renders in JSONPath. In a JSONata machine Step Functions would
refuse that at deploy.

Nor does a state know that it stands in a ``Map``, whose iterations would all
write to one place, or that the step whose output it reads is in another
machine, whose executions have other names, or runs after it. These may be
meant, so they are warnings. Nor that nobody assigns the variable of a parameter that it holds,
that the step it reads from is in an iteration of a distributed Map, which is
an execution with a name of its own, or that it is in an express one.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import aws_stepfunctions as sfn
from constructs import IValidation

from cdk_sagemaker_processing.cdk.tree import stack_of
from cdk_sagemaker_processing.steps.caching.scope import has_cache, readers_out_of_scope
from cdk_sagemaker_processing.steps.caching.variables import source
from cdk_sagemaker_processing.steps.state.callers_name import has_callers_name
from cdk_sagemaker_processing.steps.state.definitions import plain, read
from cdk_sagemaker_processing.steps.state.machine_rules import (
    Member,
    elsewhere,
    express,
    misplaced,
    overwriting,
    strangers,
    unassigned,
)
from cdk_sagemaker_processing.steps.state.order import too_early
from cdk_sagemaker_processing.steps.state.sizes import is_large, sizes

__all__ = ["Member", "check_machines"]

_ID = "cdk-sagemaker-processing:"


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
        self._warn_of_places(machine, text, definition)
        for path, written in too_early(definition, self.members.values()):
            _warn(machine, f"order:{path}", _TOO_EARLY.format(path=path, written=written))
        wrong = [size.text for size in large if size.is_error]
        wrong += self._wrong(machine, definition)
        return [f"{machine.node.path}: {one}" for one in wrong]

    def _warn_of_places(
        self, machine: sfn.CfnStateMachine, text: str, definition: Mapping[str, Any]
    ) -> None:
        """Outputs in places that may be meant, though they rarely are."""
        for name in overwriting(definition):
            if not has_cache(name, definition):
                _warn(machine, f"map:{name}", _OVERWRITING.format(name=name))
        if not has_callers_name(machine):
            for path in strangers(text, self.members.values()):
                _warn(machine, f"output:{path}", _STRANGER.format(path=path))

    def _wrong(self, machine: sfn.CfnStateMachine, definition: Mapping[str, Any]) -> Iterator[str]:
        members = self.members.values()
        for name in overwriting(definition):
            if has_cache(name, definition):
                yield _MIXING.format(name=name)
        paths = {source(path): path for path in self.members}
        for name, run in readers_out_of_scope(definition):
            yield _OUT_OF_SCOPE.format(name=name, path=paths.get(run, "of another stack"))
        for name in misplaced(definition):
            yield _MISPLACED.format(name=name)
        for path, name in unassigned(definition, members):
            yield _UNASSIGNED.format(path=path, name=name)
        for path in elsewhere(definition, members):
            yield _ELSEWHERE.format(path=path)
        for name in express(definition, machine.state_machine_type):
            yield _EXPRESS.format(name=name)


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

_TOO_EARLY = (
    "the step {path!r} reads the output of the step {written!r}, which does not run before it in "
    "this state machine: put it behind that by .next(), or have the order found by "
    "ProcessingWorkflow.from_steps(...)"
)


def _warn(machine: sfn.CfnStateMachine, what: str, message: str) -> None:
    cdk.Annotations.of(machine).add_warning_v2(f"{_ID}{what}", message)

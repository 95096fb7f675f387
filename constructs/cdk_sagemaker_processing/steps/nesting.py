"""A check at synth of what no state can see: the query language of the machine around it.

The CDK tells a state its machine's language only at the machine's top level;
inside ``Parallel`` and ``Map`` it tells nothing, and a step without a language
of its own renders in JSONPath. In a JSONata machine Step Functions would
refuse that at deploy.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakSet

import aws_cdk as cdk
import jsii
from aws_cdk import aws_stepfunctions as sfn
from constructs import IConstruct, IValidation

__all__ = ["check_languages", "misplaced"]

_checked: WeakSet[cdk.Stack] = WeakSet()


def check_languages(stack: cdk.Stack) -> None:
    """Have the stack's state machines checked at synth, once however many steps ask."""
    if stack not in _checked:
        _checked.add(stack)
        stack.node.add_validation(_Languages(stack))


@jsii.implements(IValidation)
class _Languages:
    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack

    def validate(self) -> list[str]:
        found: list[str] = []
        for construct in self._stack.node.find_all():
            if isinstance(construct, sfn.CfnStateMachine):
                found += self._wrong(construct)
        return found

    def _wrong(self, machine: sfn.CfnStateMachine) -> list[str]:
        # In its own stack: resolved in another, a mapping would be copied there.
        text = _plain(cdk.Stack.of(machine).resolve(machine.definition_string))
        return [_message(machine, name) for name in misplaced(json.loads(text))] if text else []


def misplaced(definition: Mapping[str, Any]) -> list[str]:
    """The names of the JSONPath tasks in a JSONata machine's definition."""
    if definition.get("QueryLanguage") != "JSONata":
        return []
    return [
        name
        for name, state in _states(definition)
        if "Parameters" in state and state.get("QueryLanguage", "JSONata") == "JSONata"
    ]


def _states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a machine, those of branches and iterations too."""
    for name, state in machine.get("States", {}).items():
        yield name, state
        inner = [*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")]
        for one in inner:
            if one:
                yield from _states(one)


def _plain(resolved: Any) -> str:
    """A resolved definition with something plain for each intrinsic function."""
    if isinstance(resolved, str):
        return resolved
    pieces = resolved["Fn::Join"][1] if resolved and "Fn::Join" in resolved else ()
    # A digit is JSON inside a string and, for a number that CloudFormation fills in, outside.
    return "".join(piece if isinstance(piece, str) else "0" for piece in pieces)


def _message(machine: IConstruct, state: str) -> str:
    return (
        f"{machine.node.path}: the state {state!r} inside a Parallel or Map was rendered in "
        "JSONPath, but the state machine is JSONata, and the CDK does not tell inner states: give "
        "the step query_language=sfn.QueryLanguage.JSONATA"
    )

"""State machines whose executions have the name of the one that started them."""

from weakref import WeakSet

from aws_cdk import aws_stepfunctions as sfn

__all__ = ["give_callers_name", "has_callers_name"]

_named: WeakSet[sfn.StateMachine] = WeakSet()


def give_callers_name(machine: sfn.StateMachine) -> None:
    """Note that a machine's executions are started under the name of the one that starts them."""
    _named.add(machine)


def has_callers_name(machine: sfn.CfnStateMachine) -> bool:
    """Whether they are: what other machines of that name write is where their steps look for it."""
    around = machine.node.scope
    return isinstance(around, sfn.StateMachine) and around in _named

"""Where in an execution the current thread is.

MiniStack's interpreter hands the context object to some of its functions and not to others. Each
thread that walks states keeps it here, beside the scope it runs in and the last event it wrote.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.scope import Scope

Key = tuple[str, int | None]
"""A branch among those of its Parallel or Map state: where it starts, an iteration's index."""


@dataclass(frozen=True, slots=True)
class Done:
    """A branch that has ended well.

    Attributes:
        output: What came of it.
    """

    output: Any


@dataclass(slots=True)
class Place:
    """Where in an execution a thread is.

    Attributes:
        execution: MiniStack's record of the execution.
        scope: What it runs in.
        last_event: The id of the last event it wrote.
        context: The context object, `$$`.
        state: The name of the state it is in.
        entered: The id of the event that entered the state.
        input: The state's input, in JSON.
        branches: Of the Parallel or Map state that it is in, each branch's place, or what came of
            it, by its key.
        left: Of the Parallel or Map state that an earlier attempt of the execution ended in, what
            became of its branches there.
        group: `Parallel` or `Map` while branches of that state run.
        task: The task state, its time limits as numbers.
        parameters: What the task is called with.
        submitted: Whether the attempt's job was accepted.
        rule_matched: Whether a rule of the Choice state matched.
        delay: Before the next attempt, in seconds; None where no attempt follows.
    """

    execution: dict[str, Any]
    scope: Scope
    last_event: int
    context: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    entered: int = 0
    input: str = ""
    branches: dict[Key, "Place | Done"] = field(default_factory=dict)
    left: dict[Key, "Place | Done"] = field(default_factory=dict)
    group: str = ""
    task: dict[str, Any] = field(default_factory=dict)
    parameters: Any = None
    submitted: bool = False
    rule_matched: bool = False
    delay: float | None = None

    def back_at(self, before: "Place") -> None:
        """Be where an earlier attempt of the execution ended."""
        self.state, self.entered, self.input = before.state, before.entered, before.input
        self.last_event = before.entered
        self.left = dict(before.branches)

    def at(self, context: dict[str, Any]) -> None:
        """Take over the context object, with the members that MiniStack leaves out."""
        self.context = context
        about = context.get("Execution", {})
        about.setdefault("RoleArn", role_arn(self.execution))
        about["RedriveCount"] = self.execution.get("redriveCount", 0)


def role_arn(execution: dict[str, Any]) -> str:
    """Return the role of an execution's state machine, as its first event holds it."""
    return str(execution["events"][0]["executionStartedEventDetails"]["roleArn"])


_PLACE: ContextVar[Place | None] = ContextVar("_PLACE", default=None)


def here() -> Place:
    """Return where the current thread is; it must be walking states."""
    place = _PLACE.get()
    if place is None:
        raise RuntimeError("this thread runs no execution")
    return place


def current() -> Place | None:
    """Return where the current thread is, or None outside an execution."""
    return _PLACE.get()


@contextmanager
def standing(place: Place | None) -> Iterator[None]:
    """Be at `place`, or in no execution, while the block runs."""
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)

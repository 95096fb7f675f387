"""Parts of executions, and what is done when they are ended."""

import pytest

from cdk_sagemaker_processing.local.ministack.states.place import current, here
from cdk_sagemaker_processing.local.ministack.states.scope import EndedError, Ending, Scope

STOP = Ending("Stopped", "enough")


def test_what_is_to_be_done_at_the_end_is_done_once() -> None:
    """By the first end, while the block runs."""
    scope, done = Scope(), list[Ending]()
    with scope.on_end(done.append):
        scope.end(STOP)
        scope.end(Ending("Later", "too late"))
    assert (done, scope.ending) == ([STOP], STOP)


def test_what_is_over_before_the_end_is_not_done() -> None:
    """Nobody waits for it any more."""
    scope, done = Scope(), list[Ending]()
    with scope.on_end(done.append):
        pass
    scope.end(STOP)
    assert done == []


def test_what_begins_after_the_end_is_done_at_once() -> None:
    """A task that starts just then would never be told."""
    scope, done = Scope(), list[Ending]()
    scope.end(STOP)
    with scope.on_end(done.append):
        assert done == [STOP]
    with pytest.raises(EndedError), scope.child() as inner:
        inner.check()
    assert done == [STOP]


def test_a_thread_that_walks_no_states_is_nowhere() -> None:
    """What needs an execution says so."""
    assert current() is None
    with pytest.raises(RuntimeError, match="this thread runs no execution"):
        here()

from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.mirror.settings import Settings
from cdk_sagemaker_processing.history_server.mirror.watching import Ending, Restart, Watch

_BEGUN = 1000


def _watch(*, idle: float | None = None, most: float | None = None) -> Watch:
    settings = Settings(Path("/history"), 18080, (), 3, 1, idle, most)
    return Watch(settings, _BEGUN)


def _answering(watch: Watch, *, until: int, connections: int = 0) -> None:
    """Let the server answer and be looked at every second."""
    for second in range(until):
        watch.answered(_BEGUN + second)
        watch.connections(connections, _BEGUN + second)


def test_an_idle_server_ends() -> None:
    """After so long without a connection, since it first answered."""
    watch = _watch(idle=1800)
    watch.answered(_BEGUN + 100)
    assert watch.verdict(_BEGUN + 110) is None
    for second in range(0, 1800, 50):
        watch.answered(_BEGUN + 100 + second)
    assert watch.verdict(_BEGUN + 1899) is None
    watch.answered(_BEGUN + 1890)
    assert watch.verdict(_BEGUN + 1900) == Ending(
        "idle: nobody has used the server for 30 minutes", 0
    )


def test_a_connection_that_lasts_is_use() -> None:
    """The time begins anew when it ends."""
    watch = _watch(idle=60)
    _answering(watch, until=500, connections=1)
    assert watch.verdict(_BEGUN + 500) is None
    watch.connections(0, _BEGUN + 500)
    watch.answered(_BEGUN + 558)
    assert watch.verdict(_BEGUN + 558) is None
    assert watch.verdict(_BEGUN + 559) == Ending("idle: nobody has used the server for 1 minute", 0)


def test_a_connection_that_is_gone_at_the_next_look_is_no_use() -> None:
    """A health check's."""
    watch = _watch(idle=60)
    for second in range(60):
        watch.answered(_BEGUN + second)
        watch.connections(second % 2, _BEGUN + second)
    assert isinstance(watch.verdict(_BEGUN + 60), Ending)


def test_an_old_task_ends() -> None:
    """Used or not."""
    watch = _watch(idle=60, most=90)
    _answering(watch, until=90, connections=1)
    assert watch.verdict(_BEGUN + 89) is None
    assert watch.verdict(_BEGUN + 90) == Ending("too old: the task has run for 1.5 minutes", 0)


def test_without_limits_it_never_ends() -> None:
    """Always on."""
    watch = _watch()
    watch.answered(_BEGUN + 10**9)
    assert watch.verdict(_BEGUN + 10**9 + 59) is None


def test_a_server_that_falls_silent_is_started_again_once() -> None:
    """Then it has five minutes, then the task ends."""
    watch = _watch()
    watch.answered(_BEGUN + 10)
    assert watch.verdict(_BEGUN + 69) is None
    assert watch.verdict(_BEGUN + 70) is Restart.NEEDED
    assert watch.verdict(_BEGUN + 71) is None
    assert watch.verdict(_BEGUN + 369) is None
    assert watch.verdict(_BEGUN + 370) == Ending(
        "the server does not answer, although it was started again", 1
    )


def test_a_server_that_comes_back_may_stay() -> None:
    """Until it falls silent once more: it is not started a third time."""
    watch = _watch()
    watch.answered(_BEGUN + 10)
    assert watch.verdict(_BEGUN + 70) is Restart.NEEDED
    watch.answered(_BEGUN + 100)
    assert watch.verdict(_BEGUN + 159) is None
    watch.answered(_BEGUN + 150)
    assert watch.verdict(_BEGUN + 209) is None
    assert isinstance(watch.verdict(_BEGUN + 210), Ending)


@pytest.mark.parametrize("answers_then", [True, False])
def test_a_server_that_never_came_up_is_started_again_after_five_minutes(
    answers_then: bool,
) -> None:
    """And has five more."""
    watch = _watch()
    assert watch.verdict(_BEGUN + 299) is None
    assert watch.verdict(_BEGUN + 300) is Restart.NEEDED
    if answers_then:
        watch.answered(_BEGUN + 590)
    assert watch.verdict(_BEGUN + 599) is None
    assert isinstance(watch.verdict(_BEGUN + 600), Ending) is not answers_then

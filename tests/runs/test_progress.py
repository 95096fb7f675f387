from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.progress import RunProgress, Status, read_progress
from tests.runs.histories import START, History, without_links

CLEAN = State("Clean", "SKLearn")
FEATURES = State("Features", "PySpark")
TWO = (CLEAN, FEATURES)
BRANCHES = (
    State("Both", "Parallel"),
    State("Left", "SKLearn", ("Both",)),
    State("Right", "PySpark", ("Both",)),
)
EACH = (State("Each", "Map"), State("Item", "SKLearn", ("Each",)))


def statuses(progress: RunProgress) -> dict[str, Status]:
    return {state.state.name: state.status for state in progress.states}


def test_before_any_event_every_state_waits() -> None:
    """A run that has only just been asked for runs, and none of its states has begun."""
    progress = read_progress(TWO, [])
    assert progress.status is Status.RUNNING
    assert set(statuses(progress).values()) == {Status.WAITING}


def test_a_job_under_way_tells_its_name_and_start() -> None:
    """A scheduled job is known by the name in its request, before it has been made."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    progress = read_progress(TWO, history.events)
    clean, features = progress.states
    assert (clean.status, clean.job_names, clean.attempts) == (Status.RUNNING, ("clean-1",), 1)
    assert (clean.entered, clean.exited) == (START + timedelta(seconds=1), None)
    assert features.status is Status.WAITING


def test_a_run_that_succeeds() -> None:
    """Every state that was left has succeeded, with its job and its times."""
    history = History()
    history.job("Clean", "clean-1")
    history.job("Features", "features-1")
    history.end("ExecutionSucceeded")
    progress = read_progress(TWO, history.events)
    assert progress.status is Status.SUCCEEDED
    assert statuses(progress) == {"Clean": Status.SUCCEEDED, "Features": Status.SUCCEEDED}
    assert [state.job_names for state in progress.states] == [("clean-1",), ("features-1",)]
    assert progress.states[0].exited == START + timedelta(seconds=5)
    assert progress.ended == history.last["timestamp"]


def test_a_failed_attempt_is_a_retry_until_the_next_one_runs() -> None:
    """Each attempt's job is kept; the last attempt decides."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-0")
    history.fail("no capacity")
    (clean, _) = read_progress(TWO, history.events).states
    assert (clean.status, clean.error, clean.cause) == (
        Status.RETRYING,
        "States.TaskFailed",
        "no capacity",
    )
    history.schedule("clean-1")
    (clean, _) = read_progress(TWO, history.events).states
    assert (clean.status, clean.attempts) == (Status.RUNNING, 2)
    assert clean.job_names == ("clean-0", "clean-1")
    history.succeed()
    history.leave("Clean")
    (clean, _) = read_progress(TWO, history.events).states
    assert clean.status is Status.SUCCEEDED


def test_a_run_that_fails_blames_the_state_and_skips_the_rest() -> None:
    """The state that failed carries the error; what was not reached is skipped."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.submit("clean-1")
    history.fail('{"FailureReason": "exit code 1"}')
    history.end("ExecutionFailed", "States.TaskFailed", "exit code 1")
    progress = read_progress(TWO, history.events)
    assert progress.status is Status.FAILED
    assert statuses(progress) == {"Clean": Status.FAILED, "Features": Status.SKIPPED}
    assert [state.state for state in progress.failed_states] == [CLEAN]
    assert (progress.error, progress.cause) == ("States.TaskFailed", "exit code 1")
    assert progress.states[0].exited == progress.ended


def test_a_job_whose_request_was_refused_has_failed() -> None:
    """A job that could not be submitted fails its state too."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    details = {"error": "SageMaker.ResourceInUse", "cause": "the name is taken"}
    history.add("TaskSubmitFailed", history.last, taskSubmitFailedEventDetails=details)
    history.end("ExecutionFailed", "SageMaker.ResourceInUse")
    (clean, _) = read_progress(TWO, history.events).states
    assert (clean.status, clean.error) == (Status.FAILED, "SageMaker.ResourceInUse")


def test_a_state_that_takes_too_long_has_failed() -> None:
    """A timeout without a named error is States.Timeout."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.add("TaskTimedOut", history.last, taskTimedOutEventDetails={})
    history.end("ExecutionFailed", "States.Timeout")
    (clean, _) = read_progress(TWO, history.events).states
    assert (clean.status, clean.error) == (Status.FAILED, "States.Timeout")


def test_a_caught_failure_lets_the_run_go_on() -> None:
    """A state left after its failure was caught; the run may still succeed."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.fail()
    history.leave("Clean")
    history.job("Features", "features-1")
    history.end("ExecutionSucceeded")
    progress = read_progress(TWO, history.events)
    assert statuses(progress) == {"Clean": Status.CAUGHT, "Features": Status.SUCCEEDED}


def test_a_stopped_run_stops_the_state_under_way() -> None:
    """An aborted run blames no state."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.end("ExecutionAborted")
    progress = read_progress(TWO, history.events)
    assert progress.status is Status.STOPPED
    assert statuses(progress) == {"Clean": Status.STOPPED, "Features": Status.SKIPPED}
    assert progress.failed_states == ()


def test_a_fail_state_that_was_reached_has_failed() -> None:
    """A Fail state ends the run and is what failed."""
    history = History()
    history.enter("No", "Fail")
    history.end("ExecutionFailed", "TooFew", "only 3 rows")
    progress = read_progress((State("No", "Fail"),), history.events)
    assert statuses(progress) == {"No": Status.FAILED}
    assert progress.error == "TooFew"


def test_events_of_branches_that_run_at_once_are_told_apart() -> None:
    """Each event belongs to the state of the event that it follows, however branches interleave."""
    history = History()
    both = history.enter("Both", "Parallel")
    started = history.add("ParallelStateStarted", both)
    left = history.enter("Left", after=started)
    right = history.enter("Right", after=started)
    left = history.schedule("left-1", after=left)
    right = history.schedule("right-1", after=right)
    history.fail("left broke", after=left)
    progress = read_progress(BRANCHES, history.events)
    assert statuses(progress) == {
        "Both": Status.RUNNING,
        "Left": Status.RETRYING,
        "Right": Status.RUNNING,
    }
    history.add("ParallelStateFailed", history.last, parallelStateFailedEventDetails={})
    history.end("ExecutionFailed", "States.TaskFailed", "left broke")
    progress = read_progress(BRANCHES, history.events)
    assert statuses(progress) == {
        "Both": Status.FAILED,
        "Left": Status.FAILED,
        "Right": Status.STOPPED,
    }
    assert [state.state.name for state in progress.failed_states] == ["Left", "Both"]


def test_a_parallel_that_succeeds_ends_with_its_last_branch() -> None:
    """The Parallel's own events follow those of its last branch, and are its own all the same."""
    history = History()
    started = history.add("ParallelStateStarted", history.enter("Both", "Parallel"))
    left = history.job("Left", "left-1", after=started)
    right = history.job("Right", "right-1", after=started)
    assert left["id"] < right["id"]
    history.add("ParallelStateSucceeded", right)
    history.leave("Both", "Parallel")
    history.end("ExecutionSucceeded")
    progress = read_progress(BRANCHES, history.events)
    assert set(statuses(progress).values()) == {Status.SUCCEEDED}


def test_branches_left_behind_by_a_caught_parallel_are_not_the_run_s_failure() -> None:
    """When a Parallel's failure is caught, its failed branch is caught and its others stopped."""
    history = History()
    started = history.add("ParallelStateStarted", history.enter("Both", "Parallel"))
    left = history.schedule("left-1", after=history.enter("Left", after=started))
    history.schedule("right-1", after=history.enter("Right", after=started))
    history.fail(after=left)
    history.add("ParallelStateFailed", history.last, parallelStateFailedEventDetails={})
    history.leave("Both", "Parallel")
    history.end("ExecutionSucceeded")
    progress = read_progress(BRANCHES, history.events)
    assert statuses(progress) == {
        "Both": Status.CAUGHT,
        "Left": Status.CAUGHT,
        "Right": Status.STOPPED,
    }


def test_a_map_counts_its_iterations() -> None:
    """A state in a Map has a visit for each item, over or not, and a job for each."""
    history = History()
    each = history.enter("Each", "Map")
    started = history.add("MapStateStarted", each, mapStateStartedEventDetails={"length": 2})
    first = history.add("MapIterationStarted", started)
    second = history.add("MapIterationStarted", started)
    left = history.job("Item", "item-0", after=first)
    history.add("MapIterationSucceeded", left)
    history.schedule("item-1", after=history.enter("Item", after=second))
    outer, item = read_progress(EACH, history.events).states
    assert outer.status is Status.RUNNING
    assert (item.status, item.visits, item.done) == (Status.RUNNING, 2, 1)
    assert item.job_names == ("item-0", "item-1")


def test_a_loop_shows_its_last_visit() -> None:
    """A state that was caught and came again is what it was the last time."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.fail()
    history.leave("Clean")
    history.job("Clean", "clean-2")
    (clean, _) = read_progress(TWO, history.events).states
    assert (clean.status, clean.visits, clean.job_names) == (
        Status.SUCCEEDED,
        2,
        ("clean-1", "clean-2"),
    )


def test_a_history_without_links_is_taken_for_one_thread() -> None:
    """Events that do not say what they follow belong to the state under way."""
    history = History()
    history.job("Clean", "clean-1")
    history.enter("Features")
    history.schedule("features-1")
    history.fail()
    history.end("ExecutionFailed", "States.TaskFailed")
    assert read_progress(TWO, without_links(history.events)) == read_progress(TWO, history.events)


def test_events_of_a_container_that_the_definition_does_not_have_are_left_out() -> None:
    """What is in it is told where it is known."""
    history = History()
    started = history.add("ParallelStateStarted", history.enter("Both", "Parallel"))
    left = history.leave("Left", after=history.enter("Left", after=started))
    history.add("ParallelStateSucceeded", left)
    history.leave("Both", "Parallel")
    history.end("ExecutionSucceeded")
    assert statuses(read_progress(BRANCHES[1:2], history.events)) == {"Left": Status.SUCCEEDED}
    assert statuses(read_progress(TWO[:1], history.events)) == {"Clean": Status.SKIPPED}


def test_a_state_that_the_definition_does_not_have_is_left_out() -> None:
    """Events of unknown states, as of a newer definition, do no harm."""
    history = History()
    history.job("Other", "other-1")
    history.end("ExecutionSucceeded")
    assert statuses(read_progress(TWO, history.events)) == {
        "Clean": Status.SKIPPED,
        "Features": Status.SKIPPED,
    }


@st.composite
def linear_runs(draw: st.DrawFn) -> tuple[tuple[State, ...], History]:
    """Runs of a few jobs one after the other, each with some failed attempts."""
    names = [f"S{number}" for number in range(draw(st.integers(1, 4)))]
    history = History()
    for name in names:
        history.enter(name)
        for attempt in range(draw(st.integers(0, 2))):
            history.schedule(f"{name}-{attempt}")
            history.fail()
        history.schedule(f"{name}-last")
        history.submit(f"{name}-last")
        history.succeed()
        history.leave(name)
    history.end("ExecutionSucceeded")
    return tuple(State(name, "SKLearn") for name in names), history


@given(linear_runs(), st.data())
def test_at_any_moment_one_state_is_active_and_time_only_moves_on(
    run: tuple[tuple[State, ...], History],
    data: st.DataObject,
) -> None:
    """However far a history was read, states before the active one are done, those after wait."""
    states, history = run
    cut = data.draw(st.integers(0, len(history.events)))
    progress = read_progress(states, history.events[:cut])
    order = [state.status for state in progress.states]
    active = [status for status in order if status in {Status.RUNNING, Status.RETRYING}]
    assert len(active) <= 1
    rank = {Status.SUCCEEDED: 0, Status.RUNNING: 1, Status.RETRYING: 1, Status.WAITING: 2}
    assert sorted(order, key=rank.__getitem__) == order
    for state in progress.states:
        assert state.exited is None or state.entered is not None
        assert len(state.job_names) == len(set(state.job_names)) <= cut


@given(linear_runs())
def test_links_make_no_difference_to_a_run_of_one_thread(
    run: tuple[tuple[State, ...], History],
) -> None:
    """With or without links, a run without branches reads the same at its end."""
    states, history = run
    unlinked = read_progress(states, without_links(history.events))
    assert unlinked == read_progress(states, history.events)


def failed_then_redriven() -> History:
    history = History()
    history.job("Clean", "clean-1")
    history.enter("Features")
    history.schedule("features-1")
    history.fail()
    history.end("ExecutionFailed", "States.TaskFailed", "it broke")
    history.add("ExecutionRedriven", history.last)
    return history


def test_a_redriven_run_runs_again() -> None:
    """Its error is of the past, and the state that failed is under way."""
    progress = read_progress(TWO, failed_then_redriven().events)
    assert (progress.status, progress.error, progress.ended) == (Status.RUNNING, None, None)
    assert statuses(progress) == {"Clean": Status.SUCCEEDED, "Features": Status.RETRYING}


def test_a_redriven_state_goes_on() -> None:
    """Whether or not the history tells that it is entered anew: it is one visit of two jobs."""
    for entered_anew in (True, False):
        history = failed_then_redriven()
        if entered_anew:
            history.enter("Features")
        history.schedule("features-2")
        history.leave("Features", after=history.succeed())
        history.end("ExecutionSucceeded")
        progress = read_progress(TWO, history.events)
        features = progress.states[1]
        assert (progress.status, features.status) == (Status.SUCCEEDED, Status.SUCCEEDED)
        assert (features.visits, features.job_names) == (1, ("features-1", "features-2"))


def test_the_states_to_blame_are_the_innermost() -> None:
    """A Parallel that failed for a branch of it says no more than the branch."""
    history = History()
    both = history.enter("Both", "Parallel")
    history.schedule("right-1", after=history.enter("Right", after=both))
    history.fail()
    history.add("ParallelStateFailed", history.last)
    history.end("ExecutionFailed")
    progress = read_progress(BRANCHES, history.events)
    assert [state.state.name for state in progress.blamed_states] == ["Right"]

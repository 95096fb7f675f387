import json

from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.definition import read_states
from cdk_sagemaker_processing.runs.progress import Status, read_progress
from tests.runs.histories import History

JOB = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync"}
STATES = read_states(
    json.dumps(
        {
            "StartAt": "Clean: key",
            "States": {
                "Clean: key": {"Type": "Pass", "Comment": "Cache of Clean: a", "Next": "Clean"},
                "Clean": {**JOB, "Next": "Clean: cached"},
                "Clean: cached": {"Type": "Pass", "Comment": "Cache of Clean: b", "Next": "Own: x"},
                "Own: x": {"Type": "Pass", "Comment": "Cache of mine", "End": True},
            },
        }
    )
)


def told(history: History) -> dict[str, Status]:
    progress = read_progress(STATES, history.events)
    return {one.state.name: one.status for one in as_written(progress.states)}


def passing(history: History, name: str) -> None:
    history.leave(name, "Pass", after=history.enter(name, "Pass"))


def test_only_what_a_person_wrote_is_told() -> None:
    """A state whose name and comment are like those of a cache by chance is theirs."""
    assert told(History()) == {"Clean": Status.WAITING, "Own: x": Status.WAITING}


def test_a_step_whose_job_was_left_out_is_cached() -> None:
    """From the first state that looked to the one that found it."""
    history = History()
    passing(history, "Clean: key")
    passing(history, "Clean: cached")
    history.end("ExecutionSucceeded")
    assert told(history)["Clean"] is Status.CACHED
    clean = as_written(read_progress(STATES, history.events).states)[0]
    assert clean.entered == history.events[1]["timestamp"]
    assert clean.exited == history.events[4]["timestamp"]


def test_a_step_is_under_way_while_its_cache_is_looked_at() -> None:
    """What a person waits for is the step."""
    history = History()
    history.enter("Clean: key", "Pass")
    assert told(history)["Clean"] is Status.RUNNING


def test_a_step_that_ran_is_told_as_any_other() -> None:
    """With its job."""
    history = History()
    passing(history, "Clean: key")
    history.job("Clean", "clean-1")
    assert told(history)["Clean"] is Status.SUCCEEDED


def test_what_failed_around_a_step_is_told() -> None:
    """Else a run would fail for nothing."""
    history = History()
    history.enter("Clean: key", "Pass")
    history.end("ExecutionAborted")
    assert told(history)["Clean: key"] is Status.STOPPED

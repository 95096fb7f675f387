"""Histories read on as they grow."""

from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.runs.definition import read_states
from cdk_sagemaker_processing.runs.events import Events
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.progress import read_progress
from tests.runs.fakes import DEFINITION, Aws, StepFunctions
from tests.runs.histories import History

ARN = "arn:aws:states:us-east-1:000000000000:execution:m:e"


def long(jobs: int) -> History:
    """A history of six events a job."""
    history = History()
    for number in range(jobs):
        history.job("Clean", f"clean-{number}")
    return history


def test_of_a_long_history_only_what_is_new_is_read() -> None:
    """One page a look, however many thousands of events there are."""
    history, service = long(2000), StepFunctions()
    service.events = history.events
    events = Events(service, ARN)
    assert events.look()
    assert (len(events.read), service.pages) == (len(history.events), [1000] * 10 + [1])

    service.pages.clear()
    for _ in range(3):
        assert not events.look()
    assert service.pages == [100] * 3

    service.pages.clear()
    history.job("Clean", "clean-new")
    assert events.look()
    assert (events.read, service.pages) == (history.events, [100])


def test_more_new_events_than_a_page_holds_are_read_back_to_a_known_one() -> None:
    """In as many pages as it takes."""
    history, service = long(300), StepFunctions()
    service.events = history.events[:700]
    events = Events(service, ARN)
    events.look()
    service.pages.clear()
    service.events = history.events[:1000]
    assert events.look()
    assert (events.read, service.pages) == (history.events[:1000], [100] * 4)


def test_a_history_that_does_not_fit_what_was_read_is_read_anew() -> None:
    """An event that is not listed yet comes with the next look."""
    history, service = long(2), StepFunctions()
    service.events = history.events[:4]
    events = Events(service, ARN)
    events.look()
    service.events = [*history.events[:4], *history.events[6:]]
    assert events.look()
    service.events = history.events
    assert events.look()
    assert events.read == history.events


@given(st.lists(st.integers(0, 40), max_size=6))
def test_a_run_looked_at_often_is_as_one_looked_at_once(looks: list[int]) -> None:
    """Wherever the looks fell."""
    history, aws = long(8), Aws()
    follower = RunFollower(aws, ARN, read_logs=False)
    for seen in (*sorted(looks), len(history.events)):
        aws.step_functions.events = history.events[:seen]
        progress = follower.poll()
    assert progress == read_progress(read_states(DEFINITION), history.events)

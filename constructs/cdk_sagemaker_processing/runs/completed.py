"""The jobs that completed in a run, those of earlier runs that stand for them included."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.follower import Job, RunFollower
from cdk_sagemaker_processing.runs.progress import StateProgress, Status

__all__ = ["Completed", "OnUnknown", "read_completed"]

OnUnknown = Callable[[str, str | None], None]
"""Is told of a state that was left out, and of the run whose success stands for it, where known,
when what that run made is not known any more."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The jobs of one state that completed.

    Attributes:
        state: The state's name.
        jobs: They, each with the ARN of the earlier run that it is of; None for this one.
    """

    state: str
    jobs: tuple[tuple[str | None, Job], ...]


def read_completed(run: RunFollower, on_unknown: OnUnknown) -> Iterator[Completed]:
    """Yield the completed jobs of each state of a run that was looked at, in its order.

    Of a state that a cache left out they are those of the run that stands for it.

    Args:
        run: The run.
        on_unknown: Is told of a state whose earlier jobs are not known any more.
    """
    for state in as_written(run.progress.states):
        name = state.state.name
        if state.status is Status.CACHED:
            yield Completed(name, tuple(_of_sources(run, state, on_unknown)))
        else:
            yield Completed(name, tuple((None, job) for job in _completed(run, name)))


def _completed(run: RunFollower, state: str) -> list[Job]:
    names = [
        name for one in run.progress.states if one.state.name == state for name in one.job_names
    ]
    return [run.jobs[name] for name in names if run.jobs[name].status == "Completed"]


def _of_sources(
    run: RunFollower, state: StateProgress, on_unknown: OnUnknown
) -> Iterator[tuple[str, Job]]:
    for source in state.cached_from:
        earlier = run.child(source)
        jobs = _completed(earlier, state.state.name) if earlier else []
        # Of a Map's several the history does not say which one it was.
        if len(jobs) == 1:
            yield source, jobs[0]
        else:
            on_unknown(state.state.name, source)
    if not state.cached_from:
        on_unknown(state.state.name, None)

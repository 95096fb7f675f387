"""A run as a program reads it: a JSON document, or a line of JSON for each thing that happens."""

from typing import Any

from rich.console import Console

from cdk_sagemaker_processing.cli.session import print_json
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.workflows.results import LOG_TAIL_LINES
from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.document import describe_state
from cdk_sagemaker_processing.runs.follower import Blamed, RunFollower
from cdk_sagemaker_processing.runs.progress import StateProgress

__all__ = ["JsonView", "describe_failures"]


class JsonView:
    """Follows a run to its end and prints a line for each change of a state.

    Args:
        console: Where.
        follower: The run.
        logs: Whether to print a line for each line of the jobs' logs too.
        poll_seconds: How long to wait between two looks at it.
    """

    def __init__(
        self,
        console: Console,
        follower: RunFollower,
        *,
        logs: bool = False,
        poll_seconds: float = 0.5,
    ) -> None:
        self._console = console
        self._follower = follower
        self._logs = logs
        self._poll_seconds = poll_seconds
        self._told: dict[str, tuple[Any, ...]] = {}

    def follow(self) -> None:
        """Print what happens until the run is over."""
        for _ in self._follower.looks(self._poll_seconds):
            self._tell()

    def _tell(self) -> None:
        for state in as_written(self._follower.progress.states):
            if self._is_news(state):
                self._print({"type": "state", **describe_state(state, self._follower)})
        for of_state, line in self._follower.new_log_lines if self._logs else ():
            self._print({"type": "log", "state": of_state.name, "line": words.plain(line)})

    def _is_news(self, state: StateProgress) -> bool:
        now = (state.status, state.attempts, state.job_names, state.done, state.items)
        before = self._told.get(state.state.name)
        self._told[state.state.name] = now
        return before != now and state.visits > 0

    def _print(self, event: dict[str, Any]) -> None:
        print_json(self._console, event, indent=None)


def describe_failures(follower: RunFollower) -> list[dict[str, Any]]:
    """Return why a run failed: of each state that did by itself, its error and its log's end.

    Args:
        follower: The run.
    """
    return [_failure(follower, one) for one in follower.blamed]


def _failure(follower: RunFollower, blamed: Blamed) -> dict[str, Any]:
    job = blamed.job
    lines = job.log.lines[-LOG_TAIL_LINES:] if job else []
    child = {} if blamed.run is follower else {"executionArn": blamed.run.execution_arn}
    return {
        "state": blamed.state.state.name,
        **child,
        "job": job.name if job else None,
        "error": blamed.error,
        "reason": words.reason(blamed.cause),
        "log": [words.plain(line) for line in lines],
    }

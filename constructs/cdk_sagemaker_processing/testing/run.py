"""A run that a test started."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.follower import ClientOf, RunFollower
from cdk_sagemaker_processing.runs.found import Run, look
from cdk_sagemaker_processing.runs.progress import Status
from cdk_sagemaker_processing.testing.result import RunFailedError, RunResult

__all__ = ["WorkflowRun"]

_POLL_SECONDS = 0.2
_UNDER_WAY = (Status.RUNNING, Status.RETRYING)


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A run of a workflow, under way.

    Attributes:
        run: The execution.
    """

    run: Run
    _client_of: ClientOf = field(repr=False)
    _downloads: Path = field(repr=False)
    _on_end: Callable[[RunResult], None] = field(repr=False)

    @property
    def arn(self) -> str:
        """The execution's ARN."""
        return self.run.arn

    def wait(self, timeout: float = 900, *, check: bool = False) -> RunResult:
        """Wait until the run is over, and return what it came to.

        Args:
            timeout: At most how many seconds. The first job of an image waits for the download of
                what stands for it, which may take minutes.
            check: Whether to raise if it did not succeed.

        Raises:
            RunFailedError: If it did not succeed, and `check` is given.
            TimeoutError: If it is not over in time; it runs on.
            DeployedError: If the cloud refuses.
        """
        __tracebackhide__ = True  # pytest then shows the test's own line.
        follower = RunFollower(self._client_of, self.run.arn, read_logs=False)
        end = time.monotonic() + timeout
        for _ in follower.looks(_POLL_SECONDS):
            if time.monotonic() > end and not follower.is_over:
                raise TimeoutError(
                    f"{self.run.name} is not over after {timeout:g} s: {_told(follower)}"
                )
        said = look(self._client_of, self.run)
        result = RunResult(said, follower, self._client_of, self._downloads / self.run.name)
        self._on_end(result)
        if check and not result.succeeded:
            raise RunFailedError(result)
        return result


def _told(follower: RunFollower) -> str:
    running = [
        f"{one.state.name} is {one.status}"
        for one in as_written(follower.progress.states)
        if one.status in _UNDER_WAY
    ]
    return ", ".join(running) or "no state has begun"

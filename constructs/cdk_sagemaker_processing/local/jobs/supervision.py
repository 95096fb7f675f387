"""The commands of a job's instances, supervised until all of them have ended."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cdk_sagemaker_processing.local.jobs.instance import Instance
from cdk_sagemaker_processing.local.jobs.job import Job
from cdk_sagemaker_processing.local.jobs.limits import MemoryGroup
from cdk_sagemaker_processing.local.jobs.sandbox import SandboxedProcess


class Supervised:
    """An instance whose command runs: everything that it writes goes into its log.

    Args:
        instance: The instance.
        process: Its command.
        ended: Called when everything in its sandbox has ended.
        group: What holds it to its memory.
    """

    def __init__(
        self,
        instance: Instance,
        process: SandboxedProcess,
        ended: Callable[[], None],
        group: MemoryGroup | None = None,
    ) -> None:
        self.instance = instance
        self.process = process
        self._ended = ended
        self._group = group
        self._over = threading.Event()
        self._copier = threading.Thread(
            target=self._copy, name=f"output of {instance.job.name}/{instance.host}", daemon=True
        )
        self._copier.start()

    @property
    def runs(self) -> bool:
        """Whether anything of it still runs."""
        return not self._over.is_set()

    @property
    def failed(self) -> bool:
        """Whether it has ended with an exit code other than 0."""
        return not self.runs and self.process.wait() != 0

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has ended, so many seconds at most."""
        self._copier.join(seconds)

    def _copy(self) -> None:
        self.instance.log.copy(self.process.output)
        if self._group and self._group.killed():
            self.instance.log.note(
                "The kernel killed a process of the job: it needed more memory than the instance "
                "type has"
            )
        self._over.set()
        self._ended()


@dataclass(frozen=True, slots=True)
class Ending:
    """How the command of a job ended.

    Attributes:
        failed: The instance that failed first; None when none did.
        code: Its exit code.
        exceeded: Whether the time was up.
    """

    failed: Instance | None
    code: int
    exceeded: bool


def supervise(
    job: Job,
    running: Sequence[Supervised],
    *,
    runtime: float,
    upload_interval: float,
    grace: Callable[[], float],
) -> Ending:
    """Stay with running commands: their uploads, their time, a request to stop, one that fails.

    Args:
        job: The job's record.
        running: Its instances.
        runtime: Seconds that they may take.
        upload_interval: Seconds between two looks at Continuous outputs.
        grace: Gives the seconds between SIGTERM and SIGKILL.
    """
    deadline = time.monotonic() + runtime
    continuous = any(output.continuous for one in running for output in one.instance.outputs)
    exceeded = False
    while not _decided(job, running):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            exceeded = True
            break
        job.wake.wait(min(upload_interval, remaining) if continuous else remaining)
        # Whoever sets it has set before what `_decided` looks at.
        job.wake.clear()
        for one in running:
            one.instance.upload_continuously()
    failed = next((one for one in running if one.failed), None)
    _end([one for one in running if one.runs], grace)
    if failed is None:
        return Ending(None, 0, exceeded)
    return Ending(failed.instance, failed.process.wait(), exceeded)


def _decided(job: Job, running: Sequence[Supervised]) -> bool:
    """Whether nothing is left to wait for."""
    if job.stop_requested.is_set() or any(one.failed for one in running):
        return True
    return not any(one.runs for one in running)


def _end(left: Sequence[Supervised], grace: Callable[[], float]) -> None:
    for one in left:
        one.process.terminate()
    deadline = time.monotonic() + (grace() if left else 0)
    for one in left:
        one.join(max(0.0, deadline - time.monotonic()))
    for one in left:
        one.process.kill()
    for one in left:
        one.join()

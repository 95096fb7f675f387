"""How many jobs run at once: the others wait, as SageMaker's do for their instances."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cdk_sagemaker_processing.local.jobs.job import Job


class ConcurrencyLimit:
    """So many jobs run at once, and no more; safe to use from threads.

    Args:
        number: How many do.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def place(self, job: Job) -> Iterator[None]:
        """Wait until there is a place for a job; one that is to stop needs none."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._taken < self._number or job.stop_requested.is_set()
            )
            self._taken += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken -= 1
                self._changed.notify_all()

    def look_again(self) -> None:
        """Let the waiting jobs see whether they are to stop."""
        with self._changed:
            self._changed.notify_all()

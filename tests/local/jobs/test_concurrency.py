"""How many jobs run at once."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from cdk_sagemaker_processing.local.jobs.concurrency import ConcurrencyLimit
from cdk_sagemaker_processing.local.jobs.job import Job


def a_job(name: str) -> Job:
    return Job({"ProcessingJobName": name}, f"arn:aws:sagemaker:::processing-job/{name}")


@contextmanager
def running(limit: ConcurrencyLimit, job: Job) -> Iterator[threading.Event]:
    """Have a thread take a place; the event is set when it has it, and it leaves at the end."""
    took, leave = threading.Event(), threading.Event()

    def run() -> None:
        with limit.place(job):
            took.set()
            leave.wait(10)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield took
    finally:
        leave.set()
        thread.join(10)


def test_a_job_waits_until_another_has_left_its_place() -> None:
    """There are as many places as were given, and each is given again."""
    limit = ConcurrencyLimit(2)
    with ExitStack() as first, running(limit, a_job("second")) as second:
        assert first.enter_context(running(limit, a_job("first"))).wait(10)
        assert second.wait(10)
        with running(limit, a_job("third")) as third:
            assert not third.wait(0.1)
            first.close()
            assert third.wait(10)


def test_a_waiting_job_that_is_to_stop_needs_no_place() -> None:
    """It goes on to its end when it looks again."""
    limit, stopping = ConcurrencyLimit(1), a_job("stopping")
    with running(limit, a_job("first")) as first:
        assert first.wait(10)
        with running(limit, stopping) as waiting:
            assert not waiting.wait(0.1)
            stopping.stop_requested.set()
            limit.look_again()
            assert waiting.wait(10)

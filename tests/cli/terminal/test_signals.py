import os
import signal
import time

import pytest

from cdk_sagemaker_processing.cli.terminal.signals import Interrupted, interruptible


def work_until(number: int, ended: list[bool]) -> None:
    """Work, be sent a signal, and another one while the work is being ended."""
    with interruptible():
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)  # sleeps: until the signal comes, which is at once
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            ended.append(True)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_the_first_signal_interrupts_and_later_ones_pass(number: int, code: int) -> None:
    """An impatient second Ctrl-C does not break what is being ended."""
    before = signal.getsignal(signal.SIGINT)
    ended: list[bool] = []
    with pytest.raises(Interrupted) as raised:
        work_until(number, ended)
    assert ended == [True]
    assert raised.value.exit_code == code
    assert raised.value.is_ctrl_c == (number == signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == before


class Finalized:
    """Is sent a signal while it is being finalized."""

    def __del__(self) -> None:
        """What is raised here is dropped by Python."""
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_signal_is_not_lost_while_an_object_is_finalized(seconds: int) -> None:
    """Whether the work goes on after it or is over."""

    def work() -> None:
        finalized = [Finalized()]
        with interruptible():
            finalized.clear()
            time.sleep(seconds)  # sleeps: until the signal comes, if it has not

    begun = time.monotonic()
    with pytest.raises(Interrupted) as raised:
        work()
    assert raised.value.exit_code == 130
    assert time.monotonic() - begun < 10

"""Signals that wait while a program is being started."""

import signal
import threading

import pytest

from cdk_sagemaker_processing.local.processes.holding import signals_held


def test_a_signal_waits_until_it_is_let_through() -> None:
    """What is begun in between is in hand when the handler raises."""
    steps = []

    def begin() -> None:
        with signals_held() as release:
            signal.raise_signal(signal.SIGINT)
            steps.append("begun")
            release()
            steps.append("never")

    with pytest.raises(KeyboardInterrupt):
        begin()

    assert steps == ["begun"]


def test_the_end_of_the_block_lets_signals_through() -> None:
    """None is lost."""
    steps = []

    def begin() -> None:
        with signals_held():
            signal.raise_signal(signal.SIGINT)
            steps.append("begun")
        steps.append("never")

    with pytest.raises(KeyboardInterrupt):
        begin()

    assert steps == ["begun"]


def test_handlers_are_what_they_were_afterwards() -> None:
    """Held signals are no business of the rest of the program."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with signals_held():
        pass

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_another_thread_holds_nothing() -> None:
    """Python runs handlers in the main thread alone, and lets no other set them."""
    ended = []

    def begin() -> None:
        with signals_held() as release:
            release()
        ended.append(True)

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()

    assert ended == [True]

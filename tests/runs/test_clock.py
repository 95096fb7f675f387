"""How time is spent while something is waited for."""

from cdk_sagemaker_processing.runs.clock import Clock


class Hours:
    """A time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def looks(seconds: float, every: float = 1) -> list[float]:
    hours = Hours()
    clock = Clock(now=lambda: hours.now, sleep=hours.sleep, every=every)
    return [hours.now for _ in clock.looks(seconds)]


def test_it_is_looked_at_once_in_an_interval_and_at_the_end() -> None:
    """The last look is when the time is over."""
    assert looks(3) == [0, 1, 2, 3]
    assert looks(3, every=2) == [0, 2, 4]


def test_it_is_looked_at_once_where_there_is_no_time() -> None:
    """Without any sleep."""
    assert looks(0) == [0]

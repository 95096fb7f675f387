"""The life of a running mirror: its threads, and the loop that watches and ends it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .log import Tell
from .mirroring import Mirror
from .probing import answers
from .sockets import count_connections
from .volume import Volume
from .watching import Ending, Restart, Watch

_TICK_SECONDS = 1
_PROBE_SECONDS = 10
_WORKERS = 8
_LONGEST_WAIT_SECONDS = 60


@dataclass(slots=True)
class Surroundings:
    """What the loop looks at, and how time goes by.

    Attributes:
        volume: The volume.
        port: Where the server listens.
        answers: Asks the server on a port.
        count_connections: Counts the connections to a port.
        clock: The time in seconds.
        wait: Lets so many seconds go by.
    """

    volume: Volume
    port: int
    answers: Callable[[int], bool] = answers
    count_connections: Callable[[int], int] = count_connections
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Threads:
    """The threads that mirror; they end with the process.

    Attributes:
        failure: Why one of them ended, which none should.
    """

    failure: Ending | None = field(default=None, init=False)

    def start(self, mirror: Mirror, poll_seconds: float) -> None:
        """Begin.

        Args:
            mirror: What they drive.
            poll_seconds: How long to wait between two looks at S3, at least.
        """

        def look() -> None:
            begun = time.monotonic()
            mirror.look()
            # Hundreds of thousands of objects take long to list, and the server's processor.
            time.sleep(max(poll_seconds, time.monotonic() - begun))

        def work() -> None:
            if log := mirror.take(_LONGEST_WAIT_SECONDS):
                mirror.carry_out(log)

        for each in (look, *[work] * _WORKERS):
            threading.Thread(target=self._run, args=(each,), daemon=True).start()

    def _run(self, each: Callable[[], None]) -> None:
        try:
            while True:
                each()
        except BaseException as error:
            self.failure = Ending(f"the mirror failed: {type(error).__name__}: {error}", 1)
            raise


def live(around: Surroundings, watch: Watch, threads: Threads, tell: Tell) -> Ending:
    """Watch the server until there is a reason to end, and return that.

    Args:
        around: What to look at.
        watch: What decides.
        threads: What mirrors.
        tell: The log.
    """
    probed = around.clock() - _PROBE_SECONDS
    answered = False
    while True:
        around.volume.alive.touch()
        if ending := server_ending(around.volume) or threads.failure:
            return ending
        watch.connections(around.count_connections(around.port), around.clock())
        if around.clock() - probed >= _PROBE_SECONDS:
            probed = around.clock()
            if around.answers(around.port):
                watch.answered(around.clock())
                if not answered:
                    tell("INFO", "the server answers")
                answered = True
        match watch.verdict(around.clock()):
            case Ending() as ending:
                return ending
            case Restart():
                tell("WARNING", "the server does not answer: it is started again")
                around.volume.restart.touch()
        around.wait(_TICK_SECONDS)


def server_ending(volume: Volume) -> Ending | None:
    """Say why the server has ended for good, None if it has not."""
    try:
        return Ending(f"the server ended: {volume.server_ended.read_text().strip()}", 1)
    except FileNotFoundError:
        return None

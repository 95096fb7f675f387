import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.mirror.event_logs import EventLog
from cdk_sagemaker_processing.history_server.mirror.life import Surroundings, Threads, live
from cdk_sagemaker_processing.history_server.mirror.mirroring import Mirror
from cdk_sagemaker_processing.history_server.mirror.settings import Settings
from cdk_sagemaker_processing.history_server.mirror.volume import Volume
from cdk_sagemaker_processing.history_server.mirror.watching import Ending, Watch

_LISTING_SECONDS = 0.2


class World:
    """Time, a server and its visitors, all made up."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.volume = Volume(folder)
        self.volume.prepare()
        self.threads = Threads()
        self.answers: Callable[[], bool] = lambda: True
        self.visitors: Callable[[], int] = lambda: 0
        self.every_second: Callable[[], None] = lambda: None
        self.asked: list[float] = []
        self.said: list[str] = []

    def live(self, *, idle: float | None = None, most: float | None = None) -> Ending:
        """Watch to the end."""
        around = Surroundings(
            self.volume,
            18080,
            answers=self._answers,
            count_connections=lambda _: self.visitors(),
            clock=lambda: self.now,
            wait=self._wait,
        )
        settings = Settings(self.volume.root, 18080, (), 3, 1, idle, most)
        return live(
            around,
            Watch(settings, self.now),
            self.threads,
            lambda level, text: self.said.append(f"{level} {text}"),
        )

    def _answers(self, _: int) -> bool:
        self.asked.append(self.now)
        return self.answers()

    def _wait(self, seconds: float) -> None:
        self.now += seconds
        assert self.now < 10_000, "it does not end"
        self.every_second()


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_idle_task_ends_well(world: World) -> None:
    """The server is asked every ten seconds meanwhile."""
    assert world.live(idle=60).code == 0
    assert (world.now, world.asked) == (60, [0, 10, 20, 30, 40, 50, 60])
    assert world.said == ["INFO the server answers"]


def test_a_visitor_keeps_it_alive(world: World) -> None:
    """As long as there is one."""
    world.visitors = lambda: int(world.now < 200)
    world.live(idle=60)
    assert world.now == 199 + 60


def test_it_says_that_it_is_alive(world: World) -> None:
    """Every second."""
    seen = []

    def look() -> None:
        seen.append(world.volume.alive.exists())
        world.volume.alive.unlink()

    world.every_second = look
    world.live(most=5)
    assert seen == [True] * 5


def test_a_silent_server_is_asked_to_restart_once(world: World) -> None:
    """Then the task ends badly."""
    world.answers = lambda: world.now < 100
    wishes = []

    def obey() -> None:
        if world.volume.restart.exists():
            wishes.append(world.now)
            world.volume.restart.unlink()

    world.every_second = obey
    ending = world.live()
    assert ending == Ending("the server does not answer, although it was started again", 1)
    assert wishes == [151]
    assert world.said == [
        "INFO the server answers",
        "WARNING the server does not answer: it is started again",
    ]


def test_the_end_of_the_server_is_its_own(world: World) -> None:
    """With the server's words."""

    def end() -> None:
        if world.now == 7:
            world.volume.server_ended.write_text("Spark's History Server ended twice\n")

    world.every_second = end
    assert world.live() == Ending("the server ended: Spark's History Server ended twice", 1)


def test_a_thread_that_fails_ends_it(world: World) -> None:
    """Rather than a mirror that stands still."""
    world.threads.failure = Ending("the mirror failed: KeyError: 'x'", 1)
    assert world.live() == Ending("the mirror failed: KeyError: 'x'", 1)


class SlowMirror(Mirror):
    """Each look at S3 takes a while."""

    def __init__(self) -> None:
        self.looks: list[tuple[float, float]] = []
        self.has_looked_twice = threading.Event()

    def look(self) -> None:
        """List a lot."""
        begun = time.monotonic()
        threading.Event().wait(_LISTING_SECONDS)
        self.looks.append((begun, time.monotonic()))
        if len(self.looks) > 1:
            self.has_looked_twice.set()
            threading.Event().wait()

    def take(self, seconds: float = 0) -> EventLog | None:
        """Find nothing to do."""
        threading.Event().wait(seconds)
        return None


def test_a_listing_that_takes_long_is_not_asked_for_all_the_time() -> None:
    """It pauses for as long as it took: the processor is for the server as well."""
    mirror = SlowMirror()
    Threads().start(mirror, 0.001)
    assert mirror.has_looked_twice.wait(20)
    (_, ended), (begun, _) = mirror.looks
    assert begun - ended >= _LISTING_SECONDS

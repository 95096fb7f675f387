"""What is written of a local AWS, and how; its services are stand-ins."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ministack import app as ministack
from ministack.core import persistence
from ministack.core.responses import request_scope
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack import keeping, seams
from cdk_sagemaker_processing.local.ministack.keeping import Kept
from tests.waiting import until

_JOBS = "processing-jobs.json"
_PLACE = ("000000000000", "us-east-1")


@dataclass(slots=True)
class Services:
    """Processing services with one job.

    Attributes:
        faults: How often their records cannot be had.
        restored: What they were given back.
    """

    faults: int = 0
    restored: list[Any] = field(default_factory=list)

    def records(self) -> dict[str, str]:
        """Return the jobs' records."""
        if self.faults:
            self.faults -= 1
            raise OSError("no room")
        return {"job": "Completed"}

    def restore(self, records: Any) -> None:
        """Note them."""
        self.restored.append(records)


@dataclass(slots=True)
class Held:
    """What a service of MiniStack's holds.

    Attributes:
        state: Its state; None if it has none.
        changes: How often it changes while it is copied.
    """

    state: Any
    changes: int = 0

    def __call__(self) -> Any:
        """Copy it."""
        if self.changes:
            self.changes -= 1
            raise RuntimeError("dictionary changed size during iteration")
        return self.state


@dataclass(slots=True)
class Home:
    """A home in which something is kept."""

    folder: Path
    services: Services
    mends: dict[str, Callable[..., None]]

    def kept(self) -> Kept:
        """Begin anew, as another process would."""
        services: Any = self.services
        return Kept(services, self.folder)

    @property
    def written(self) -> dict[str, Any]:
        """What is on disk."""
        return {file.name: json.loads(file.read_text()) for file in self.folder.iterdir()}


_HELD = Mapping[str, Held]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    """An empty home; what it mends of MiniStack is noted only."""
    mends: dict[str, Callable[..., None]] = {}
    monkeypatch.setattr(seams, "mend", lambda _module, functions: mends.update(functions))
    monkeypatch.setattr(keeping, "_PAUSE_SECONDS", 0.01)
    return Home(tmp_path / "state", Services(), mends)


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Callable[[_HELD], None]:
    """Says what MiniStack's services hold."""

    def hold(states: _HELD) -> None:
        monkeypatch.setattr(ministack, "_build_persistence_save_dict", lambda: dict(states))

    return hold


def test_what_every_service_holds_is_what_ministack_restores(
    home: Home, hold: Callable[[_HELD], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what JSON knows no form of; what holds nothing has no file."""
    state = {"queues": {"a": b"\x00message"}}
    hold({"sqs": Held(state), "sns": Held(None)})
    home.kept().write()
    assert set(home.written) == {"sqs.json", _JOBS}
    assert home.written[_JOBS] == {"job": "Completed"}
    monkeypatch.setattr(persistence, "PERSIST_STATE", True)
    monkeypatch.setattr(persistence, "STATE_DIR", str(home.folder))
    assert persistence.load_state("sqs") == state


def test_what_has_not_changed_is_not_written_again(
    home: Home, hold: Callable[[_HELD], None]
) -> None:
    """Somebody's change of the file would stay: the next process reads what it finds."""
    queues = Held(["a"])
    hold({"sqs": queues, "sns": Held(["b"])})
    kept = home.kept()
    kept.write()
    for name in ("sqs.json", "sns.json"):
        (home.folder / name).write_text("0")
    queues.state = ["a", "c"]
    kept.write()
    assert home.written["sns.json"] == 0
    assert home.written["sqs.json"]["payload"] == ["a", "c"]


def test_what_changes_while_it_is_copied_is_written_a_little_later(
    home: Home, hold: Callable[[_HELD], None]
) -> None:
    """The others at once."""
    queues = Held(["a"], changes=2)
    hold({"sqs": queues, "sns": Held(["b"])})
    kept = home.kept()
    kept.write()
    assert set(home.written) == {"sns.json", _JOBS}
    kept.start()
    until((home.folder / "sqs.json").exists)
    kept.close()
    assert home.written["sqs.json"]["payload"] == ["a"]


def test_a_disk_without_room_is_told_and_tried_again(
    home: Home, hold: Callable[[_HELD], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The cloud goes on meanwhile."""
    hold({})
    home.services.faults = 2
    kept = home.kept()
    with caplog.at_level(logging.ERROR):
        kept.start()
        until((home.folder / _JOBS).exists)
    kept.close()
    told = [record.getMessage() for record in caplog.records]
    assert told == ["What the local AWS holds could not be written"] * 2


def test_jobs_of_the_process_before_are_known_again(
    home: Home, hold: Callable[[_HELD], None]
) -> None:
    """If there was one."""
    hold({})
    kept = home.kept()
    kept.restore()
    assert home.services.restored == []
    kept.write()
    home.kept().restore()
    assert home.services.restored == [{"job": "Completed"}]


@pytest.fixture
def machines() -> Iterator[None]:
    """Step Functions' records, empty before and after."""
    with request_scope(*_PLACE):
        yield
        for held in (sfn._executions, sfn._map_runs):
            held.clear()


@pytest.mark.usefixtures("machines")
def test_what_ran_when_the_process_ended_was_aborted(home: Home) -> None:
    """Executions, with a last event, and their map runs; what was over before stays so."""
    home.kept()

    def restore(data: dict[str, Any]) -> None:
        sfn._executions.update(data["executions"])
        sfn._map_runs.update(data["map_runs"])

    cut = {"status": "FAILED", "error": "States.ServiceRestart", "events": [{"id": 1}]}
    failed = {"status": "FAILED", "error": "Mine", "events": [{"id": 1}]}
    data = {
        "executions": {"cut": cut, "failed": dict(failed)},
        "map_runs": {"cut": {"status": "RUNNING"}, "over": {"status": "SUCCEEDED"}},
    }
    home.mends["_restore_state"](restore, data)
    aborted = {
        "error": "States.Aborted",
        "cause": "The local cloud ended while the execution ran",
    }
    found = sfn._executions["cut"]
    last = found.pop("events")[-1]
    assert found == {"status": "ABORTED", **aborted}
    assert (last["id"], last["type"]) == (2, "ExecutionAborted")
    assert last["executionAbortedEventDetails"] == aborted
    assert sfn._executions["failed"] == failed
    assert sfn._map_runs["cut"]["status"] == "ABORTED"
    assert sfn._map_runs["cut"]["stopDate"]
    assert sfn._map_runs["over"] == {"status": "SUCCEEDED"}

"""What outlives the process of the local AWS, in its home.

MiniStack writes what its services hold when it ends well, and S3's objects at once. Added here: it
is written while it runs too, so that little is lost when the process is killed; processing jobs'
records; and that an execution which ran then was aborted, with its history's last event.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ministack import app as ministack
from ministack.core import persistence
from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.services import Services
from cdk_sagemaker_processing.local.ministack.status import Application, running_executions

_JOBS = "processing-jobs.json"
_PAUSE_SECONDS = 1.0
# Writing takes at most a tenth of the time, however much there is.
_PAUSE_FACTOR = 10
_ABORTED = {
    "error": "States.Aborted",
    "cause": "The local cloud ended while the execution ran",
}
# What MiniStack's restoring says of an execution that ran.
_RESTARTED = "States.ServiceRestart"
_LOGGER = logging.getLogger(__name__)


class Kept:
    """Writes what the local AWS holds every second or so, and restores the jobs' records.

    Args:
        services: The processing services.
        folder: Where it is written.
    """

    def __init__(self, services: Services, folder: Path) -> None:
        seams.mend(sfn, {"_restore_state": _restore_state})
        self._services = services
        self._folder = folder
        self._closing = threading.Event()
        self._writer = threading.Thread(target=self._write_on, name="keeping", daemon=True)
        self._written: dict[str, int] = {}
        self._is_news = True

    def noticing(self, application: Application) -> Application:
        """Return an ASGI application by which it learns that something may have changed.

        Args:
            application: What answers.
        """

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            """Answer, and know that it did."""
            await application(scope, receive, send)
            self._is_news = True

        return answer

    def restore(self) -> None:
        """Know the jobs of the process before again."""
        file = self._folder / _JOBS
        if file.is_file():
            self._services.restore(json.loads(file.read_text()))

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    def close(self) -> None:
        """Write for the last time, when nothing runs any more."""
        self._closing.set()
        self._writer.join()
        self.write()

    def write(self) -> None:
        """Write what has changed since the last time."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, state_of in ministack._build_persistence_save_dict().items():
            self._write_service(name, state_of)
        self._replace(_JOBS, json.dumps(self._services.records()))

    def _write_service(self, name: str, state_of: Callable[[], Any]) -> None:
        try:
            state = state_of()
        except RuntimeError:
            # It changed while it was copied.
            self._is_news = True
            return
        if state is not None:
            document = {"__ministack_format__": persistence._state_format_version(name)}
            text = json.dumps({**document, "payload": state}, default=persistence._json_default)
            self._replace(f"{name}.json", text)

    def _replace(self, name: str, text: str) -> None:
        if self._written.get(name) == hash(text):
            return
        file = self._folder / name
        staging = file.with_suffix(".tmp")
        staging.write_text(text)
        staging.replace(file)
        self._written[name] = hash(text)

    def _write_on(self) -> None:
        pause = _PAUSE_SECONDS
        while not self._closing.wait(pause):
            begun = time.thread_time()
            if self._is_news:
                self._is_news = running_executions() > 0
                self._try_to_write()
            pause = max(_PAUSE_SECONDS, _PAUSE_FACTOR * (time.thread_time() - begun))

    def _try_to_write(self) -> None:
        try:
            self.write()
        except Exception:
            _LOGGER.exception("What the local AWS holds could not be written")
            self._is_news = True


def _restore_state(original: Callable[..., None], data: Any) -> None:
    original(data)
    for execution in sfn._executions.all_values():
        if execution.get("error") == _RESTARTED:
            execution |= {**_ABORTED, "status": "ABORTED"}
            _add_last_event(execution)
    for run in sfn._map_runs.all_values():
        if run.get("status") == "RUNNING":
            run |= {"status": "ABORTED", "stopDate": now_iso()}


def _add_last_event(execution: Mapping[str, Any]) -> None:
    details = {"executionAbortedEventDetails": dict(_ABORTED)}
    sfn._add_event(execution, "ExecutionAborted", details)

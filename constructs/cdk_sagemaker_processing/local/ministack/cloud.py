"""The local AWS, put together: MiniStack, its mends, and the processing service behind its APIs."""

import asyncio
import logging
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import router, tls

from cdk_sagemaker_processing.local.jobs import ProcessingService
from cdk_sagemaker_processing.local.jobs.permissions import nothing_refused
from cdk_sagemaker_processing.local.ministack import (
    buckets,
    connections,
    ecs,
    enforcement,
    events,
    keeping,
    logs,
    network,
    permissions,
    processes,
    roles,
    sagemaker,
    secrets,
    stacks,
    states,
)
from cdk_sagemaker_processing.local.ministack.services import Services
from cdk_sagemaker_processing.local.ministack.settings import Settings
from cdk_sagemaker_processing.local.ministack.states import endings, sdk
from cdk_sagemaker_processing.local.ministack.status import Application, with_status
from cdk_sagemaker_processing.local.tasks import TaskRunner

SERVICE = "sagemaker"

_CLOSE_SECONDS = 5.0
_GRACE_SECONDS = 1.0
_LOGGER = logging.getLogger(__name__)


class Cloud:
    """The local AWS.

    Args:
        settings: Its command line.
        make_service: What makes the processing service; takes `ProcessingService`'s arguments.
        task_session: How long the credentials of a task's role last.
    """

    def __init__(
        self,
        settings: Settings,
        make_service: Callable[..., ProcessingService],
        task_session: timedelta,
    ) -> None:
        logging.getLogger("cdk_sagemaker_processing").setLevel(logging.INFO)
        self._settings = settings
        self._certificate = _certificate(settings) if settings.enforce_iam else None
        announced = events.Events()
        self._services = Services(
            lambda account, region: make_service(
                # Names of jobs are unique in an account and region only.
                home=settings.home / account / region,
                endpoint_url=settings.endpoint_url,
                region=region,
                account_id=account,
                credentials=roles.credentials,
                refusal=permissions.refusal if settings.enforce_iam else nothing_refused,
                ca_bundle=self._certificate[0] if self._certificate else None,
                quotas=settings.quotas,
                announce=announced.of(account, region),
            )
        )
        ministack.SERVICE_HANDLERS[SERVICE] = sagemaker.handler(self._services.current)
        self._tasks = TaskRunner(
            home=settings.home / "tasks",
            endpoint_url=settings.endpoint_url,
            ca_bundle=self._certificate[0] if self._certificate else None,
            assume=partial(roles.task_session, lifetime=task_session),
            execution=roles.execution_credentials,
            pull_refusal=permissions.refusal_of_pull if settings.enforce_iam else None,
        )
        ecs.install(self._tasks, enforce_iam=settings.enforce_iam)
        router.SERVICE_PATTERNS[SERVICE] = {"target_prefixes": [sagemaker.TARGET_PREFIX]}
        endpoint = sdk.Endpoint(
            settings.endpoint_url,
            self._certificate[0] if self._certificate else None,
            settings.enforce_iam,
        )
        states.install(self._services.current, endpoint)
        stacks.install(enforce_iam=settings.enforce_iam)
        buckets.install()
        connections.install()
        logs.install()
        network.install()
        secrets.install()
        if settings.enforce_iam:
            enforcement.install(SERVICE)
        self._kept = keeping.Kept(self._services, settings.state) if settings.keep else None

    def run(self, listener: socket.socket) -> NoReturn:
        """Answer on a listening socket until a signal or the parent's end; then end the process."""
        status = 0
        try:
            asyncio.new_event_loop().run_until_complete(self._serve(listener))
        except Exception:
            _LOGGER.exception("The local AWS failed")
            status = 1
        processes.end_children()
        shutil.rmtree(self._settings.scratch, ignore_errors=True)
        # Threads of MiniStack may still wait for something; nobody waits for them.
        logging.shutdown()
        os._exit(status)

    async def _serve(self, listener: socket.socket) -> None:
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, over.set)
        if self._settings.parent is not None:
            processes.when_ended(self._settings.parent, over.set)
        _LOGGER.info("The local AWS answers on %s", self._settings.endpoint_url)
        if self._kept:
            self._kept.restore()
            self._kept.start()
        closed = asyncio.Event()
        serving = asyncio.ensure_future(
            serve(
                self._application(),
                self._config(listener),
                shutdown_trigger=lambda: self._close(over, closed),
            )
        )
        late = asyncio.ensure_future(_late(closed))
        await asyncio.wait((serving, late), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()

    async def _close(self, over: asyncio.Event, closed: asyncio.Event) -> None:
        await over.wait()
        closing = asyncio.to_thread(self._end_work)
        try:
            await asyncio.wait_for(closing, _CLOSE_SECONDS)
        except TimeoutError:
            _LOGGER.warning("Jobs and tasks did not end within %.0f seconds", _CLOSE_SECONDS)
        if self._kept:
            await asyncio.to_thread(self._kept.close)
        closed.set()

    def _end_work(self) -> None:
        endings.end_all()
        tasks = threading.Thread(target=self._tasks.close)
        tasks.start()
        self._services.close()
        tasks.join()

    def _application(self) -> Application:
        kept = self._kept
        return with_status(kept.noticing(ministack.app) if kept else ministack.app, self._services)

    def _config(self, listener: socket.socket) -> Config:
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.loglevel = "WARNING"
        config.graceful_timeout = _GRACE_SECONDS
        config.keep_alive_timeout = 75
        if self._certificate:
            config.certfile, config.keyfile = map(str, self._certificate)
        return config


async def _late(closed: asyncio.Event) -> None:
    """Return when whoever is still connected has had the time to go.

    Over TLS a connection that is kept alive is only over when its client says so, too.
    """
    await closed.wait()
    await asyncio.sleep(2 * _GRACE_SECONDS)


def _certificate(settings: Settings) -> tuple[Path, Path]:
    certificate, key = map(Path, tls.resolve_tls_material())
    kept = settings.home / "certificate.pem", settings.home / "key.pem"
    shutil.copy(certificate, kept[0])
    shutil.copy(key, kept[1])
    return kept

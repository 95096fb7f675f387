"""Local clouds that go on after the command that started them, each known by a name.

Each has a folder of its name in `state_folder()`: `cloud.json` says what it is, `home` holds its
files. A cloud is up while the very process of its record runs; what is left of one that ended
otherwise than by `down` is noticed at the next look.
"""

import re
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL, SIGTERM

from cdk_sagemaker_processing.local.clouds.record import RECORD, NamedCloud, read, write
from cdk_sagemaker_processing.local.clouds.starting import (
    Options,
    check_machine,
    start_server,
    wait_until_ready,
)
from cdk_sagemaker_processing.local.disk.folders import remove, state_folder
from cdk_sagemaker_processing.local.disk.locking import locked_folder
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes.children import Child
from cdk_sagemaker_processing.local.processes.holding import signals_held
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from cdk_sagemaker_processing.local.processes.ports import choose_port

__all__ = ["DEFAULT", "Clouds"]

DEFAULT = "default"
"""The name of the cloud that is meant where none is named."""

_FIRST_PORT = 4566
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_GRACE_SECONDS = 15
_POLL_SECONDS = 0.05


class Clouds:
    """The local clouds of this user.

    Args:
        folder: Where they are known; `clouds` in `state_folder()` by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or state_folder() / "clouds"

    def all(self) -> list[NamedCloud]:
        """Return every cloud that is up, crashed or kept, by name."""
        names = sorted(path.parent.name for path in self._folder.glob(f"*/{RECORD}"))
        return [cloud for name in names if (cloud := self._read(name))]

    def get(self, name: str) -> NamedCloud:
        """Return a cloud.

        Args:
            name: Its name.

        Raises:
            LocalCloudError: If there is none of this name.
        """
        cloud = self._read(_checked(name))
        if cloud is None:
            raise LocalCloudError(self._unknown(name))
        return cloud

    def running(self, name: str) -> NamedCloud:
        """Return a cloud that is up.

        Args:
            name: Its name.

        Raises:
            LocalCloudError: If it is not.
        """
        cloud = self.get(name)
        if not cloud.is_up:
            how = f"ended unexpectedly (its log: {cloud.log})" if cloud.crashed else "is down"
            raise LocalCloudError(f"the local cloud {name} {how}: {_start_it(name)}")
        return cloud

    def up(
        self,
        name: str = DEFAULT,
        *,
        port: int | None = None,
        enforce_iam: bool | None = None,
        quotas: Mapping[str, int] | None = None,
        keep: bool | None = None,
        parent: int | None = None,
    ) -> NamedCloud:
        """Start a cloud unless it is up, and wait until it answers.

        What is None is as it was at the cloud's last start, if that is known. What a cloud with
        `keep` held when it ended is there again.

        Args:
            name: Its name: small letters, digits and hyphens.
            port: Where it answers on 127.0.0.1; by default where it did before, else on 4566 if
                that is free, else on any free port.
            enforce_iam: Whether IAM policies are enforced, as `LocalCloud.start` says.
            quotas: How many instances of a type its processing jobs may have at once.
            keep: Whether what it holds stays on disk when it ends.
            parent: A process that it must not outlive; none by default.

        Raises:
            LocalCloudError: If it is up otherwise than is asked for, or cannot be started.
        """
        with self._locked(name):
            known = self._read(name)
            before = known.options if known else Options()
            options = Options(
                enforce_iam=before.enforce_iam if enforce_iam is None else enforce_iam,
                quotas=before.quotas if quotas is None else dict(quotas),
                keep=before.keep if keep is None else keep,
            )
            if known and known.is_up:
                return _as_wanted(known, port, options)
            if known:
                _forbid_loss(known, options)
                _end(known)
            if known and not known.options.keep:
                remove(known.home)
            return self._start(name, _port(port, known), options, parent)

    def down(self, name: str, *, forget: bool = False) -> NamedCloud:
        """End a cloud with everything that runs in it; what it held goes unless it is kept.

        Args:
            name: Its name.
            forget: Whether what it held goes even if it is kept.

        Returns:
            What it was.

        Raises:
            LocalCloudError: If there is none of this name.
        """
        with self._locked(name):
            cloud = self.get(name)
            _end(cloud)
            if cloud.options.keep and not forget:
                write(replace(cloud, process=None))
            else:
                _forget(cloud)
            return cloud

    def reset(self, name: str) -> NamedCloud:
        """Empty a cloud: it ends, and starts again on its port with nothing in it.

        Args:
            name: Its name.

        Raises:
            LocalCloudError: If there is none of this name, or it does not start again.
        """
        with self._locked(name):
            cloud = self.get(name)
            was_up = cloud.is_up
            _end(cloud)
            remove(cloud.home)
            if was_up:
                return self._start(name, cloud.port, cloud.options, None)
            ended = replace(cloud, process=None)
            write(ended)
            return ended

    def _start(self, name: str, port: int, options: Options, parent: int | None) -> NamedCloud:
        folder = self._folder / name
        cloud = NamedCloud(name, folder, choose_port(port), options, datetime.now(tz=UTC))
        is_new = not cloud.home.exists()
        cloud.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        server = None
        try:
            check_machine(cloud.home)
            with signals_held():
                server = start_server(port, cloud.home, options, parent=parent)
                cloud = replace(cloud, process=ProcessIdentity.of(server.pid))
                write(cloud)
            wait_until_ready(cloud.api, server)
        except BaseException:
            self._give_up(cloud, server, is_new=is_new)
            raise
        server.leave()
        return cloud

    def _give_up(self, cloud: NamedCloud, server: Child | None, *, is_new: bool) -> None:
        if server:
            server.stop()
        if cloud.options.keep and not is_new:
            write(replace(cloud, process=None))
        else:
            _forget(cloud)

    def _read(self, name: str) -> NamedCloud | None:
        return read(self._folder / name)

    def _locked(self, name: str) -> AbstractContextManager[None]:
        """Let one command at a time start or end a cloud."""
        return locked_folder(self._folder / _checked(name))

    def _unknown(self, name: str) -> str:
        others = ", ".join(cloud.name for cloud in self.all())
        there_are = f" (there are: {others})" if others else ""
        return f"there is no local cloud {name}{there_are}: {_start_it(name)}"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise LocalCloudError(
            f"a local cloud's name has 1 to 32 small letters, digits and hyphens, got '{name}'"
        )
    return name


def _start_it(name: str) -> str:
    return f"start it by {_command('up', name)}"


def _command(verb: str, name: str) -> str:
    option = "" if name == DEFAULT else f" --name {name}"
    return f"sagemaker-processing local {verb}{option}"


def _as_wanted(cloud: NamedCloud, port: int | None, options: Options) -> NamedCloud:
    if port in {None, cloud.port} and options == cloud.options:
        return cloud
    raise LocalCloudError(
        f"the local cloud {cloud.name} is up with other options: end it first by "
        f"{_command('down', cloud.name)}, or give another --name"
    )


def _forbid_loss(known: NamedCloud, options: Options) -> None:
    if known.options.keep and not options.keep:
        raise LocalCloudError(
            f"the local cloud {known.name} is kept: leave --no-keep out, or delete what it held "
            f"first by {_command('down', known.name)} --forget"
        )


def _port(wanted: int | None, known: NamedCloud | None) -> int:
    if wanted is not None:
        return wanted
    if known:
        return _port_of_before(known)
    try:
        return choose_port(_FIRST_PORT)
    except LocalCloudError:
        return choose_port(None)


def _port_of_before(known: NamedCloud) -> int:
    try:
        return choose_port(known.port)
    except LocalCloudError as error:
        # No other by itself: what the cloud keeps, such as queues, names the port.
        raise LocalCloudError(
            f"port {known.port}, on which the local cloud {known.name} answered before, is taken "
            "by another program: end that, or give another by --port"
        ) from error


def _forget(cloud: NamedCloud) -> None:
    (cloud.folder / RECORD).unlink(missing_ok=True)
    remove(cloud.home)


def _end(cloud: NamedCloud) -> None:
    process = cloud.process
    if process is None:
        return
    process.send(SIGTERM)
    end = time.monotonic() + _GRACE_SECONDS
    while process.is_running:
        if time.monotonic() > end:
            process.send(SIGKILL)
        time.sleep(_POLL_SECONDS)
    process.end_session()

"""Where a task lives on this machine: folders in place of volumes, free ports in place of its own.

A container here sees the machine's files and ports. So what a definition says of paths and ports
is said anew: a mount's path becomes the volume's folder wherever it begins a path in an
environment's value or in a command, and a port becomes a free one of 127.0.0.1 in the value of a
variable that is just the port.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.local.disk.folders import remove
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK, choose_port
from cdk_sagemaker_processing.local.tasks.definition import Container, Definition
from cdk_sagemaker_processing.local.tasks.images import Image

__all__ = ["Place", "relocate"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one task lives.

    Attributes:
        root: Its folder.
        ports: By the ports of its containers, those of this machine.
    """

    root: Path
    ports: Mapping[int, int]

    @classmethod
    def make(cls, root: Path, definition: Definition) -> "Place":
        """Make the folders of a task's volumes and containers, and find it ports."""
        wanted = {port for container in definition.containers for port in container.ports}
        place = cls(root, {port: choose_port(None) for port in sorted(wanted)})
        for name in definition.volumes:
            place.volume(name).mkdir(parents=True)
        for container in definition.containers:
            for folder in ("bin", "home", "tmp", "work"):
                (place.container(container.name) / folder).mkdir(parents=True)
        return place

    def volume(self, name: str) -> Path:
        """The folder of a volume."""
        return self.root / "volumes" / name

    def container(self, name: str) -> Path:
        """The folder of what a container has for itself."""
        return self.root / "containers" / name

    def command(self, container: Container, command: Iterable[str]) -> list[str]:
        """A command of a container, as it is run here."""
        return [self._relocated(container, word) for word in command]

    def variables(
        self, container: Container, image: Image, region: Mapping[str, str]
    ) -> dict[str, str]:
        """The environment variables of a container, as they are here: none comes from the host.

        Args:
            container: The container.
            image: What stands in for its image.
            region: Variables that the definition may set otherwise.
        """
        folder = self.container(container.name)
        image_own = dict(image.variables)
        image_own["PATH"] = f"{folder / 'bin'}:{image_own['PATH']}"
        own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
        given = {
            name: self._port(self._relocated(container, value))
            for name, value in container.environment.items()
        }
        return {**image_own, **own, **region, **given}

    def write_commands(self, container: Container, image: Image) -> None:
        """Write the commands that an image has and that are elsewhere on this machine."""
        for name, command in image.commands.items():
            path = self.container(container.name) / "bin" / name
            path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            path.chmod(0o755)

    def bindings(self, container: Container) -> list[dict[str, str | int]]:
        """A container's `networkBindings`."""
        return [
            {
                "bindIP": LOOPBACK,
                "containerPort": port,
                "hostPort": self.ports[port],
                "protocol": "tcp",
            }
            for port in container.ports
        ]

    def discard(self) -> None:
        """Remove all of it."""
        remove(self.root)

    def _relocated(self, container: Container, text: str) -> str:
        # The longer path first: a mount may lie below another.
        for path in sorted(container.mounts, key=len, reverse=True):
            text = relocate(text, path, str(self.volume(container.mounts[path])))
        return text

    def _port(self, value: str) -> str:
        return str(self.ports.get(int(value), value)) if value.isdecimal() else value


def relocate(text: str, path: str, folder: str) -> str:
    """Put a folder in place of a path, wherever it begins one.

    >>> relocate("ls /history/logs s3://bucket/history", "/history", "/tasks/a")
    'ls /tasks/a/logs s3://bucket/history'
    """
    begins = r"(?:(?<![\w./~}-])|(?<=file://))"
    return re.sub(rf"{begins}{re.escape(path)}(?![\w.-])", lambda _: folder, text)

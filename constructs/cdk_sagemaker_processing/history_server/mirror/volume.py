"""The volume that the mirror shares with the server."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_NOBODY = 65534
_OTHERS_MAY_PASS = 0o001


@dataclass(frozen=True, slots=True)
class Volume:
    """Its folders and files.

    Attributes:
        root: The volume.
    """

    root: Path

    @property
    def logs(self) -> Path:
        """The mirrored logs, which the server reads."""
        return self.root / "logs"

    @property
    def partial(self) -> Path:
        """What is being fetched."""
        return self.root / "mirror"

    @property
    def store(self) -> Path:
        """The server's own database."""
        return self.root / "store"

    @property
    def scratch(self) -> Path:
        """The server's temporary files."""
        return self.root / "tmp"

    @property
    def control(self) -> Path:
        """What the mirror and the server tell each other."""
        return self.root / "control"

    @property
    def alive(self) -> Path:
        """Touched by the mirror as long as it works."""
        return self.control / "alive"

    @property
    def ready(self) -> Path:
        """The server may start."""
        return self.control / "ready"

    @property
    def restart(self) -> Path:
        """The server should be started again."""
        return self.control / "restart"

    @property
    def server_ended(self) -> Path:
        """Why the server has ended for good."""
        return self.control / "server-ended"

    def prepare(self) -> None:
        """Make the folders, and remove what an earlier start has left in them but the logs."""
        # The server reads the logs as a user of its own.
        os.umask(0o022)
        for folder in (self.logs, self.store, self.scratch, self.control):
            folder.mkdir(parents=True, exist_ok=True)
        # The server writes to these, and removes what the mirror made in control.
        for folder in (self.store, self.control):
            folder.chmod(0o777)
        self.scratch.chmod(0o1777)
        for file in (self.ready, self.restart, self.server_ended, self.alive):
            file.unlink(missing_ok=True)
        if self.partial.exists():
            shutil.rmtree(self.partial)
        self.partial.mkdir()

    def give_up_root(self, also: tuple[Path, ...]) -> bool:
        """Go on as an ordinary user, who owns the logs, if this is root.

        Args:
            also: What that user must be able to reach beside the volume.

        Returns:
            Whether it is an ordinary user's now: that cannot be where a folder on the way is
            root's alone.
        """
        if os.geteuid() != 0:
            return True
        if not all(_is_open(path) for path in (self.logs, *also)):
            return False
        try:
            for folder in (self.logs, self.partial):
                os.chown(folder, _NOBODY, _NOBODY)
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
        except OSError:
            # A root of its own user namespace, which knows no other user.
            return False
        return True


def _is_open(path: Path) -> bool:
    """Whether others may pass every folder on the way to a path."""
    return all(folder.stat().st_mode & _OTHERS_MAY_PASS for folder in path.resolve().parents)

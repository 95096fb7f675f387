"""Runs the faulty local AWS with its home on a disk of 48 MiB, which only it and its jobs see."""

import os
import sys
from pathlib import Path

SIZE_MIB = 48
_CLOUD = str(Path(__file__).parent / "faulty_cloud.py")
_MOUNT = f'mount -t tmpfs -o size={SIZE_MIB}m tmpfs "$0" && exec "$@"'

if __name__ == "__main__":
    home = sys.argv[sys.argv.index("--home") + 1]
    os.execvp(  # noqa: S606 - it becomes what it runs
        "unshare",  # noqa: S607 - wherever it is
        [
            *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNT, home),
            *(sys.executable, _CLOUD, *sys.argv[1:]),
        ],
    )

"""Runs a command in the foreground of its terminal, and tells which processes it left.

`python watched.py FILE COMMAND…`: the file gets the command's process id, and at its end the
command lines of what still runs of all that descends from it, whichever sessions those are in;
first of what is `left` at once, then of what has `stayed` for 20 s.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

from cdk_sagemaker_processing.local.ministack.processes import descendants

_PR_SET_CHILD_SUBREAPER = 36
_STAY_SECONDS = 20


def main() -> int:
    """Run the command, and return its exit code as a shell tells it."""
    file = Path(sys.argv[1])
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # What loses its parent becomes a child of this process.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # A handler, unlike SIG_IGN, is not handed on to the command.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    with subprocess.Popen(sys.argv[2:]) as command:
        _write(file, {"pid": command.pid})
        code = command.wait()
    left = _left()
    _wait_until_none_is_left()
    _write(file, {"pid": command.pid, "left": left, "stayed": _left()})
    return code if code >= 0 else 128 - code


def _wait_until_none_is_left() -> None:
    end = time.monotonic() + _STAY_SECONDS
    while descendants(os.getpid()) and time.monotonic() < end:
        time.sleep(0.05)


def _left() -> list[str]:
    found = []
    for process in descendants(os.getpid()):
        with suppress(OSError):
            found.append(Path(f"/proc/{process}/cmdline").read_text().replace("\0", " "))
    return found


def _write(file: Path, said: object) -> None:
    staging = file.with_suffix(".new")
    staging.write_text(json.dumps(said))
    staging.replace(file)


if __name__ == "__main__":
    sys.exit(main())

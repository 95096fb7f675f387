"""Run a program that ends when the process that started it ends, however that one ends.

`python tie.py PARENT COMMAND…`: asks the Linux kernel for a SIGTERM at the parent's death, then
becomes the command. It imports nothing of this package, to start at once.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the command, tied to the parent."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        # It ended before the kernel was asked.
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the command is the starter's own


if __name__ == "__main__":
    main()

"""A program that looks like a local cloud from outside: it answers, and ends when told to.

It keeps two files: `home/said` with its command line, `home/worker` with the id of a process that
it starts and that would outlive it. Where its home holds a file `stillborn`, it does not start;
`stubborn`, it does not end by SIGTERM.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Answers(BaseHTTPRequestHandler):
    """Is ready, and runs one execution of two jobs."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"executions": 1, "jobs": 2}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Be a cloud."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--home", type=Path)
    given, _ = parser.parse_known_args()
    if (given.home / "stillborn").exists():
        sys.exit("no, thank you")
    (given.home / "said").write_text(" ".join(sys.argv[1:]))
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (given.home / "worker").write_text(str(worker.pid))
    ending = signal.SIG_IGN if (given.home / "stubborn").exists() else lambda *_: os._exit(0)
    signal.signal(signal.SIGTERM, ending)
    print("answering", flush=True)  # noqa: T201 - its log
    HTTPServer(("127.0.0.1", given.port), Answers).serve_forever()


if __name__ == "__main__":
    main()

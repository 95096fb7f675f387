"""pip-audit over lock files."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from security.findings import Finding
from security.tools import packages

pytestmark = pytest.mark.local_cloud

LOCKED = "\n".join(f"{one}==1.0 --hash=sha256:{64 * '0'}" for one in ("leaky", "sound"))


class KnowsOneVulnerability(BaseHTTPRequestHandler):
    """A service of known vulnerabilities, as OSV's API has it."""

    def do_POST(self) -> None:
        """Answer the query of one package."""
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        package = {**query["package"], "ecosystem": "PyPI"}
        leak = {
            "id": "PYSEC-2026-1",
            "modified": "2026-01-01T00:00:00Z",
            "details": "It leaks.",
            "affected": [
                {
                    "package": package,
                    "ranges": [
                        {
                            "type": "ECOSYSTEM",
                            "events": [{"introduced": "0"}, {"fixed": "1.1"}],
                        }
                    ],
                }
            ],
        }
        body = json.dumps({"vulns": [leak]} if package["name"] == "leaky" else {}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of the service."""
    with ThreadingHTTPServer(("127.0.0.1", 0), KnowsOneVulnerability) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    """A lock file with two packages."""
    path = tmp_path / "locked.txt"
    path.write_text(LOCKED)
    return path


def test_a_known_vulnerability_is_found(lock_file: Path) -> None:
    """It is told with the package that has it."""
    with serving() as address:
        evaluation = packages.evaluate(
            lock_file, service=["--vulnerability-service", "osv", "--osv-url", address]
        )

    assert evaluation.rules == 2
    assert evaluation.findings == [
        Finding("pip-audit", "PYSEC-2026-1", str(lock_file), "leaky 1.0")
    ]
    assert evaluation.note == ""


def test_nothing_is_said_to_be_audited_without_a_service(lock_file: Path) -> None:
    """Where the service does not answer, no package counts as looked at, and the note says so."""
    with serving() as address:
        pass

    evaluation = packages.evaluate(
        lock_file, service=["--vulnerability-service", "osv", "--osv-url", address]
    )

    assert evaluation.rules == 0
    assert evaluation.findings == ()
    assert evaluation.note.startswith("not audited: the vulnerability service is not in reach")

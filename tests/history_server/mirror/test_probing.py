import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cdk_sagemaker_processing.history_server.mirror.probing import answers
from cdk_sagemaker_processing.history_server.mirror.sockets import count_connections
from tests.waiting import until

_CODES = {"code": 200}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/api/v1/version"
        self.send_response(_CODES["code"] if found else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture(name="port")
def _port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("code", "is_there"), [(200, True), (302, True), (403, True), (500, False), (503, False)]
)
def test_any_answer_but_a_failure_is_one(port: int, code: int, is_there: bool) -> None:
    """A server may send people elsewhere, or want to know them."""
    _CODES["code"] = code
    assert answers(port) is is_there


def test_no_connection_is_left(port: int) -> None:
    """Which would count as use."""
    _CODES["code"] = 200
    answers(port)
    assert until(lambda: count_connections(port) == 0, 10)


def test_nobody_there_is_no_answer(port: int) -> None:
    """The port of a server that is not up yet."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as other:
        free = other.server_port
    assert port != free
    assert not answers(free)

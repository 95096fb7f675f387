"""Asking the server whether it is there."""

import http.client
from http import HTTPStatus

_PATH = "/api/v1/version"
_TIMEOUT_SECONDS = 5


def answers(port: int) -> bool:
    """Ask the server on this machine for its version.

    The connection is closed when this returns, so that it never counts as use.

    Args:
        port: Where it listens.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", _PATH)
        return connection.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

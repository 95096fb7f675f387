import socket

import pytest

from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK, choose_port


def test_a_free_port_can_be_listened_on() -> None:
    """Nothing holds a port that was chosen."""
    with socket.socket() as server:
        server.bind((LOOPBACK, choose_port(None)))


def test_a_wanted_port_that_is_free_is_taken() -> None:
    """The choice is the caller's."""
    port = choose_port(None)
    assert choose_port(port) == port


def test_a_taken_port_is_refused() -> None:
    """The error names the port and the way out."""
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(
            LocalCloudError,
            match=rf"port {port} on 127\.0\.0\.1 is taken by another program: choose",
        ):
            choose_port(port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    """The error names the range."""
    with pytest.raises(LocalCloudError, match=rf"port {port} is not a port: choose one from 1"):
        choose_port(port)

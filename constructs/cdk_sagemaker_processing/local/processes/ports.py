"""Ports of this machine's loopback address."""

import errno
import socket

from cdk_sagemaker_processing.local.errors import LocalCloudError

LOOPBACK = "127.0.0.1"
_LAST_PORT = 65535


def choose_port(wanted: int | None) -> int:
    """Return the wanted port if nothing listens on it, or any free one.

    Args:
        wanted: A port from 1 to 65535; None for any free one.

    Raises:
        LocalCloudError: If the wanted port is taken or may not be used.
    """
    if wanted is not None and not 0 < wanted <= _LAST_PORT:
        raise LocalCloudError(f"port {wanted} is not a port: choose one from 1 to {_LAST_PORT}")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that a port whose last connections only linger counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted or 0))
        except OSError as error:
            raise LocalCloudError(_refusal(wanted, error)) from error
        return int(probe.getsockname()[1])


def _refusal(wanted: int | None, error: OSError) -> str:
    way_out = "choose another port, or leave it out for a free one"
    if error.errno == errno.EADDRINUSE:
        return f"port {wanted} on {LOOPBACK} is taken by another program: {way_out}"
    return f"port {wanted} on {LOOPBACK} cannot be used ({error.strerror}): {way_out}"

"""Connections to the local AWS that end when their clients do.

Hypercorn notices that a client has gone, and then keeps its own end for as long as that of one
that is idle. A job has connections of its own: after some hundred jobs the process would have no
file descriptor left.
"""

from hypercorn.asyncio import run, tcp_server

from cdk_sagemaker_processing.local.ministack import seams


def install() -> None:
    """Mend Hypercorn."""
    seams.mend(run, {"TCPServer": _connection})


def _connection(_original: type, *arguments: object) -> tcp_server.TCPServer:
    return _Connection(*arguments)  # type: ignore[arg-type]  # whatever Hypercorn makes one of


class _Connection(tcp_server.TCPServer):
    async def _read_data(self) -> None:
        await super()._read_data()
        await self.idle_task.stop()

"""Who is connected, from the kernel's tables, which a task's containers share."""

from collections.abc import Iterable
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))

_ESTABLISHED = "01"


def count_connections(port: int, tables: Iterable[Path] = TABLES) -> int:
    """Count the established connections to a port of this machine.

    Args:
        port: The local port.
        tables: The kernel's tables; one that is missing (IPv6 may be off) is empty.
    """
    return sum(_is_connection(line.split(), port) for table in tables for line in _lines(table))


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text().splitlines()[1:]
    except FileNotFoundError:
        return []


def _is_connection(fields: list[str], port: int) -> bool:
    # sl, local address:port in hexadecimal, remote address:port, state, …
    _, local, _, state, *_ = fields
    return state == _ESTABLISHED and int(local.rpartition(":")[2], 16) == port

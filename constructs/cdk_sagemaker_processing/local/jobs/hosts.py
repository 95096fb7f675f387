"""The instances of a job, as they know one another: names, and addresses of this machine.

All of 127.0.0.0/8 is this machine's own. A job has one of its networks of 254 addresses to
itself for as long as it runs, so that two jobs whose instances listen on the same port do not meet.
"""

import errno
import random
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOSTS_FILE = Path("/etc/hosts")
# Nobody listens on it. Who has bound it on a network's last address has the network.
_LEASE_PORT = 47_077
_LAST = 254
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Hosts:
    """The instances of one job.

    Attributes:
        addresses: Their IPv4 addresses by their names, `algo-1` first.
    """

    addresses: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names: `algo-1`, `algo-2` and so on."""
        return tuple(self.addresses)

    def file(self) -> str:
        """The content of /etc/hosts on each of them."""
        lines = [f"{address}\t{name}\n" for name, address in self.addresses.items()]
        return "".join(["127.0.0.1\tlocalhost\n", *lines])


@contextmanager
def hosts(count: int) -> Iterator[Hosts]:
    """Name a job's instances and find them addresses that no other job has meanwhile.

    Args:
        count: How many instances there are: 1 to 100, as in CreateProcessingJob's InstanceCount.

    Raises:
        OSError: This machine has no loopback network left.
    """
    network, lease = _lease()
    with lease:
        yield Hosts({f"algo-{n}": f"{network}.{n}" for n in range(1, count + 1)})


def _lease() -> tuple[str, socket.socket]:
    for _ in range(_ATTEMPTS):
        # 127.0 is what other programs use.
        network = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}"  # noqa: S311  no secret
        lease = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            lease.bind((f"{network}.{_LAST}", _LEASE_PORT))
        except OSError as error:
            lease.close()
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return network, lease
    raise OSError(errno.EADDRINUSE, "no network of 127.0.0.0/8 is free for a job's instances")

"""Spark's settings for a History Server that is fast and safe in a task of a given size."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["OWNED", "Sizes", "properties_text", "server_settings"]

# What `serve.sh` sets by itself, from where the task has its folder and its port.
OWNED = frozenset(
    {
        "spark.history.fs.logDirectory",
        "spark.history.provider",
        "spark.history.store.path",
        "spark.history.ui.port",
        "spark.port.maxRetries",
    }
)

_MIB_PER_GIB = 1024
_LOGS_SHARE = 0.6
_STORE_SHARE = 0.3
_HEAP_SHARE = 0.6
_HYBRID_SHARE = 0.5
_ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How a task's memory and disk are divided.

    Attributes:
        heap_mib: The Java heap of the server, in MiB.
        logs_mib: What the mirror may fill with event logs, in MiB.
        store_mib: What the server may fill with its store of parsed logs, in MiB.
    """

    heap_mib: int
    logs_mib: int
    store_mib: int

    @classmethod
    def of(cls, memory_mib: int, ephemeral_gib: int, images_gib: int) -> "Sizes":
        """Divide a task's memory and disk.

        Args:
            memory_mib: Its memory.
            ephemeral_gib: Its ephemeral storage.
            images_gib: What the images take of that, as they come and unpacked.

        Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
        """
        disk = (ephemeral_gib - images_gib) * _MIB_PER_GIB
        return cls(
            heap_mib=int(memory_mib * _HEAP_SHARE),
            logs_mib=int(disk * _LOGS_SHARE),
            store_mib=int(disk * _STORE_SHARE),
        )


def server_settings(sizes: Sizes, url: str | None = None) -> dict[str, str]:
    """Spark's settings, but for those that only the running task knows.

    Args:
        sizes: How memory and disk are divided.
        url: Where people find the server if a load balancer is before it, such as
            `https://history.example.com`.
    """
    settings = {
        # Parsed logs are kept on disk, so that a large one opens at once the second time.
        "spark.history.store.hybridStore.enabled": "true",
        "spark.history.store.hybridStore.diskBackend": "ROCKSDB",
        "spark.history.store.hybridStore.maxMemoryUsage": (
            f"{int(sizes.heap_mib * _HYBRID_SHARE)}m"
        ),
        "spark.history.store.maxDiskUsage": f"{sizes.store_mib}m",
        "spark.history.store.serializer": "PROTOBUF",
        "spark.history.fs.update.interval": "5s",
        # Of one thread, the default on a small task, all others wait for a large log.
        "spark.history.fs.numReplayThreads": "4",
        # A log's end is looked for in so much of its tail: of the default, 1 MB, all would be read.
        "spark.history.fs.endEventReparseChunkSize": "64k",
        # On, a log that grows under one name stays incomplete for ever.
        "spark.history.fs.inProgressOptimization.enabled": "false",
        # The mirror owns the files.
        "spark.history.fs.cleaner.enabled": "false",
    }
    if url:
        # Else its redirects name http, behind a load balancer that ends TLS.
        settings["spark.ui.proxyRedirectUri"] = url
    return settings


def properties_text(settings: Mapping[str, str]) -> str:
    """Settings as the lines of a Java properties file."""
    return "".join(f"{_key(name)}={_text(value)}\n" for name, value in settings.items())


def _key(name: str) -> str:
    return "".join(f"\\{one}" if one in " :=#!" else _ESCAPED.get(one, one) for one in name)


def _text(value: str) -> str:
    escaped = "".join(_ESCAPED.get(one, one) for one in value)
    # Java drops the blanks before a value.
    return f"\\{escaped}" if escaped.startswith(" ") else escaped

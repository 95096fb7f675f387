"""The History Server's task beside a plain History Server, on the same event logs, in one run.

*Plain* is Spark's own server with Spark's defaults, given the heap that ours has, over a local
folder. *Ours* is what the task runs: the server's container alone, over the same files as if they
were mirrored already, which is the like for like; and both containers from nothing, with the
copying from S3 (the local cloud's) in the time. Each has one processor, as the task has by default.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.event_logs import Application
from benchmarks.figures import Beside, Figure
from benchmarks.servers import Server, start_container, start_plain
from cdk_sagemaker_processing.history_server.containers import Container, Plan, containers
from cdk_sagemaker_processing.history_server.mirror_code import MIRROR_FOLDER
from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.jobs.environments import Environments

__all__ = ["TITLE", "measure"]

TITLE = "Spark History Server: the task's beside a plain one"

_IMAGE = "aws/sagemaker-spark-processing:3.5-cpu-py312-v1.3"
_BUCKET = "event-logs"
_CODE = "mirror.zip"
_MEMORY_MIB = 4096
_DISK_GIB = 21
_AS_SLOW = 1.1
_ALL_LISTED = "all are listed"
_FIVE_TIMES_FASTER = 0.2
# Spark's hybrid store says so once a log that was opened is on disk.
_STORED = "Completely switched to diskStore"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        logs: How many logs are listed.
        tasks: How many tasks each of them has, at 4.2 KB.
        large_tasks: How many tasks the large log has.
        listings: How often listing is measured.
        openings: How often opening a large log is measured.
    """

    logs: int
    tasks: int
    large_tasks: int
    listings: int
    openings: int


_FULL = Sizes(logs=2_000, tasks=120, large_tasks=60_000, listings=5, openings=3)
_QUICK = Sizes(logs=100, tasks=20, large_tasks=6_000, listings=1, openings=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """How long many logs took, in seconds from the start of the processes.

    Attributes:
        first: Until the list shows an application.
        deep_link: Until the newest application's page of jobs opened.
        all: Until every log is listed.
    """

    first: float
    deep_link: float
    all: float


@dataclass(frozen=True, slots=True)
class Opening:
    """How long a large log took, in seconds.

    Attributes:
        page: The request for its page of jobs, by itself.
        start: From the start of the processes until that page was there.
    """

    page: float
    start: float


def measure(console: Console, *, quick: bool) -> list[Figure]:
    """Measure listing, deep links and reopening, of both servers in turn."""
    sizes = _QUICK if quick else _FULL
    with tempfile.TemporaryDirectory(prefix="history-bench-") as folder, ExitStack() as opened:
        bench = opened.enter_context(_bench(Path(folder), sizes, console))
        listing = [_listings(bench) for _ in range(sizes.listings)]
        opening = [_openings(bench) for _ in range(sizes.openings)]
        return [*_of_listings(listing, bench), *_of_openings(opening, bench)]


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements use.

    Attributes:
        folder: For their files.
        sizes: How much is measured.
        spark: The environment of the Spark installation.
        cloud: The local cloud, whose S3 has the logs.
        many: The folder of many logs, oldest first by name and by time.
        large: The folder of the large log.
        tell: Is told what is being measured.
    """

    folder: Path
    sizes: Sizes
    spark: dict[str, str]
    cloud: LocalCloud
    many: Path
    large: Path
    tell: Callable[[str], None]

    def fresh(self) -> Path:
        """A folder that nothing is in."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def containers(self, prefix: str) -> tuple[Container, Container]:
        """The task's containers, for a prefix of the bucket."""
        return containers(
            Plan(
                sources=(f"s3://{_BUCKET}/{prefix}/",),
                code=f"s3://{_BUCKET}/{_CODE}",
                memory_mib=_MEMORY_MIB,
                ephemeral_gib=_DISK_GIB,
            )
        )

    @property
    def heap(self) -> str:
        """The heap of our server."""
        return self.containers("")[1].environment["SPARK_DAEMON_MEMORY"]

    @contextmanager
    def plain(self, logs: Path) -> Iterator[Server]:
        """A plain server over a folder."""
        server = start_plain(logs, self.fresh(), self.spark, self.heap)
        with server.process:
            yield server

    @contextmanager
    def ours(self, volume: Path) -> Iterator[Server]:
        """Our server's container alone, over a volume that is mirrored already."""
        server = start_container(self.containers("")[1], volume, self.spark)
        with server.process:
            yield server

    @contextmanager
    def task(self, prefix: str) -> Iterator[Server]:
        """Both containers over an empty volume."""
        volume = self.fresh()
        mirror, server = self.containers(prefix)
        python = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        copying = start_container(mirror, volume, {**python, **self.cloud.environment})
        with copying.process:
            showing = start_container(server, volume, self.spark, copying.port)
            with showing.process:
                yield showing


@contextmanager
def _bench(folder: Path, sizes: Sizes, console: Console) -> Iterator[Bench]:
    with console.status("starting") as status, LocalCloud.start() as cloud:

        def tell(text: str) -> None:
            status.update(text)
            if not console.is_terminal:
                console.print(text)

        tell("writing event logs")
        spark = dict(Environments().prepare(_IMAGE, tell).variables)
        bench = Bench(
            folder, sizes, spark, cloud, _many(folder, sizes), _large(folder, sizes), tell
        )
        _upload(cloud.client("s3"), bench)
        yield bench


def _identity(number: int) -> str:
    return f"application_1767571200000_{number:04}"


def _many(folder: Path, sizes: Sizes) -> Path:
    logs = folder / "many"
    logs.mkdir()
    for number in range(sizes.logs):
        started = 1_767_571_200_000 + number * 60_000
        one = Application(_identity(number), jobs=4, tasks=sizes.tasks // 4, started=started)
        file = one.write(logs)
        os.utime(file, (one.ended / 1000, one.ended / 1000))
    return logs


def _large(folder: Path, sizes: Sizes) -> Path:
    logs = folder / "large"
    logs.mkdir()
    Application("large", jobs=30, tasks=sizes.large_tasks // 30).write(logs)
    return logs


def _upload(s3: Any, bench: Bench) -> None:
    bench.tell("uploading event logs")
    s3.create_bucket(Bucket=_BUCKET)
    code = shutil.make_archive(str(bench.folder / "mirror"), "zip", MIRROR_FOLDER)
    s3.upload_file(code, _BUCKET, _CODE)
    for logs in (bench.many, bench.large):
        # In their order, so that S3's times are in the order of the logs.
        for file in sorted(logs.iterdir()):
            s3.upload_file(str(file), _BUCKET, f"{logs.name}/{file.name}")


def _volume(bench: Bench, logs: Path) -> Path:
    """A volume as the mirror leaves it: links to the same files, which hold the same pages."""
    volume = bench.fresh()
    for name in ("logs", "store", "tmp", "control"):
        (volume / name).mkdir()
    for file in logs.iterdir():
        (volume / "logs" / file.name).hardlink_to(file)
    (volume / "control" / "ready").touch()
    return volume


def _listings(bench: Bench) -> dict[str, Listing]:
    bench.tell("listing: plain")
    with bench.plain(bench.many) as server:
        plain = _list(server, bench)
    bench.tell("listing: ours")
    volume = _volume(bench, bench.many)
    with bench.ours(volume) as server:
        ours = _list(server, bench)
    bench.tell("listing: ours, restarted")
    with bench.ours(volume) as server:
        again = _list(server, bench)
    bench.tell("listing: ours, from S3")
    with bench.task(bench.many.name) as server:
        cold = _list(server, bench)
    return {"plain": plain, "ours": ours, "again": again, "cold": cold}


def _list(server: Server, bench: Bench) -> Listing:
    logs = bench.sizes.logs
    first = server.until(lambda: server.listed(1) == 1)
    deep_link = server.until(lambda: server.opens(_identity(logs - 1)))
    # Logs are read newest first; with several threads the oldest need not be the last.
    server.until(lambda: server.lists(_identity(0)))
    return Listing(first, deep_link, server.until(lambda: server.listed(logs) == logs))


def _openings(bench: Bench) -> dict[str, Opening]:
    bench.tell("large log: plain")
    with bench.plain(bench.large) as server:
        plain = _open(server)
    bench.tell("large log: ours")
    volume = _volume(bench, bench.large)
    with bench.ours(volume) as server:
        ours = _open(server)
        server.until(lambda: server.wrote(_STORED))
    bench.tell("large log: ours, restarted")
    with bench.ours(volume) as server:
        again = _open(server)
    bench.tell("large log: ours, from S3")
    with bench.task(bench.large.name) as server:
        cold = _open(server)
    return {"plain": plain, "ours": ours, "again": again, "cold": cold}


def _open(server: Server) -> Opening:
    before = server.until(lambda: server.lists("large"))
    after = server.until(lambda: server.opens("large"))
    return Opening(after - before, after)


def _of_listings(rounds: list[dict[str, Listing]], bench: Bench) -> list[Figure]:
    found = f"{bench.sizes.logs:,} logs, {_gigabytes(bench.many)}"
    parts: dict[str, Callable[[Listing], float]] = {
        "the first is listed": lambda one: one.first,
        "the newest one's page of jobs is open": lambda one: one.deep_link,
        _ALL_LISTED: lambda one: one.all,
    }
    kinds = {
        "ours": "files there",
        "again": "restarted, its store kept",
        "cold": "from nothing, copying from S3",
    }
    return [
        Figure(
            f"{found}: {meaning}",
            what,
            _best(rounds, kind, part),
            beside=Beside("plain, files there", _best(rounds, "plain", part), _most(kind, what)),
        )
        for kind, meaning in kinds.items()
        for what, part in parts.items()
    ]


def _most(kind: str, what: str) -> float | None:
    return _AS_SLOW if (kind, what) == ("ours", _ALL_LISTED) else None


def _of_openings(rounds: list[dict[str, Opening]], bench: Bench) -> list[Figure]:
    large = f"one log, {_gigabytes(bench.large)}, {bench.sizes.large_tasks:,} tasks"

    def page(kind: str) -> float:
        return _best(rounds, kind, lambda one: one.page)

    def start(kind: str) -> float:
        return _best(rounds, kind, lambda one: one.start)

    alone = f"{large}: its page of jobs, once it is listed"
    whole = f"{large}: its page of jobs, from the start on"
    plain = Beside("plain, first time or restarted", page("plain"), _FIVE_TIMES_FASTER)
    whole_plain = Beside("plain, first time or restarted", start("plain"))
    return [
        Figure(alone, "first time", page("ours"), beside=Beside("plain", page("plain"))),
        Figure(alone, "restarted, its store kept", page("again"), beside=plain),
        Figure(
            alone,
            "restarted, its store kept",
            page("again"),
            beside=Beside("ours, first time", page("ours"), _FIVE_TIMES_FASTER),
        ),
        Figure(whole, "first time", start("ours"), beside=whole_plain),
        Figure(whole, "restarted, its store kept", start("again"), beside=whole_plain),
        Figure(whole, "from nothing, copying from S3", start("cold"), beside=whole_plain),
    ]


def _best(rounds: list[dict[str, Any]], kind: str, part: Callable[[Any], float]) -> float:
    # Whatever else the machine does makes it slower, never faster.
    return min(part(one[kind]) for one in rounds)


def _gigabytes(folder: Path) -> str:
    return f"{sum(file.stat().st_size for file in folder.iterdir()) / 1e9:.2f} GB"

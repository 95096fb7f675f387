"""Spark's settings for a job's instances: those of the container, then those of this machine."""

from collections.abc import Mapping
from dataclasses import dataclass

from .cluster import ALONE, Cluster
from .failures import SubmitError
from .instance_types import InstanceType
from .memory import Note, driver_memory, executor_memory, megabytes, workers

_STEP = "error running Spark job"
# What the container sets for every job.
_ALWAYS = {
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.rpc.askTimeout": "300s",
}
# A web page of each job would listen on a port that nobody was told of.
_NO_PAGE = {"spark.ui.enabled": "false"}
_UNKNOWN_CORES, _UNKNOWN_MEMORY = 2, 4096
_TOO_MUCH = (
    "Required executor memory ({asked} MB) and overhead ({overhead} MB) is above the {most} MB of "
    "an instance: YARN refuses such an executor on AWS"
)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a Spark job runs.

    Attributes:
        cluster: Its hosts.
        kind: What an instance has; None where its type is not known.
        mode: The container's `AWS_SPARK_CONFIG_MODE`.
        processors: How many processors this machine lets it use.
    """

    cluster: Cluster = ALONE
    kind: InstanceType | None = None
    mode: str = "1"
    processors: int = 1

    @property
    def is_alone(self) -> bool:
        """Whether driver and tasks share one process."""
        return len(self.cluster.hosts) == 1

    @property
    def master(self) -> str:
        """Spark's `--master`."""
        return f"local[{self.processors}]" if self.is_alone else self.cluster.master

    @property
    def works(self) -> bool:
        """Whether this host runs executors: the machine's memory is not enough for many hosts."""
        return self.cluster.host in self.cluster.hosts[: workers(len(self.cluster.hosts))]

    def settings_before(self) -> dict[str, str]:
        """What the container computes and sets; the user's settings follow."""
        if self.kind is None:
            return dict(_ALWAYS)
        shape, count = _shape(self.kind, self.mode), len(self.cluster.hosts)
        return {
            **_ALWAYS,
            "spark.executor.cores": str(shape.cores),
            "spark.executor.instances": str(shape.executors * count),
            "spark.default.parallelism": str(2 * shape.cores * shape.executors * count),
        }

    def settings_after(
        self, user: Mapping[str, str], settings: Mapping[str, str], note: Note
    ) -> dict[str, str]:
        """What this machine needs, whatever the user set.

        Args:
            user: The user's own settings.
            settings: All settings so far.
            note: Told what has no effect here, or less than asked for.
        """
        memory = self.kind.memory if self.kind else None
        driver = driver_memory(user.get("spark.driver.memory"), note, memory)
        own = {**_NO_PAGE, "spark.driver.memory": f"{driver}m"}
        if self.is_alone:
            prefixes = ("spark.yarn.", "spark.executor.")
            _say(user, prefixes, "Without effect in one process", note)
            here = {"spark.driver.host": "localhost", "spark.driver.bindAddress": "127.0.0.1"}
            return {**own, **here}
        _say(user, ("spark.yarn.",), "Without effect without YARN", note)
        return {**own, **self._of_executors(user, settings, note)}

    def check(self, user: Mapping[str, str]) -> None:
        """Refuse executors that YARN would not start on instances of this type.

        Args:
            user: The user's own settings.

        Raises:
            SubmitError: They are larger than an instance.
        """
        if self.kind is None or "spark.executor.memory" not in user:
            return
        asked = megabytes("spark.executor.memory", user["spark.executor.memory"])
        given = user.get("spark.executor.memoryOverhead")
        # Spark's default of spark.executor.memoryOverhead: a tenth, 384 MiB at least.
        overhead = megabytes("spark.executor.memoryOverhead", given) if given else asked // 10
        overhead = overhead if given else max(384, overhead)
        if asked + overhead > self.kind.memory:
            problem = _TOO_MUCH.format(asked=asked, overhead=overhead, most=self.kind.memory)
            raise SubmitError(_STEP, ValueError(problem))

    def cores(self, settings: Mapping[str, str]) -> int:
        """How many tasks a host's executors run at once."""
        own = int(settings.get("spark.executor.cores", _UNKNOWN_CORES))
        return max(own, self.kind.processors if self.kind else _UNKNOWN_CORES)

    def _of_executors(
        self, user: Mapping[str, str], settings: Mapping[str, str], note: Note
    ) -> dict[str, str]:
        hosts = self.cluster.hosts
        running = workers(len(hosts))
        if running < len(hosts):
            note(f"This machine has the memory for executors on {running} hosts of {len(hosts)}")
        each = int(settings.get("spark.executor.cores", _UNKNOWN_CORES))
        wanted = int(settings.get("spark.executor.instances", running))
        executors = max(1, min(wanted, running * (self.cores(settings) // each)))
        computed = _shape(self.kind, self.mode).memory if self.kind else _UNKNOWN_MEMORY
        memory = executor_memory(user.get("spark.executor.memory"), note, computed, executors)
        return {
            "spark.driver.host": self.cluster.primary,
            "spark.executor.cores": str(each),
            "spark.executor.memory": f"{memory}m",
            "spark.cores.max": str(executors * each),
            # YARN's default, and the container's patience: tasks spread over all hosts.
            "spark.scheduler.minRegisteredResourcesRatio": settings.get(
                "spark.scheduler.minRegisteredResourcesRatio", "0.8"
            ),
            "spark.scheduler.maxRegisteredResourcesWaitingTime": settings.get(
                "spark.scheduler.maxRegisteredResourcesWaitingTime", "180s"
            ),
        }


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the container makes of one instance: its executors, their cores, their MiB."""

    executors: int
    cores: int
    memory: int


def _shape(kind: InstanceType, mode: str) -> _Shape:
    if mode == "1":
        return _Shape(1, kind.processors, int(0.95 * 0.9 * kind.memory))
    # Executors of five cores; one core and one GB are kept back.
    free = max(1, kind.processors - 1)
    executors = max(1, free // 5)
    return _Shape(executors, min(5, free), int(0.9 * (kind.memory - 1024) / executors))


def _say(user: Mapping[str, str], prefixes: tuple[str, ...], why: str, note: Note) -> None:
    found = sorted(key for key in user if key.startswith(prefixes))
    if found:
        note(f"{why}: {', '.join(found)}")

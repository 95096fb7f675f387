"""Event logs as Spark 3.5 writes them, of any size, made without running Spark.

An application here has jobs of one stage each, whose tasks carry the metrics and accumulables of a
real shuffle stage: about 4.3 KB a task, and 50 KB before the first job, of which most is the
application's environment, as in real logs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Application"]

_SPARK_VERSION = "3.5.9"
_TASK_MILLISECONDS = 250
_JARS = 300
_METRICS = (
    "executorDeserializeTime",
    "executorDeserializeCpuTime",
    "executorRunTime",
    "executorCpuTime",
    "resultSize",
    "jvmGCTime",
    "resultSerializationTime",
    "memoryBytesSpilled",
    "diskBytesSpilled",
    "shuffle.write.bytesWritten",
    "shuffle.write.recordsWritten",
    "shuffle.write.writeTime",
    "input.bytesRead",
    "input.recordsRead",
)
_SQL_METRICS = ("number of output rows", "peak memory", "time in aggregation build", "data size")
_EXECUTOR_METRICS = (
    "JVMHeapMemory",
    "JVMOffHeapMemory",
    "OnHeapExecutionMemory",
    "OffHeapExecutionMemory",
    "OnHeapStorageMemory",
    "OffHeapStorageMemory",
    "OnHeapUnifiedMemory",
    "OffHeapUnifiedMemory",
    "DirectPoolMemory",
    "MappedPoolMemory",
    "ProcessTreeJVMVMemory",
    "ProcessTreeJVMRSSMemory",
    "ProcessTreePythonVMemory",
    "ProcessTreePythonRSSMemory",
    "ProcessTreeOtherVMemory",
    "ProcessTreeOtherRSSMemory",
    "MinorGCCount",
    "MinorGCTime",
    "MajorGCCount",
    "MajorGCTime",
    "TotalGCTime",
)


@dataclass(frozen=True, slots=True)
class Application:
    """A Spark application, of which a log can be written.

    Attributes:
        identity: Its id, also its log's name.
        name: What it is called in the list.
        jobs: How many jobs it runs.
        tasks: How many tasks each job has.
        started: When it started, in milliseconds since 1970.
        command: Its file and arguments.
    """

    identity: str
    name: str = "clean"
    jobs: int = 2
    tasks: int = 4
    started: int = 1_767_571_200_000
    command: str = "/opt/ml/processing/input/code/clean.py --day 2026-01-05"

    @property
    def ended(self) -> int:
        """When it ended, in milliseconds since 1970."""
        return self._job_starts(self.jobs)

    def lines(self) -> Iterator[str]:
        """The log's events from start to end, each a line with its end."""
        yield from self.start()
        for number in range(self.jobs):
            yield from self.job(number)
        yield self.end()

    def start(self) -> Iterator[str]:
        """The events before the first job."""
        yield _line("SparkListenerLogStart", {"Spark Version": _SPARK_VERSION})
        yield _line("SparkListenerResourceProfileAdded", _profile())
        yield _line("SparkListenerExecutorAdded", self._executor())
        yield _line("SparkListenerBlockManagerAdded", self._block_manager())
        yield _line("SparkListenerEnvironmentUpdate", self._environment())
        yield _line(
            "SparkListenerApplicationStart",
            {
                "App Name": self.name,
                "App ID": self.identity,
                "Timestamp": self.started,
                "User": "root",
            },
        )

    def job(self, number: int) -> Iterator[str]:
        """All events of one job, counted from 0."""
        stage = self._stage(number)
        begun = self._job_starts(number)
        yield from self.open_job(number)
        yield from self._tasks_of(number)
        done = begun + _TASK_MILLISECONDS
        yield _line(
            "SparkListenerStageCompleted", {"Stage Info": stage | {"Completion Time": done}}
        )
        yield _line(
            "SparkListenerJobEnd",
            {"Job ID": number, "Completion Time": done, "Job Result": {"Result": "JobSucceeded"}},
        )

    def open_job(self, number: int) -> Iterator[str]:
        """The events of one job's start: with nothing after them, the job is running."""
        stage = self._stage(number)
        yield _line(
            "SparkListenerJobStart",
            {
                "Job ID": number,
                "Submission Time": self._job_starts(number),
                "Stage Infos": [stage],
                "Stage IDs": [number],
                "Properties": {"spark.app.id": self.identity, "spark.app.name": self.name},
            },
        )
        yield _line("SparkListenerStageSubmitted", {"Stage Info": stage, "Properties": {}})

    def end(self) -> str:
        """The event that ends a log."""
        return _line("SparkListenerApplicationEnd", {"Timestamp": self.ended})

    def write(self, folder: Path) -> Path:
        """Write the whole log to a folder and return its file, named like the application."""
        file = folder / self.identity
        with file.open("w") as log:
            log.writelines(self.lines())
        return file

    def _job_starts(self, number: int) -> int:
        return self.started + 1_000 + number * (_TASK_MILLISECONDS + 10)

    def _tasks_of(self, job: int) -> Iterator[str]:
        start = _template("SparkListenerTaskStart", _task_start(job, self._job_starts(job)))
        end = _template("SparkListenerTaskEnd", _task_end(job, self._job_starts(job)))
        for index in range(self.tasks):
            # The same for all but which task it is: a template is 30 times as fast as json.dumps.
            which = {"task": job * self.tasks + index, "index": index, "total": index * 7 + 7}
            yield start % which
            yield end % which

    def _stage(self, number: int) -> dict[str, Any]:
        return {
            "Stage ID": number,
            "Stage Attempt ID": 0,
            "Stage Name": f"count at clean.py:{number + 10}",
            "Number of Tasks": self.tasks,
            "RDD Info": [_rdd(number, self.tasks)],
            "Parent IDs": [],
            "Details": "org.apache.spark.api.java.JavaRDDLike.count(JavaRDDLike.scala:468)\n" * 8,
            "Submission Time": self._job_starts(number),
            "Accumulables": [],
            "Resource Profile Id": 0,
            "Shuffle Push Enabled": False,
            "Shuffle Push Mergers Count": 0,
        }

    def _executor(self) -> dict[str, Any]:
        return {
            "Timestamp": self.started + 500,
            "Executor ID": "driver",
            "Executor Info": {
                "Host": "localhost",
                "Total Cores": 4,
                "Log Urls": {},
                "Attributes": {},
                "Resources": {},
                "Resource Profile Id": 0,
            },
        }

    def _block_manager(self) -> dict[str, Any]:
        return {
            "Block Manager ID": {"Executor ID": "driver", "Host": "localhost", "Port": 43069},
            "Maximum Memory": 455_501_414,
            "Timestamp": self.started + 510,
            "Maximum Onheap Memory": 455_501_414,
            "Maximum Offheap Memory": 0,
        }

    def _environment(self) -> dict[str, Any]:
        jars = [
            f"/usr/lib/spark/jars/some-library-{number}_2.12-1.{number}.jar"
            for number in range(_JARS)
        ]
        submit = "org.apache.spark.deploy.SparkSubmit --master yarn --deploy-mode client"
        return {
            "JVM Information": {
                "Java Home": "/usr/lib/jvm/java-17",
                "Java Version": "17.0.9 (Amazon.com Inc.)",
                "Scala Version": "version 2.12.18",
            },
            "Spark Properties": {
                "spark.app.id": self.identity,
                "spark.app.name": self.name,
                "spark.app.startTime": str(self.started),
                "spark.eventLog.enabled": "true",
                "spark.master": "yarn",
            },
            "Hadoop Properties": {f"hadoop.setting.{number}": "true" for number in range(_JARS)},
            "System Properties": {
                "sun.java.command": f"{submit} {self.command}",
                "java.class.path": ":".join(jars),
                "user.dir": "/usr/lib/spark",
            },
            "Metrics Properties": {},
            "Classpath Entries": dict.fromkeys(jars, "System Classpath"),
        }


def _line(event: str, fields: dict[str, Any]) -> str:
    # Spark looks for an event's name at a line's start, and for no blank before it.
    return json.dumps({"Event": event, **fields}, separators=(",", ":")) + "\n"


def _template(event: str, fields: dict[str, Any]) -> str:
    """A line for `%`: a value that is text like `%(task)d` becomes a number there."""
    return _line(event, fields).replace('"%(', "%(").replace(')d"', ")d")


def _task_start(stage: int, launched: int) -> dict[str, Any]:
    return {"Stage ID": stage, "Stage Attempt ID": 0, "Task Info": _task(launched, 0, [])}


def _task_end(stage: int, launched: int) -> dict[str, Any]:
    finished = launched + _TASK_MILLISECONDS
    return {
        "Stage ID": stage,
        "Stage Attempt ID": 0,
        "Task Type": "ShuffleMapTask",
        "Task End Reason": {"Reason": "Success"},
        "Task Info": _task(launched, finished, _accumulables()),
        "Task Executor Metrics": dict.fromkeys(_EXECUTOR_METRICS, 0),
        "Task Metrics": _task_metrics(),
    }


def _task(launched: int, finished: int, accumulables: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Task ID": "%(task)d",
        "Index": "%(index)d",
        "Attempt": 0,
        "Partition ID": "%(index)d",
        "Launch Time": launched,
        "Executor ID": "driver",
        "Host": "localhost",
        "Locality": "PROCESS_LOCAL",
        "Speculative": False,
        "Getting Result Time": 0,
        "Finish Time": finished,
        "Failed": False,
        "Killed": False,
        "Accumulables": accumulables,
    }


def _accumulables() -> list[dict[str, Any]]:
    internal = [
        {
            "ID": number,
            "Name": f"internal.metrics.{name}",
            "Update": 7,
            "Value": "%(total)d",
            "Internal": True,
            "Count Failed Values": True,
        }
        for number, name in enumerate(_METRICS, start=1)
    ]
    sql = [
        {
            "ID": number,
            "Name": name,
            "Update": "7",
            "Value": "77",
            "Internal": True,
            "Count Failed Values": True,
            "Metadata": "sql",
        }
        for number, name in enumerate(_SQL_METRICS, start=90)
    ]
    return internal + sql


def _task_metrics() -> dict[str, Any]:
    return {
        "Executor Deserialize Time": 16,
        "Executor Deserialize CPU Time": 10_741_631,
        "Executor Run Time": 200,
        "Executor CPU Time": 97_773_530,
        "Peak Execution Memory": 0,
        "Result Size": 1580,
        "JVM GC Time": 12,
        "Result Serialization Time": 2,
        "Memory Bytes Spilled": 0,
        "Disk Bytes Spilled": 0,
        "Shuffle Read Metrics": {
            "Remote Blocks Fetched": 0,
            "Local Blocks Fetched": 0,
            "Fetch Wait Time": 0,
            "Remote Bytes Read": 0,
            "Remote Bytes Read To Disk": 0,
            "Local Bytes Read": 0,
            "Total Records Read": 0,
            "Remote Requests Duration": 0,
            "Push Based Shuffle": {
                "Corrupt Merged Block Chunks": 0,
                "Merged Fetch Fallback Count": 0,
                "Merged Remote Blocks Fetched": 0,
                "Merged Local Blocks Fetched": 0,
                "Merged Remote Chunks Fetched": 0,
                "Merged Local Chunks Fetched": 0,
                "Merged Remote Bytes Read": 0,
                "Merged Local Bytes Read": 0,
                "Merged Remote Requests Duration": 0,
            },
        },
        "Shuffle Write Metrics": {
            "Shuffle Bytes Written": 211,
            "Shuffle Write Time": 12_539_843,
            "Shuffle Records Written": 3,
        },
        "Input Metrics": {"Bytes Read": 4096, "Records Read": 100},
        "Output Metrics": {"Bytes Written": 0, "Records Written": 0},
        "Updated Blocks": [],
    }


def _rdd(number: int, partitions: int) -> dict[str, Any]:
    return {
        "RDD ID": number,
        "Name": "PythonRDD",
        "Callsite": f"count at clean.py:{number + 10}",
        "Parent IDs": [],
        "Storage Level": {
            "Use Disk": False,
            "Use Memory": False,
            "Use Off Heap": False,
            "Deserialized": False,
            "Replication": 1,
        },
        "Barrier": False,
        "DeterministicLevel": "DETERMINATE",
        "Number of Partitions": partitions,
        "Number of Cached Partitions": 0,
        "Memory Size": 0,
        "Disk Size": 0,
    }


def _profile() -> dict[str, Any]:
    def executor(name: str, amount: int) -> dict[str, Any]:
        return {"Resource Name": name, "Amount": amount, "Discovery Script": "", "Vendor": ""}

    return {
        "Resource Profile Id": 0,
        "Executor Resource Requests": {
            "cores": executor("cores", 4),
            "memory": executor("memory", 4096),
        },
        "Task Resource Requests": {"cpus": {"Resource Name": "cpus", "Amount": 1.0}},
    }

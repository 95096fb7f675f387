"""The hosts of a Spark job: one process alone, or a driver and executors on several hosts.

Several hosts are a standalone cluster, in the place of the container's YARN: every host runs a
worker, the first by name also the master and the driver. So what a task needs must travel to it,
or lie on its own host's disk, as on AWS.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .failures import SubmitError

MASTER_PORT = 7077
# Where the first host listens for as long as it lives: the others end when it does.
_LIFE_PORT = 5555
_PATIENCE = 180.0
_PAUSE = 0.05
_DEPLOY = "org.apache.spark.deploy"
_DAEMONS = {
    "SPARK_DAEMON_MEMORY": "256m",
    # They do little, and start the sooner for it.
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
# The sum of its executors' is looked after elsewhere: the master must never find it too little.
_WORKER_MEMORY = "1024g"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The hosts of a job.

    Attributes:
        host: This host's name.
        hosts: All names, in the order of their numbers.
    """

    host: str
    hosts: tuple[str, ...]

    @property
    def primary(self) -> str:
        """The host of the driver: the first by name, as in the container."""
        return min(self.hosts)

    @property
    def is_primary(self) -> bool:
        """Whether this is the driver's host."""
        return self.host == self.primary

    @property
    def master(self) -> str:
        """The address of the cluster's master."""
        return f"spark://{self.primary}:{MASTER_PORT}"


ALONE = Cluster("algo-1", ("algo-1",))


def read(path: Path) -> Cluster:
    """Read `resourceconfig.json`."""
    content = json.loads(path.read_text())
    return Cluster(content["current_host"], tuple(content["hosts"]))


def own_variables(cluster: Cluster) -> dict[str, str]:
    """The variables that make a Spark process known to the others by its host's name."""
    if len(cluster.hosts) == 1:
        return {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}
    address = socket.gethostbyname(cluster.host)
    return {"SPARK_LOCAL_IP": address, "SPARK_LOCAL_HOSTNAME": cluster.host}


@contextmanager
def leading(
    cluster: Cluster, variables: Mapping[str, str], cores: int, folder: Path
) -> Iterator[None]:
    """Run the master and the first host's worker.

    Args:
        cluster: The hosts.
        variables: The processes' environment.
        cores: How many tasks this host's executors run at once.
        folder: Where the worker keeps its executors' folders and logs.

    Raises:
        SubmitError: The master did not come up.
    """
    with socket.create_server((cluster.primary, _LIFE_PORT)):
        options = ["--host", cluster.host, "--port", str(MASTER_PORT), "--webui-port", "0"]
        master = _start(f"{_DEPLOY}.master.Master", options, variables, folder)
        try:
            _connect(cluster.primary, MASTER_PORT, master).close()
            worker = start_worker(cluster, variables, cores, folder)
            try:
                yield
            finally:
                end(worker)
        finally:
            end(master)


def start_worker(
    cluster: Cluster, variables: Mapping[str, str], cores: int, folder: Path
) -> "subprocess.Popen[bytes]":
    """Start this host's worker."""
    options = ["--host", cluster.host, "--webui-port", "0", "--work-dir", str(folder)]
    options += ["--cores", str(cores), "--memory", _WORKER_MEMORY, cluster.master]
    return _start(f"{_DEPLOY}.worker.Worker", options, variables, folder)


@contextmanager
def following(cluster: Cluster) -> Iterator[socket.socket]:
    """Hold on to the first host: what is yielded ends when that does.

    Raises:
        SubmitError: It never came up.
    """
    with _connect(cluster.primary, _LIFE_PORT) as life:
        _connect(cluster.primary, MASTER_PORT).close()
        life.settimeout(None)
        yield life


def _start(
    main: str, options: Sequence[str], variables: Mapping[str, str], folder: Path
) -> "subprocess.Popen[bytes]":
    folder.mkdir(parents=True, exist_ok=True)
    program = Path(os.environ["SPARK_HOME"]) / "bin" / "spark-class"
    # Its own log says little of the job. It is where to look when the cluster does not come up.
    with (folder / f"{main.rpartition('.')[2]}.log").open("wb") as log:
        return subprocess.Popen(
            [str(program), main, *options],
            env={**variables, **_DAEMONS},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _connect(
    host: str, port: int, process: "subprocess.Popen[bytes] | None" = None
) -> socket.socket:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return socket.create_connection((host, port), timeout=_PATIENCE)
        except OSError as error:
            if time.monotonic() > deadline or (process and process.poll() is not None):
                raise SubmitError(f"{host}:{port} did not come up", error) from error
        time.sleep(_PAUSE)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process of the cluster."""
    process.terminate()
    process.wait()

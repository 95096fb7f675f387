"""`smspark-submit`, the entrypoint of SageMaker's Spark container, for Spark on one machine."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

from . import cluster
from .arguments import Arguments, parse
from .configuration import bring, read, write
from .dependencies import Fetch, download, is_s3, resolve
from .event_logs import EventLogCopier
from .executor_logs import ExecutorLogs
from .failures import SubmitError, input_error
from .instance_types import instance_type
from .placement import Placement

# How executors share an instance.
_MODE = "AWS_SPARK_CONFIG_MODE"
_MESSAGE = Path("/opt/ml/output/message")
_CONFIGURATION = Path("/opt/ml/processing/input/conf/configuration.json")
_JOB = Path("/opt/ml/config/processingjobconfig.json")
_RESOURCES = Path("/opt/ml/config/resourceconfig.json")
# Inside of the sandbox, where /tmp is the job's own.
_SPARK_CONF = Path("/tmp/spark-conf")  # noqa: S108
_EVENT_LOGS = Path("/tmp/spark-events")  # noqa: S108
_DOWNLOADS = Path("/tmp/spark-dependencies")  # noqa: S108
_WORK = Path("/tmp/spark-work")  # noqa: S108


def main() -> NoReturn:
    """Run Spark as the command line says; end with its exit code."""
    try:
        submit(parse(sys.argv[1:]))
    except SubmitError as error:
        error.write(_MESSAGE)
        _note(f"exiting with code {error.exit_code}: {error}")
        sys.exit(error.exit_code)
    sys.exit(0)


def submit(arguments: Arguments) -> None:
    """Write Spark's configuration, bring its dependencies, run it, copy its event logs.

    Raises:
        SubmitError: What the user gave is wrong, or Spark failed.
    """
    if arguments.event_logs_s3_uri:
        raise input_error(
            "--spark-event-logs-s3-uri needs Spark to write to S3, which the local cloud's cannot: "
            "use --local-spark-event-logs-dir and a Continuous output"
        )
    placement = _placement()
    user = read(_CONFIGURATION)
    if not placement.cluster.is_primary:
        settings = write(_SPARK_CONF, user, None, placement, lambda _text: None)
        _work(placement, settings)
        return
    event_logs = _EVENT_LOGS if arguments.event_logs_dir else None
    configuration = [bring(one, _DOWNLOADS, _fetch) for one in user]
    settings = write(_SPARK_CONF, configuration, event_logs, placement, _note)
    command = spark_submit(arguments, placement.master, _DOWNLOADS, _fetch)
    with ExitStack() as around:
        if not placement.is_alone:
            around.enter_context(ExecutorLogs(_WORK, _show))
            cores = placement.cores(settings)
            around.enter_context(cluster.leading(placement.cluster, _variables(), cores, _WORK))
        if arguments.event_logs_dir:
            copier = EventLogCopier(_EVENT_LOGS, arguments.event_logs_dir, _note)
            copier.start()
            around.callback(copier.finish)
        else:
            _note("Spark event log not enabled.")
        _run(command)


def _placement() -> Placement:
    mode = os.environ.get(_MODE, "1")
    if mode not in ("1", "2"):
        raise input_error(f"{_MODE} must be 1 or 2, got {mode}")
    resources = json.loads(_JOB.read_text())["ProcessingResources"]["ClusterConfig"]
    name = resources.get("SelectedInstanceType") or resources["InstanceType"]
    return Placement(cluster.read(_RESOURCES), instance_type(name), mode, cores())


def _work(placement: Placement, settings: Mapping[str, str]) -> None:
    """Lend this host to the driver on the first one, until that has ended."""
    # Spark ends its executors. A worker that ends before would look like a fault.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    one = placement.cluster
    with ExecutorLogs(_WORK, _show), cluster.following(one) as life, ExitStack() as around:
        if placement.works:
            tasks = placement.cores(settings)
            worker = cluster.start_worker(one, _variables(), tasks, _WORK)
            around.callback(cluster.end, worker)
        _note(f"waiting for {one.primary} to end")
        with suppress(ConnectionError):
            life.recv(1)


def spark_submit(arguments: Arguments, master: str, downloads: Path, fetch: Fetch) -> list[str]:
    """Write the command line of Spark's own `spark-submit`.

    Args:
        arguments: What `smspark-submit` was told.
        master: Where Spark runs.
        downloads: Where objects of S3 are put.
        fetch: Downloads an object: bucket, key, path.
    """
    options = ["--master", master, "--deploy-mode", "client"]
    if arguments.main_class:
        options += ["--class", arguments.main_class]
    for name in ("jars", "py_files", "files"):
        listed = getattr(arguments, name)
        if listed:
            options += [f"--{name.replace('_', '-')}", resolve(listed, downloads / name, fetch)]
    if arguments.verbose:
        options.append("--verbose")
    app = arguments.app
    if is_s3(app):
        app = download(app, downloads / "app", fetch)
    program = Path(os.environ["SPARK_HOME"]) / "bin" / "spark-submit"
    return [str(program), *options, app, *arguments.app_arguments]


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _run(command: Sequence[str]) -> None:
    _note(f"running {shlex.join(command)}")
    with subprocess.Popen(command, env=_variables()) as spark:
        # Spark then ends its application properly, and its event log with it.
        signal.signal(signal.SIGTERM, lambda _number, _frame: spark.terminate())
        code = spark.wait()
    if code != 0:
        failure = subprocess.CalledProcessError(code, shlex.join(command))
        exit_code = code if code > 0 else 128 - code
        raise SubmitError("spark failed with a non-zero exit code", failure, exit_code)


def _variables() -> dict[str, str]:
    own = cluster.own_variables(cluster.read(_RESOURCES))
    return {**os.environ, "SPARK_CONF_DIR": str(_SPARK_CONF), **own}


def _fetch(bucket: str, key: str, path: Path) -> None:
    import boto3  # noqa: PLC0415  costs a second, and most jobs name nothing on S3

    boto3.client("s3").download_file(bucket, key, str(path))


def _note(text: str) -> None:
    _show(f"smspark-submit: {text}")


def _show(line: str) -> None:
    print(line, flush=True)  # noqa: T201  its place is the job's log

"""The container of a Spark job: the command line of ``smspark-submit`` and its channels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import ImageChoice
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.argument_types import wrong_name
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, Container
from cdk_sagemaker_processing.steps.container.files import Script, is_uri, script
from cdk_sagemaker_processing.steps.container.spark import configuration as conf
from cdk_sagemaker_processing.steps.container.spark.dependencies import (
    LONGEST,
    DependencyList,
    names_twice,
    place,
    wrong_local_name,
)
from cdk_sagemaker_processing.steps.container.spark.event_logs import FOLDER, EventLogs
from cdk_sagemaker_processing.steps.container.spark.gathering import here

__all__ = ["spark_container"]

# How executors share an instance: smspark/bootstrapper.py raises on another.
_MODE, _MODES = "AWS_SPARK_CONFIG_MODE", ("1", "2")
# Properties of spark-defaults in which Spark finds S3 URIs to read.
_FILE_PROPERTIES = ("spark.archives", "spark.files", "spark.jars", "spark.submit.pyFiles")


def spark_container(
    image: ImageChoice,
    submit_app: str | Path,
    lists: Sequence[DependencyList],
    configuration: conf.Configuration | None,
    *,
    is_python: bool,
    submit_class: str | None = None,
    event_logs: bool = True,
    event_logs_uri: str | None = None,
    environment: object = None,
) -> Container:
    """The container of a Spark job.

    Args:
        image: The image, or why there is none.
        submit_app: The application: a script or a jar.
        lists: Its dependencies.
        configuration: Classifications for Spark, Hadoop and the rest.
        is_python: Whether the application is a Python file and not a jar.
        submit_class: The main class of a jar.
        event_logs: Whether Spark's event logs are kept.
        event_logs_uri: Where event logs go; the step's storage by default.
        environment: The job's environment variables.
    """
    run = _application(submit_app, is_python=is_python)
    wrong = conf.problems(configuration)
    settings = {} if wrong else conf.settings(configuration)
    placed = _placed(lists, settings)
    logs = EventLogs(event_logs, event_logs_uri)
    wrong_logs = logs.problems(settings)
    wrong_class = [] if is_python else _wrong_class(submit_class)
    sent = None if wrong else conf.channel(configuration, placed.properties)
    channels = [*(one.channel for one in lists), sent, run.channel]
    return Container(
        image=image.image,
        entrypoint=(
            "smspark-submit",
            *(("--class", submit_class) if submit_class and not wrong_class else ()),
            *placed.options,
            *logs.options,
            run.path,
        ),
        channels=tuple(channel for channel in channels if channel),
        also_read=(*(uri for one in lists for uri in one.read), *_read_by(settings)),
        event_logs=FOLDER if event_logs and not wrong_logs else None,
        event_logs_uri=None if wrong_logs else event_logs_uri,
        problems=(
            *run.problems,
            *image.problems,
            *chain.from_iterable(one.problems for one in lists),
            *names_twice(lists),
            *wrong,
            *placed.problems,
            *wrong_logs,
            *wrong_class,
            *_wrong_mode(environment),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a job's dependency lists stand.

    Attributes:
        options: Those on the command line.
        properties: Those in Spark's configuration.
        problems: Why others can stand nowhere.
    """

    options: tuple[str, ...]
    properties: Mapping[str, str]
    problems: tuple[Problem, ...]


def _placed(lists: Sequence[DependencyList], settings: Mapping[str, conf.Setting]) -> _Placed:
    options: list[str] = []
    properties: dict[str, str] = {}
    problems: list[Problem] = []
    for one in lists:
        theirs = settings.get(one.spark_property)
        if not one.value:
            continue
        if one.least_length <= LONGEST and theirs is None:
            options += [one.option, one.value]
        elif one.unknown is None:
            # An option would take the place of the user's own property, not add to it.
            given = theirs.value if theirs else ""
            properties[one.spark_property] = ",".join(filter(None, (given, one.value)))
        else:
            problems.append(_not_in_a_file(one, theirs))
    return _Placed(tuple(options), properties, tuple(problems))


def _not_in_a_file(one: DependencyList, theirs: conf.Setting | None) -> Problem:
    if theirs:
        why = f"{theirs.where} is set as well, so both go to the configuration"
        instead = f"or leave out {theirs.where} and add its files to {one.argument}"
    else:
        why = (
            f"the list has at least {one.least_length} characters, more than the {LONGEST} of an "
            "item of the entrypoint, so it goes to the configuration"
        )
        instead = "or give fewer or shorter S3 URIs"
    return Problem(
        f"{one.argument}: {why}, a file that is uploaded before the run and cannot hold "
        f"{str(run_time.text(str(one.unknown)))!r}, which is not known at synth: write it out, "
        f"{instead}",
        "AppSpecification.ContainerEntrypoint",
    )


def _read_by(settings: Mapping[str, conf.Setting]) -> Iterator[str]:
    """The S3 URIs that the user's own properties make Spark read."""
    for name in _FILE_PROPERTIES:
        for item in settings[name].value.split(",") if name in settings else ():
            if item.strip().startswith(("s3://", "s3a://")):
                yield place(item.strip())


def _application(submit_app: str | Path, *, is_python: bool) -> Script:
    submit_app = here(submit_app)
    if isinstance(submit_app, str | Path) and not is_uri(submit_app) and Path(submit_app).is_dir():
        problem = Problem(
            f"submit_app: {str(submit_app)!r} is a folder: give the file to run in it, "
            "and a package that it imports as submit_py_files"
        )
        return Script(None, "", (problem,))
    found = script("submit_app", submit_app)
    problems = [*found.problems, *_wrong_application(submit_app, found.path, is_python=is_python)]
    return Script(None, "", tuple(problems)) if problems else found


def _wrong_application(app: str | Path, path: str, *, is_python: bool) -> Iterator[Problem]:
    if not path:
        return
    name = path.removeprefix(f"{INPUT_ROOT}/code/")
    if str(app).startswith("s3a://"):
        yield Problem(
            f"submit_app: {str(app)!r} must begin with s3://: SageMaker brings it, not Spark"
        )
    if not isinstance(run_time.text(name), str) or not is_known(name):
        return
    if len(path) > LONGEST:
        yield Problem(
            f"submit_app: the container's path of the file, {path!r}, has {len(path)} characters, "
            f"more than the {LONGEST} of an item of the entrypoint: rename the file",
            "AppSpecification.ContainerEntrypoint",
        )
    yield from _wrong_python_name(name) if is_python else wrong_local_name("submit_app", name)


def _wrong_python_name(name: str) -> Iterator[Problem]:
    if not name.endswith(".py"):
        yield Problem(
            f"submit_app: {name!r} must end in .py: Spark takes a file of another name for a jar"
        )
    if "#" in name:
        yield Problem(f"submit_app: Spark cuts {name!r} off at the '#': rename the file")


def _wrong_class(submit_class: str | None) -> list[Problem]:
    wrong = wrong_name("submit_class", submit_class)
    if submit_class is None or wrong or len(submit_class) <= LONGEST or not is_known(submit_class):
        return wrong
    return [
        Problem(
            f"submit_class must have at most {LONGEST} characters, as an item of the entrypoint, "
            f"got {len(submit_class)}: give a class of a shorter name that calls its main",
            "AppSpecification.ContainerEntrypoint",
        )
    ]


def _wrong_mode(environment: object) -> list[Problem]:
    mode = environment.get(_MODE) if isinstance(environment, Mapping) else None
    if not isinstance(mode, str) or mode in _MODES:
        return []
    if not is_known(mode) or not isinstance(run_time.text(mode), str):
        return []
    return [
        Problem(
            f"environment: {_MODE} must be '1', for one executor an instance, or '2', for "
            f"executors of 5 cores, got {mode!r}",
            f"Environment.{_MODE}",
        )
    ]

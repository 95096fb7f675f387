"""The command line of `smspark-submit`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .failures import SubmitError

_FIELDS = {
    "--class": "main_class",
    "--jars": "jars",
    "--py-files": "py_files",
    "--files": "files",
    "--spark-event-logs-s3-uri": "event_logs_s3_uri",
    "--local-spark-event-logs-dir": "event_logs_dir",
}
_STEP = "Couldn't parse input."


@dataclass(frozen=True, slots=True)
class Arguments:
    """What `smspark-submit` was told.

    Attributes:
        app: The Python file or jar.
        app_arguments: What follows it, passed on as it is.
        main_class: A jar's main class.
        jars: A comma-separated list, or a folder.
        py_files: The same, for Python.
        files: The same, for any file.
        event_logs_s3_uri: Where on S3 Spark is to write its event logs.
        event_logs_dir: The folder that event logs are copied to.
        verbose: Whether spark-submit tells more.
    """

    app: str
    app_arguments: tuple[str, ...] = ()
    main_class: str | None = None
    jars: str | None = None
    py_files: str | None = None
    files: str | None = None
    event_logs_s3_uri: str | None = None
    event_logs_dir: str | None = None
    verbose: bool = False


def parse(words: Sequence[str]) -> Arguments:
    """Read a command line; options stand before the application only.

    Raises:
        SubmitError: An option is unknown or without its value, or no application is named.
    """
    rest = list(words)
    given: dict[str, Any] = {}
    while rest and rest[0].startswith("-") and rest[0] != "--":
        option = rest.pop(0)
        if option in ("-v", "--verbose"):
            given["verbose"] = True
        else:
            name, value = _option(option, rest)
            given[name] = value
    if rest[:1] == ["--"]:
        rest.pop(0)
    if not rest:
        raise SubmitError(_STEP, ValueError("missing parameter: app"))
    return Arguments(app=rest[0], app_arguments=tuple(rest[1:]), **given)


def _option(word: str, rest: list[str]) -> tuple[str, str]:
    option, given, value = word.partition("=")
    if option not in _FIELDS:
        raise SubmitError(_STEP, ValueError(f"no such option: {option}"))
    if not given:
        if not rest:
            raise SubmitError(_STEP, ValueError(f"option {option} requires an argument"))
        value = rest.pop(0)
    return _FIELDS[option], value

"""The lists of files that Spark takes beside its application.

The container looks at the scheme of a whole list and expands no folder behind an S3 URI
(aws/sagemaker-spark-container, smspark/cli.py): a list is S3 URIs, then the paths of files.
Spark splits it at commas and takes each item for a URI and a pattern (SparkSubmit's
resolveGlobPaths), and YARN hands out one file of a name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import TOKEN, Joined, Reference, is_known
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, CodeChannel
from cdk_sagemaker_processing.steps.container.spark.gathering import PY_FILES, Gathered, gather

__all__ = [
    "LONGEST",
    "DependencyList",
    "files",
    "jars",
    "names_twice",
    "place",
    "py_files",
    "wrong_local_name",
]

# ContainerEntrypoint items hold at most 256 characters: API reference, AppSpecification.
LONGEST = 256
# What a file's name must not hold: Spark would take it for a separator, a pattern, a scheme,
# a fragment or an escape. tests/end_to_end/test_spark_submit.py holds both against Spark.
_UNSAFE_NAME = re.compile(r"[,*?{\[\]\\:#\n\r]")
# What java.net.URI refuses, and then Spark takes the S3 URI for a local path; and a comma.
_UNSAFE_URI = re.compile(r"""[\s,"<>\\^`{|}\[\]?]|%(?![0-9A-Fa-f]{2})""")


@dataclass(frozen=True, slots=True)
class DependencyList:
    """One of a Spark job's dependency lists.

    Attributes:
        argument: The argument it is given by.
        option: Its option of ``smspark-submit``, such as ``--jars``.
        spark_property: Its Spark property, such as ``spark.jars``; Spark does
            the same with it, unless the option is there as well.
        channel_name: The channel of its local files, such as ``jars``.
        holds: What is in it.
    """

    argument: str
    option: str
    spark_property: str
    channel_name: str
    holds: Gathered

    @property
    def channel(self) -> CodeChannel | None:
        """The channel that carries its local files, None if there are none."""
        files, left_out = self.holds.files, self.holds.left_out
        return CodeChannel(self.channel_name, files, left_out=left_out) if files else None

    @property
    def value(self) -> str:
        """The list as Spark takes it: S3 URIs first, then explicit paths."""
        paths = (f"{INPUT_ROOT}/{file.name}" for file in self.holds.files)
        return ",".join((*map(_one_item, self.holds.uris), *paths))

    @property
    def unknown(self) -> str | None:
        """The first item that is not known at synth, None if all are."""
        return next((one for one in self.holds.uris if not _is_known(one)), None)

    @property
    def least_length(self) -> int:
        """How many characters the list has at least: what is not known at synth has none."""
        return len(_known_text(self.value))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with its items."""
        return (
            *self.holds.problems,
            *(found for one in self.holds.uris for found in _wrong_uri(self.argument, one)),
            *(
                found
                for one in self.holds.files
                for found in wrong_local_name(self.argument, one.base)
            ),
        )

    @property
    def names(self) -> list[str]:
        """The names of its files, as far as they are known at synth."""
        on_s3 = (urlsplit(one).path.rsplit("/", 1)[-1] for one in self.holds.uris if _is_known(one))
        return [
            *(one for one in on_s3 if one and "*" not in one),
            *(one.base for one in self.holds.files),
        ]

    @property
    def read(self) -> tuple[str, ...]:
        """The S3 URIs and prefixes that Spark reads."""
        return tuple(map(place, self.holds.uris))


def py_files(items: Sequence[str | Path] | None) -> DependencyList:
    """The list ``submit_py_files``."""
    return _listed("submit_py_files", PY_FILES, "spark.submit.pyFiles", items)


def jars(items: Sequence[str | Path] | None) -> DependencyList:
    """The list ``submit_jars``."""
    return _listed("submit_jars", "jars", "spark.jars", items)


def files(items: Sequence[str | Path] | None) -> DependencyList:
    """The list ``submit_files``."""
    return _listed("submit_files", "files", "spark.files", items)


def place(uri: str) -> str:
    """What Spark reads for an S3 URI.

    Without the name that ``#`` gives the file, unescaped, and of a pattern the
    prefix, which it lists.
    """
    return unquote(re.split("[#*]", uri)[0]) if _is_known(uri) else uri


def names_twice(lists: Sequence[DependencyList]) -> Iterator[Problem]:
    """Files of one name, of which YARN would hand out one or none.

    org.apache.spark.deploy.yarn.Client leaves the second out of the executors' class path and
    Python path, and refuses it among files.
    """
    seen: dict[str, str] = {}
    for one in lists:
        for name in one.names:
            if name in seen:
                yield Problem(
                    f"{one.argument}: another file of the name {name!r} is in {seen[name]}, and "
                    "Spark hands its executors one file of a name: rename one, or leave it out"
                )
            seen.setdefault(name, one.argument)


def wrong_local_name(argument: str, name: str) -> list[Problem]:
    """What is wrong with a local file's name, as Spark reads it."""
    found = _UNSAFE_NAME.search(name)
    if not found:
        return []
    return [
        Problem(
            f"{argument}: the file's name {name!r} holds {found[0]!r}, which means something to "
            "Spark: rename the file"
        )
    ]


def _listed(
    argument: str, channel: str, spark_property: str, items: Sequence[str | Path] | None
) -> DependencyList:
    holds = gather(argument, channel, items)
    return DependencyList(argument, f"--{channel}", spark_property, channel, holds)


def _wrong_uri(argument: str, uri: str) -> Iterator[Problem]:
    found = _UNSAFE_URI.search(_known_text(uri))
    if found:
        yield Problem(
            f"{argument}: {uri!r} holds {found[0]!r}, and Spark would not take it for one S3 URI: "
            "copy the object to a key without it"
        )
    elif uri.endswith("/"):
        yield Problem(
            f"{argument}: {uri!r} is a prefix, which the container does not expand: name each "
            f"object in it, or all of them by a pattern, {uri + '*'!r}"
        )


def _one_item(uri: str) -> str:
    """An item in which no value of the run can begin another, which Spark would load as well."""
    found = run_time.text(uri)
    parts = found.parts if isinstance(found, Joined) else (found,)
    return "".join(part if isinstance(part, str) else _to_comma(part) for part in parts)


@cache
def _to_comma(value: Reference) -> str:
    """The string that stands for a value of the run up to its first comma."""
    jsonata = f"$split({value.jsonata}, ',')[0]" if value.jsonata else None
    if value.jsonpath is None:
        return f"{{% {jsonata} %}}"
    jsonpath = f"States.ArrayGetItem(States.StringSplit({value.jsonpath}, ','), 0)"
    return run_time.text_standing_for(Reference(jsonpath=jsonpath, jsonata=jsonata))


def _is_known(uri: str) -> bool:
    return is_known(uri) and isinstance(run_time.text(uri), str)


def _known_text(value: str) -> str:
    """The text without its values that are not known at synth."""
    found = run_time.text(value)
    parts = found.parts if isinstance(found, Joined) else (found,)
    return "".join(TOKEN.sub("", part) for part in parts if isinstance(part, str))

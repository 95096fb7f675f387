"""From the paths and URIs that users list to S3 URIs and the files of this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cdk_sagemaker_processing.code.bundle import (
    Contents,
    File,
    LeadsOutError,
    entries,
    holds_python,
    package_zip,
)
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.steps.argument_types import wrong_paths
from cdk_sagemaker_processing.steps.container.files import holds_nothing, is_uri, missing

__all__ = ["PY_FILES", "Gathered", "gather", "here"]

PY_FILES = "py-files"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one list holds.

    Attributes:
        uris: What is on S3, in the user's order.
        files: What is on this machine, each by its name in the channel.
        left_out: What of its folders does not go along, as it may hold secrets.
        problems: What is wrong with the rest.
    """

    uris: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    left_out: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()


def gather(argument: str, channel: str, items: Sequence[str | Path] | None) -> Gathered:
    """Tell what is on S3 from what is here, and a folder's files one by one.

    A Python package for ``py-files`` becomes a zip with the package at its
    root. Any other folder stands for the files in it and, for ``py-files``, for
    the packages in it, those without ``__init__.py`` among them: what can be
    imported with that folder on Python's path can be in the job.

    Args:
        argument: The argument's name, for problems.
        channel: The channel's name, which the files' names begin with.
        items: What the user listed.
    """
    if wrong := wrong_paths(argument, items):
        return Gathered(problems=tuple(wrong))
    uris: list[str] = []
    files: dict[str, File] = {}
    left_out: list[Path] = []
    problems: list[Problem] = []
    for item in map(here, items or ()):
        if str(item).startswith("https://"):
            problems.append(_not_on_s3(argument, str(item)))
        elif is_uri(item):
            uris.append(str(item))
        else:
            found = _local(argument, channel, Path(item))
            if isinstance(found, Problem):
                problems.append(found)
                continue
            left_out += found.left_out
            for file in found.files:
                if file.name in files:
                    problems.append(_same_name(argument, file))
                files[file.name] = file
    return Gathered(tuple(uris), tuple(files.values()), tuple(left_out), tuple(problems))


def here(item: str | Path) -> str | Path:
    """A ``file://`` URI, which the SageMaker SDK takes for a path of this machine, as that path."""
    if isinstance(item, str) and item.startswith("file:"):
        return Path(urlsplit(item).path)
    return item


def _local(argument: str, channel: str, path: Path) -> Contents | Problem:
    if path.is_file():
        return Contents((File(f"{channel}/{path.name}", path=path.absolute()),), ())
    if not path.is_dir():
        return missing(argument, path)
    folder = path.absolute()
    try:
        if channel == PY_FILES and _is_package(folder):
            return package_zip(folder, channel)
        found = _in_folder(channel, folder)
    except LeadsOutError as error:
        return Problem(f"{argument}: {error}")
    return found if found.files else holds_nothing(argument, path, found.left_out)


def _in_folder(channel: str, folder: Path) -> Contents:
    # Spark takes files, not folders: only a package has a form in which it is one.
    files: list[File] = []
    found, left_out = entries(folder)
    for one in found:
        if one.is_file():
            files.append(File(f"{channel}/{one.name}", path=one))
        elif channel == PY_FILES and one.is_dir() and _can_be_imported(one):
            package = package_zip(one, channel)
            files += package.files
            left_out += package.left_out
    return Contents(tuple(files), tuple(left_out))


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def _can_be_imported(folder: Path) -> bool:
    return _is_package(folder) or (folder.name.isidentifier() and holds_python(folder))


def _not_on_s3(argument: str, uri: str) -> Problem:
    # smspark/cli.py of aws/sagemaker-spark-container.
    return Problem(
        f"{argument}: {uri!r}: the Spark container leaves out https:// without a word: "
        "give an S3 URI or a file of this machine"
    )


def _same_name(argument: str, file: File) -> Problem:
    return Problem(
        f"{argument}: two files of one name, {file.base!r}, would lie over each other in the "
        "container: rename one"
    )

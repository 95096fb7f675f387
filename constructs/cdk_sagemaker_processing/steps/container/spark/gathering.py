"""From the paths and URIs that users list to S3 URIs and the files of this machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cdk_sagemaker_processing.code.bundle import File, LeadsOutError, holds_python, package_zip
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.steps.container.files import is_uri, missing
from cdk_sagemaker_processing.steps.kinds import wrong_paths

__all__ = ["PY_FILES", "Gathered", "gather", "here"]

PY_FILES = "py-files"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one list holds.

    Attributes:
        uris: What is on S3, in the user's order.
        files: What is on this machine, each by its name in the channel.
        problems: What is wrong with the rest.
    """

    uris: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
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
    problems: list[Problem] = []
    for item in map(here, items or ()):
        if str(item).startswith("https://"):
            problems.append(_not_on_s3(argument, str(item)))
        elif is_uri(item):
            uris.append(str(item))
        else:
            found = _local(argument, channel, Path(item))
            problems += [one for one in found if isinstance(one, Problem)]
            for file in (one for one in found if isinstance(one, File)):
                if file.name in files:
                    problems.append(_same_name(argument, file))
                files[file.name] = file
    return Gathered(tuple(uris), tuple(files.values()), tuple(problems))


def here(item: str | Path) -> str | Path:
    """A ``file://`` URI, which the SageMaker SDK takes for a path of this machine, as that path."""
    if isinstance(item, str) and item.startswith("file:"):
        return Path(urlsplit(item).path)
    return item


def _local(argument: str, channel: str, path: Path) -> list[File | Problem]:
    if path.is_file():
        return [File(f"{channel}/{path.name}", path=path.absolute())]
    if not path.is_dir():
        return [missing(argument, path)]
    if channel == PY_FILES and _is_package(path):
        return [_package(argument, path, channel)]
    found = list(_in_folder(argument, channel, path))
    return found or [Problem(f"{argument}: the folder {str(path)!r} holds no file")]


def _in_folder(argument: str, channel: str, folder: Path) -> Iterator[File | Problem]:
    # Spark takes files, not folders: only a package has a form in which it is one.
    for one in sorted(folder.iterdir()):
        if one.is_file():
            yield File(f"{channel}/{one.name}", path=one.absolute())
        elif channel == PY_FILES and one.is_dir() and _can_be_imported(one):
            yield _package(argument, one, channel)


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def _can_be_imported(folder: Path) -> bool:
    return _is_package(folder) or (folder.name.isidentifier() and holds_python(folder))


def _package(argument: str, folder: Path, channel: str) -> File | Problem:
    try:
        return package_zip(folder.absolute(), channel)
    except LeadsOutError as error:
        return Problem(f"{argument}: {error}")


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

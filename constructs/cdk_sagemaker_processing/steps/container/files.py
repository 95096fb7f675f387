"""From the paths and S3 URIs that users write to the channels of a container."""

import os
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import (
    File,
    LeadsOutError,
    files_of_folder,
)
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.run_time import file_name, text
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, CodeChannel
from cdk_sagemaker_processing.steps.kinds import wrong_path

__all__ = [
    "Script",
    "folder_files",
    "is_uri",
    "missing",
    "plain",
    "script",
    "within",
]

_REMOTE = ("s3://", "s3a://")
_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")


def is_uri(value: str | Path) -> bool:
    """Whether a value is an S3 URI or not known at synth, and so no path of this machine."""
    if isinstance(value, Path):
        return False
    return value.startswith((*_REMOTE, "https://", "{%")) or not is_known(value)


def plain(path: str | Path) -> Path:
    """An absolute path without dots; links stay, as their names are what users mean."""
    return Path(os.path.normpath(Path(path).absolute()))


def missing(argument: str, path: str | Path) -> Problem:
    """That a file is not there, with where it was looked for."""
    return Problem(
        f"{argument}: no such file or folder: {str(path)!r}, looked for at {Path(path).absolute()}"
        "; paths are relative to the folder that the app runs in, an S3 URI begins with s3://"
    )


def folder_files(argument: str, folder: Path, below: str) -> tuple[File, ...] | Problem:
    """The files of a folder of this machine, named under ``below``, or why they cannot be had."""
    if folder.is_file():
        return Problem(f"{argument} must be a folder, got the file {str(folder)!r}")
    if not folder.is_dir():
        return missing(argument, folder)
    try:
        files = tuple(files_of_folder(folder.absolute(), below))
    except LeadsOutError as error:
        return Problem(f"{argument}: {error}")
    return files or Problem(f"{argument}: the folder {str(folder)!r} holds no file")


@dataclass(frozen=True, slots=True)
class Script:
    """The file that a job runs.

    Attributes:
        channel: The channel that carries it, None where it could not be found.
        path: Where it lies in the container.
        problems: What is wrong with it.
    """

    channel: CodeChannel | None
    path: str
    problems: tuple[Problem, ...] = ()


def script(argument: str, code: str | Path, source_dir: str | Path | None = None) -> Script:
    """The channel ``code`` for a file of this machine or of S3, alone or in its folder.

    Args:
        argument: The argument's name, for problems.
        code: The file; relative to ``source_dir`` where that is given.
        source_dir: A folder to upload whole.
    """
    wrong = [
        *wrong_path(argument, code),
        *(wrong_path("source_dir", source_dir) if source_dir is not None else ()),
    ]
    if wrong:
        return Script(None, "", tuple(wrong))
    if source_dir is not None:
        return _script_in_folder(argument, str(code), source_dir)
    if is_uri(code):
        return _script_on_s3(argument, str(code))
    local = Path(code)
    if local.is_file():
        channel = CodeChannel("code", (File(f"code/{local.name}", path=local.absolute()),))
        return Script(channel, f"{INPUT_ROOT}/code/{local.name}")
    if local.is_dir():
        problem = Problem(
            f"{argument}: {str(code)!r} is a folder: give the folder as source_dir "
            f"and the file to run in it as {argument}"
        )
    else:
        problem = missing(argument, code)
    return Script(None, "", (problem,))


def _script_on_s3(argument: str, uri: str) -> Script:
    name = file_name(uri)
    if name is None:
        problem = Problem(
            f"{argument}: {str(text(uri))!r} does not tell the name of the file to run: end it in "
            "/<file>, of which only <file> may be a run-time value without a slash"
        )
        return Script(None, "", (problem,))
    return Script(CodeChannel("code", s3_uri=uri), f"{INPUT_ROOT}/code/{name}")


def _script_in_folder(argument: str, entry: str, source_dir: str | Path) -> Script:
    if entry.startswith(_REMOTE):
        problem = Problem(
            f"{argument}: {entry!r} is an S3 URI, but with source_dir it is a path in that folder: "
            "leave source_dir out, or write the path"
        )
        return Script(None, "", (problem,))
    if is_uri(source_dir):
        if str(source_dir).endswith(_ARCHIVES):
            return Script(None, "", (_archive(source_dir),))
        channel = CodeChannel("code", s3_uri=str(source_dir))
        return Script(channel, f"{INPUT_ROOT}/code/{entry}")
    folder = Path(source_dir)
    entry = within(folder, entry)
    path = f"{INPUT_ROOT}/code/{entry}"
    files = folder_files("source_dir", folder, "code")
    if isinstance(files, Problem):
        return Script(None, path, (files,))
    names = [file.name.removeprefix("code/") for file in files]
    if entry not in names:
        problem = Problem(
            f"{argument}: there is no {entry!r} in source_dir {str(source_dir)!r}; "
            f"it holds {', '.join(names[:10])}{', …' if len(names) > 10 else ''}"  # noqa: PLR2004 # a line of text
        )
        return Script(None, path, (problem,))
    return Script(CodeChannel("code", files), path)


def _archive(source_dir: str | Path) -> Problem:
    return Problem(
        f"source_dir: {str(source_dir)!r} is an archive, which nothing unpacks in the container: "
        "give the folder it is made of, on this machine or on S3"
    )


def within(folder: Path, entry: str) -> str:
    """The path in the folder of a file given by that path, or from where the app runs.

    What is not in the folder comes back as it is.
    """
    if (folder / entry).is_file() and not Path(entry).is_absolute():
        return Path(os.path.normpath(entry)).as_posix()
    absolute = Path(entry).absolute()
    if absolute.is_file() and absolute.is_relative_to(folder.absolute()):
        return absolute.relative_to(folder.absolute()).as_posix()
    return entry

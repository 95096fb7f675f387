"""From the paths and S3 URIs that users write to the channels of a container."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import (
    Contents,
    File,
    LeadsOutError,
    files_of_folder,
)
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.run_time import file_name, text
from cdk_sagemaker_processing.steps.argument_types import wrong_path
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, CodeChannel

__all__ = [
    "Script",
    "folder_files",
    "holds_nothing",
    "is_uri",
    "missing",
    "names_of",
    "plain",
    "script",
    "within",
]

_REMOTE = ("s3://", "s3a://")
_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
# As many names as a line of text takes.
_SHOWN = 10


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


def folder_files(
    argument: str, folder: Path, below: str, named: Sequence[Path] = ()
) -> Contents | Problem:
    """The files of a folder of this machine, named under ``below``, or why they cannot be had.

    Args:
        argument: The argument's name, for problems.
        folder: The folder.
        below: What the files' names begin with.
        named: Files of it that go along even if they may hold secrets.
    """
    if folder.is_file():
        return Problem(f"{argument} must be a folder, got the file {str(folder)!r}")
    if not folder.is_dir():
        return missing(argument, folder)
    try:
        found = files_of_folder(folder.absolute(), below, [one.absolute() for one in named])
    except LeadsOutError as error:
        return Problem(f"{argument}: {error}")
    return found if found.files else holds_nothing(argument, folder, found.left_out)


def holds_nothing(argument: str, folder: Path, left_out: Sequence[Path]) -> Problem:
    """That nothing of a folder would be uploaded, with what of it may hold secrets."""
    beside = f" but {names_of(left_out)}, left out as such hold secrets" if left_out else ""
    return Problem(f"{argument}: the folder {str(folder)!r} holds no file{beside}")


def names_of(paths: Sequence[Path]) -> str:
    """Files and folders of this machine in a line of text, as users would write them."""
    shown = [repr(os.path.relpath(one)) for one in paths[:_SHOWN]]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{', '.join(shown)}{more}"


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
    found = folder_files("source_dir", folder, "code", [folder / entry])
    if isinstance(found, Problem):
        return Script(None, path, (found,))
    names = [file.name.removeprefix("code/") for file in found.files]
    if entry not in names:
        problem = Problem(
            f"{argument}: there is no {entry!r} in source_dir {str(source_dir)!r}; "
            f"it holds {', '.join(names[:_SHOWN])}{', …' if len(names) > _SHOWN else ''}"
        )
        return Script(None, path, (problem,))
    return Script(CodeChannel("code", found.files, left_out=found.left_out), path)


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

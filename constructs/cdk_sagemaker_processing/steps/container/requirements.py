"""What pip installs in a container before the script runs, from the forms that users write."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.run_time import file_name, is_jsonata
from cdk_sagemaker_processing.steps.argument_types import wrong_path
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, CodeChannel
from cdk_sagemaker_processing.steps.container.files import is_uri, missing, plain, within

if TYPE_CHECKING:
    from cdk_sagemaker_processing.code.pip_format import Line

__all__ = ["Requirements", "requirements_of"]

_CHANNEL = "requirements"
_FOLDER = f"{INPUT_ROOT}/{_CHANNEL}"
_CODE = f"{INPUT_ROOT}/code"
# What lies below it, the job's inputs put there.
_INPUTS = "/opt/ml/processing/"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What pip installs.

    Attributes:
        path: The place in the container of the file that says it; None where
            nothing is installed.
        channel: The channel that carries it; None where the code's does.
        problems: What is wrong with it.
    """

    path: str | None = None
    channel: CodeChannel | None = None
    problems: tuple[Problem, ...] = ()


def requirements_of(
    given: str | Path | Sequence[str] | None,
    source_dir: str | Path | None,
    *,
    network_isolated: bool,
) -> Requirements:
    """What pip installs, from the argument ``requirements``.

    Args:
        given: The argument: a file, an S3 URI or the requirements themselves.
        source_dir: The folder of the code, which may hold the file.
        network_isolated: Whether the container reaches no package index.
    """
    if given is None:
        return Requirements()
    if not isinstance(given, str | Path):
        return _from_list(given, network_isolated=network_isolated)
    if wrong := wrong_path("requirements", given):
        return Requirements(problems=tuple(wrong))
    if is_uri(given):
        return _on_s3(str(given))
    if source_dir is not None and is_uri(source_dir) and _is_within(given):
        return Requirements(f"{_CODE}/{given}")
    return _from_file(given, source_dir, network_isolated=network_isolated)


def _on_s3(uri: str) -> Requirements:
    name = file_name(uri)
    if name is None:
        problem = Problem(f"requirements: {uri!r} does not tell the file's name: end it in /<file>")
        return Requirements(problems=(problem,))
    return Requirements(f"{_FOLDER}/{name}", CodeChannel(_CHANNEL, s3_uri=uri))


def _is_within(path: str | Path) -> bool:
    """Whether a path may be one in a folder that nobody can look into."""
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _from_list(given: object, *, network_isolated: bool) -> Requirements:
    if not isinstance(given, Sequence) or isinstance(given, bytes):
        problem = Problem(
            "requirements must be a requirements file, an S3 URI or a list such as "
            f"['pandas==2.2.3'], got {given!r}"
        )
        return Requirements(problems=(problem,))
    if not given:
        return Requirements()
    if wrong := [found for at, one in enumerate(given) for found in _wrong_item(at, one)]:
        return Requirements(problems=tuple(wrong))
    # It costs time to load, which steps without requirements would pay.
    from cdk_sagemaker_processing.code.pip_format import read_line  # noqa: PLC0415

    reading = _Reading()
    for at, one in enumerate(given):
        reading.take(f"requirements[{at}]", read_line(one.strip()), None)
    content = "".join(f"{one}\n" for one in given).encode()
    file = File(f"{_CHANNEL}/requirements.txt", content=content)
    return Requirements(
        f"{INPUT_ROOT}/{file.name}",
        CodeChannel(_CHANNEL, (file,)),
        reading.found(network_isolated=network_isolated),
    )


def _wrong_item(at: int, one: object) -> Iterator[Problem]:
    if not isinstance(one, str) or not one.strip() or len(one.splitlines()) != 1:
        yield Problem(
            f"requirements[{at}] must be one requirement, such as 'pandas==2.2.3', got {one!r}"
        )
    elif not is_known(one) or is_jsonata(one):
        yield Problem(
            f"requirements[{at}] must be known at synth: all are uploaded as a file before the run"
        )


def _from_file(
    given: str | Path, source_dir: str | Path | None, *, network_isolated: bool
) -> Requirements:
    folder = None if source_dir is None or is_uri(source_dir) else plain(source_dir)
    entry = within(folder, str(given)) if folder else ""
    if folder and (folder / entry).is_file():
        reading = _Reading(folder=folder)
        reading.read(folder / entry)
        problems = reading.found(network_isolated=network_isolated)
        return Requirements(f"{_CODE}/{entry}", None, problems)
    path = plain(given)
    if not path.is_file():
        return Requirements(problems=(_no_file(given, source_dir),))
    reading = _Reading()
    reading.read(path)
    base = os.path.commonpath([one.parent for one in reading.files])
    files = [
        File(f"{_CHANNEL}/{one.relative_to(base).as_posix()}", path=one) for one in reading.files
    ]
    return Requirements(
        f"{INPUT_ROOT}/{files[0].name}",
        CodeChannel(_CHANNEL, tuple(files)),
        reading.found(network_isolated=network_isolated),
    )


def _no_file(given: str | Path, source_dir: str | Path | None) -> Problem:
    if Path(given).is_dir():
        return Problem(f"requirements: {str(given)!r} is a folder: give the file in it")
    if source_dir is None:
        return missing("requirements", given)
    return Problem(
        f"requirements: no such file: {str(given)!r}, looked for in source_dir {str(source_dir)!r} "
        f"and at {Path(given).absolute()}"
    )


@dataclass(slots=True)
class _Reading:
    """What requirements say of other files, gathered.

    Attributes:
        folder: The code's folder, where all of them must lie; None where they
            go along by themselves.
        files: The files read so far, in their order.
        no_index: Whether they keep pip from any index.
        problems: What is wrong with them.
    """

    folder: Path | None = None
    files: list[Path] = field(default_factory=list)
    no_index: bool = False
    problems: list[Problem] = field(default_factory=list)

    def found(self, *, network_isolated: bool) -> tuple[Problem, ...]:
        """All that is wrong, once everything is read."""
        if network_isolated and not self.no_index:
            return (*self.problems, _no_way_out())
        return tuple(self.problems)

    def read(self, path: Path) -> None:
        """Read a file and those that it includes."""
        if path in self.files:
            return
        self.files.append(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self.problems.append(Problem(f"requirements: {str(path)!r} is not UTF-8 text"))
            return
        from cdk_sagemaker_processing.code.pip_format import read_lines  # noqa: PLC0415 # as above

        for number, line in read_lines(text):
            self.take(f"requirements: {path.name}:{number}", line, path)

    def take(self, where: str, line: Line, file: Path | None) -> None:
        """Take in what a line says.

        Args:
            where: The line's place, for problems.
            line: What it says.
            file: The file that it stands in; None if in none.
        """
        self.no_index = self.no_index or line.no_index
        if line.wrong is not None:
            self.problems.append(
                Problem(
                    f"{where}: {line.wrong!r} is no requirement: a line is such as 'pandas==2.2.3'"
                )
            )
        for path in line.includes:
            self._include(where, path, file)
        for path in line.folders:
            if not (_is_of_container(path) or (file and self._goes_along(file.parent / path))):
                self.problems.append(_not_carried(where, path))
        self.problems += [
            _not_carried(where, path) for path in line.paths if not _is_of_container(path)
        ]

    def _include(self, where: str, path: str, file: Path | None) -> None:
        if _is_of_container(path):
            return
        if file is None:
            self.problems.append(
                Problem(f"{where}: a file is included by a file only: give requirements={path!r}")
            )
            return
        there = plain(file.parent / path)
        if not there.is_file():
            self.problems.append(Problem(f"{where}: no such file: {path!r}, looked for at {there}"))
        elif self.folder is None or there.is_relative_to(self.folder):
            self.read(there)
        else:
            self.problems.append(
                Problem(
                    f"{where}: {path!r} lies outside of source_dir, which goes along alone: "
                    "move it there, or give a requirements file outside of source_dir"
                )
            )

    def _goes_along(self, path: Path) -> bool:
        there = plain(path)
        return self.folder is not None and there.is_relative_to(self.folder) and there.exists()


def _is_of_container(path: str) -> bool:
    """Whether a path may be one of the container's: of an input, of the image, of a variable."""
    path = path.removeprefix("file:").replace("///", "/")
    return path.startswith(_INPUTS) or "${" in path or (path[:1] == "/" and not Path(path).exists())


def _not_carried(where: str, path: str) -> Problem:
    name = path.rstrip("/").rpartition("/")[2]
    return Problem(
        f"{where}: {path!r} is a path of this machine, which pip does not find in the container: "
        f"take it along by dependencies and write its place there, {_CODE}/{name}"
    )


def _no_way_out() -> Problem:
    return Problem(
        "requirements need a package index, which no container reaches with "
        "enable_network_isolation=True: give an image that has the packages, or take their wheels "
        "along by dependencies=['wheels'] and begin the requirements with "
        f"--no-index --find-links {_CODE}/wheels",
        "NetworkConfig.EnableNetworkIsolation",
    )

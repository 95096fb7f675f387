"""The command `outputs`: what a run's jobs left in S3."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.session import (
    AsJson,
    Profile,
    Region,
    Stack,
    clients,
    print_json,
    session,
)
from cdk_sagemaker_processing.cli.workflows.results import print_outputs
from cdk_sagemaker_processing.cli.workflows.show import TheRun
from cdk_sagemaker_processing.runs.completed import read_completed
from cdk_sagemaker_processing.runs.downloads import download
from cdk_sagemaker_processing.runs.follower import ClientOf, RunFollower
from cdk_sagemaker_processing.runs.found import Run, find_run
from cdk_sagemaker_processing.runs.outputs import Output, read_outputs

__all__ = ["outputs"]

# What of a state's name would lead to another folder.
_FOLDERLESS = re.compile(r"[/\\\0]|^\.+$")


@dataclass(frozen=True, slots=True)
class _Left:
    """An output, of whose state and job it is, and where it was downloaded to.

    Of a state whose job was left out the job is that of the run whose success stands for it.
    """

    state: str
    job: str
    output: Output
    cached_from: str | None = None
    folder: Path | None = None


def outputs(  # noqa: PLR0917 - Typer's way to say a command's options
    run: TheRun,
    to: Annotated[
        Path | None,
        typer.Option(
            "--download",
            help="Copy them to this folder, as STATE/OUTPUT/… (of a state with several jobs "
            "STATE/JOB/OUTPUT/…). Files of the same names there are replaced.",
            file_okay=False,
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show what the jobs of a run left in S3, or download it."""
    console = Console(highlight=False)
    with session(console):
        client_of = clients(profile, region)
        found = find_run(client_of, run, stack)
        left = list(_left(client_of, found, to))
    if as_json:
        print_json(console, [_as_json(one) for one in left])
        return
    for one in left:
        of_run = f" (cached, of run {_name(one.cached_from)})" if one.cached_from else ""
        print_outputs(console, f"{one.state}{of_run}", [one.output])
        if one.folder:
            console.print(Text(f"  downloaded to {one.folder}"), soft_wrap=True)
            console.print()
    if not left:
        console.print(f"No job of {found.name} has completed with outputs.", markup=False)


def _left(client_of: ClientOf, run: Run, to: Path | None) -> Iterator[_Left]:
    follower = RunFollower(client_of, run.arn, read_logs=False)
    follower.poll()
    for completed in read_completed(follower, _tell_unknown):
        of_state = _FOLDERLESS.sub("-", completed.state)
        for source, job in completed.jobs:
            parts = (of_state, job.name) if len(completed.jobs) > 1 else (of_state,)
            for output in read_outputs(client_of, job.description):
                one = _Left(completed.state, job.name, output, source)
                yield _downloaded(client_of, one, to.joinpath(*parts)) if to else one


def _tell_unknown(state: str, source: str | None) -> None:
    place = (
        f"look in S3 where its outputs go, under the name of run {_name(source)} ({source})"
        if source
        else "the step's result in the run's output names the source run as CachedFrom"
    )
    Console(stderr=True, highlight=False).print(
        f"{state} was cached, and what it stands for is not known any more: {place}",
        style="yellow",
        soft_wrap=True,
        markup=False,
    )


def _name(execution_arn: str) -> str:
    return execution_arn.rpartition(":")[2]


def _downloaded(client_of: ClientOf, one: _Left, folder: Path) -> _Left:
    place = folder / one.output.name
    download(client_of, one.output, place)
    return replace(one, folder=place)


def _as_json(one: _Left) -> dict[str, Any]:
    return {
        "state": one.state,
        "job": one.job,
        "output": one.output.name,
        "uri": one.output.uri,
        "files": one.output.files,
        "bytes": one.output.size_in_bytes,
        "kinds": list(one.output.kinds),
        "cachedFrom": one.cached_from,
        "folder": str(one.folder) if one.folder else None,
    }

"""The command `logs`: what the jobs of a run write."""

import re
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.session import (
    Profile,
    Region,
    Stack,
    clients,
    print_json,
    session,
)
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.runs.follower import ClientOf, Job, RunFollower
from cdk_sagemaker_processing.runs.found import find_run
from cdk_sagemaker_processing.runs.logs import JobLog

__all__ = ["logs"]

_POLL_SECONDS = 0.5
# Each costs a few calls a look, of which an account has some a second.
_MOST_CHILDREN = 50
# API reference, CreateProcessingJob.
_JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")

_Line = tuple[str | None, str, str]
"""A state, its job and what it wrote."""


def logs(  # noqa: PLR0917 - Typer's way to say a command's options
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN|JOB",
            help="A run: the execution's name or ARN, a workflow for its newest run, or "
            "WORKFLOW~1 for the one before; or a processing job's name.",
            show_default=False,
        ),
    ],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print on until the run or the job is over.")
    ] = False,
    state: Annotated[
        str | None, typer.Option(help="Only of this state's jobs.", show_default=False)
    ] = None,
    stack: Stack = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON a line.")] = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print what the jobs of a run have written."""
    console = Console(highlight=False)
    with session(console):
        client_of = clients(profile, region)
        lines = _lines(client_of, run, state, stack, follow=follow)
        for line in lines:
            _print(console, line, as_json=as_json)


def _lines(
    client_of: ClientOf, wanted: str, state: str | None, stack: str | None, *, follow: bool
) -> Iterator[_Line]:
    job = Job(wanted, JobLog(client_of("logs"), wanted))
    if state is None and _look(client_of, job):
        return _lines_of_job(client_of, job, follow=follow)
    found = find_run(client_of, wanted, stack)
    follower = RunFollower(client_of, found.arn, read_logs=False)
    _check(follower, state)
    _warn(follower)
    return _lines_of_run(follower, state, follow=follow)


def _lines_of_job(client_of: ClientOf, job: Job, *, follow: bool) -> Iterator[_Line]:
    while True:
        is_over = job.is_over
        for line in job.log.read(whole=is_over or not follow):
            yield None, job.name, line
        if is_over or not follow:
            return
        time.sleep(_POLL_SECONDS)
        _look(client_of, job)


def _lines_of_run(follower: RunFollower, state: str | None, *, follow: bool) -> Iterator[_Line]:
    read: set[str] = set()
    while True:
        follower.poll()
        family = list(follower.family(_MOST_CHILDREN))
        for name, job in (found for one in family for found in _jobs(one, state)):
            if job.name not in read:
                lines = job.log.read(whole=job.is_over or not follow)
                yield from ((name, job.name, line) for line in lines)
        read |= {job.name for one in family for job in one.jobs.values() if job.is_over}
        if follower.is_over or not follow:
            return
        time.sleep(_POLL_SECONDS * sum(not one.is_over for one in family))


def _jobs(follower: RunFollower, state: str | None) -> Iterator[tuple[str, Job]]:
    for progress in follower.progress.states:
        if state in {None, progress.state.name}:
            yield from ((progress.state.name, follower.jobs[name]) for name in progress.job_names)


def _check(follower: RunFollower, state: str | None) -> None:
    if state is None or any(each.starts_workflow for each in follower.states):
        # The states of another workflow are known once it runs.
        return
    names = [each.name for each in follower.states if each.is_job]
    if state not in names:
        raise DeployedError(
            f"no state {state} runs a processing job; there are: {', '.join(names) or 'none'}"
        )


def _warn(follower: RunFollower) -> None:
    follower.poll()
    children = sum(one.items.executions for one in follower.progress.states if one.items)
    if children > _MOST_CHILDREN:
        Console(stderr=True, highlight=False).print(
            f"Of {children:,} executions of items the newest {_MOST_CHILDREN} are told; of another "
            "one: sagemaker-processing logs EXECUTION_ARN",
            style="yellow",
            soft_wrap=True,
        )


def _look(client_of: ClientOf, job: Job) -> bool:
    """Look at a job, and return whether there is one."""
    if not _JOB_NAME.fullmatch(job.name):
        return False
    try:
        job.description = client_of("sagemaker").describe_processing_job(ProcessingJobName=job.name)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ValidationException", "ResourceNotFound"}:
            return False
        raise
    return True


def _print(console: Console, line: _Line, *, as_json: bool) -> None:
    state, job, written = line
    told = words.plain(written)
    if as_json:
        print_json(console, {"state": state, "job": job, "line": told}, indent=None)
        return
    before = (f"{state} │ ", "cyan") if state else ""
    console.print(Text.assemble(before, told), soft_wrap=True)

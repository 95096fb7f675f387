"""The commands `history open`, `history status` and `history stop`."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.history.opening import HistoryOpen
from cdk_sagemaker_processing.cli.session import (
    AsJson,
    Profile,
    Region,
    Stack,
    clients,
    print_json,
    session,
)
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.history_server.client.found import choose_server, find_servers
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.state import (
    TaskState,
    read_state,
    stop_tasks,
)
from cdk_sagemaker_processing.history_server.client.watch import doing
from cdk_sagemaker_processing.runs.follower import ClientOf

history = typer.Typer(help="Spark's History Server that a stack has.", no_args_is_help=True)

_Path = Annotated[
    str | None,
    typer.Option(
        help="The construct's path, such as Flights/History, if there are several.",
        show_default=False,
    ),
]


@history.command("open")
def open_(  # noqa: PLR0917 - Typer's way to say a command's options
    stack: Stack = None,
    path: _Path = None,
    job: Annotated[
        str | None,
        typer.Option(
            help="Open the page of this processing job, named whole or by its beginning; one that "
            "runs is waited for.",
            show_default=False,
        ),
    ] = None,
    app: Annotated[
        str | None,
        typer.Option(help="Open the page of this Spark application's id.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="The tunnel's port on 127.0.0.1; a free one by default.", show_default=False
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Open Spark's History Server: start it if it does not run, and hold a tunnel to it.

    Whoever opens it while it runs shares it. It ends by itself when nobody looks any more.
    """
    console = Console(highlight=False)
    with session(console):
        code = HistoryOpen(
            console=console,
            client_of=clients(profile, region),
            stack=stack,
            path=path,
            job=job,
            app=app,
            port=port,
            browse=browser,
            profile=profile or "",
        ).run()
    raise typer.Exit(code)


@history.command()
def status(
    stack: Stack = None,
    path: _Path = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Say whether the History Server runs, since when, and what it last warned of."""
    console = Console(highlight=False)
    with session(console):
        opening = _opening(clients(profile, region), stack, path)
        states = read_state(opening)
    if as_json:
        told = {"historyServer": opening.server.path, "tasks": [_as_json(one) for one in states]}
        print_json(console, told)
        return
    name = f"{opening.server.path} (stack {opening.server.stack})"
    console.print(Text(name, "bold"), soft_wrap=True)
    for state in states:
        for line in _lines(state, datetime.now(tz=UTC)):
            console.print(Text(f"  {line}"), soft_wrap=True)
    if not states:
        console.print("  no task runs, nor did within the last hour")


@history.command()
def stop(
    stack: Stack = None,
    path: _Path = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """End the History Server's tasks, for all who look at it, and wait until they have ended."""
    console = Console(highlight=False)
    stages = Stages(console)
    with session(console), stages.stage("Stop") as stage:
        opening = _opening(clients(profile, region), stack, path, stages)
        stopped = stop_tasks(opening)
        names = ", ".join(task.identity for task in stopped)
        stage.detail = f"{words.count(len(stopped), 'task')} of {opening.server.path} {names}"
    if opening.server.service and stopped:
        told = f"Service {opening.server.service} starts another: it is always on."
        console.print(told, soft_wrap=True)


def _opening(
    client_of: ClientOf, stack: str | None, path: str | None, stages: Stages | None = None
) -> Opening:
    server = choose_server(find_servers(client_of, stack), path, stack)
    return Opening(client_of, server, stages.report) if stages else Opening(client_of, server)


def _as_json(state: TaskState) -> dict[str, Any]:
    task = state.task
    return {
        "task": task.arn,
        "taskDefinition": task.revision,
        "status": task.status,
        "health": task.health,
        "created": _iso(task.created),
        "started": _iso(task.started),
        "stopped": _iso(task.stopped),
        "stoppedReason": task.reason or None,
        "lastTrouble": list(state.trouble),
    }


def _iso(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else None


def _lines(state: TaskState, now: datetime) -> list[str]:
    task = state.task
    since = task.stopped or task.started or task.created
    age = words.duration((now - since).total_seconds())
    health = f", {task.health.lower()}" if task.health != "UNKNOWN" and not task.has_ended else ""
    first = (
        f"{task.identity} ({task.revision}): {doing(task)}{health}, since "
        f"{since.astimezone():%Y-%m-%d %H:%M:%S} ({age})"
    )
    reason = [f"  ECS: {task.reason}"] if task.reason else []
    return [first, *reason, *(f"  {words.plain(line)}" for line in state.trouble)]

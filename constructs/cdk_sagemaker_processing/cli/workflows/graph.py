"""The command `graph`: a workflow as a picture."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.app_source import App, Assembly, Context, workflows_of
from cdk_sagemaker_processing.cli.session import Profile, Region, Stack, clients, session
from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.graph.mermaid import to_mermaid
from cdk_sagemaker_processing.graph.model import Graph, read_graph
from cdk_sagemaker_processing.graph.svg import to_svg
from cdk_sagemaker_processing.local.deploying.assembly import Workflow as Synthesized
from cdk_sagemaker_processing.local.deploying.assembly import choose_workflow
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.starting import definition_of
from cdk_sagemaker_processing.runs.workflows import Workflow, find_workflow, find_workflows
from cdk_sagemaker_processing.synthesized.machines import read_machine

__all__ = ["graph"]

_MACHINE = "/StateMachine"


class _Format(StrEnum):
    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


def graph(  # noqa: PLR0917 - Typer's way to say a command's options
    workflow: Annotated[
        str | None,
        typer.Argument(
            help="The workflow's construct path, such as Flights/Nightly, if there are several.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        _Format,
        typer.Option(
            "--format", help="Text of Mermaid, a picture, or the states and ways as JSON."
        ),
    ] = _Format.MERMAID,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write instead of printing; a file of that name is replaced.",
            dir_okay=False,
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    app: App = None,
    assembly: Assembly = None,
    context: Context = None,
    deployed: Annotated[
        bool, typer.Option("--deployed", help="Draw what is deployed, not what the app makes.")
    ] = False,
    stack: Stack = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Draw a workflow of the CDK app in this folder, or one that is deployed.

    Parallel and Map are boxes, choices carry their rules; dashed ways are taken after errors.
    """
    console = Console(highlight=False)
    with session(console):
        if deployed:
            if app or assembly:
                raise DeployedError("--deployed draws no app: leave out --app and --assembly")
            title, machine = _deployed(clients(profile, region), workflow, stack)
        else:
            with workflows_of(app, assembly, context) as found:
                title, machine = _synthesized(found, workflow)
        read = read_graph(machine)
        drawn = _drawn(read, form, title)
        if output is None:
            console.out(drawn, highlight=False, end="")
            return
        output.write_text(drawn, encoding="utf-8")
        console.print(Text(os.fspath(output)), soft_wrap=True)


def _drawn(graph: Graph, form: _Format, title: str) -> str:
    if form is _Format.SVG:
        return to_svg(graph, title)
    if form is _Format.MERMAID:
        return to_mermaid(graph)
    return f"{json.dumps(asdict(graph), indent=2, ensure_ascii=False)}\n"


def _synthesized(
    workflows: Sequence[Synthesized], wanted: str | None
) -> tuple[str, Mapping[str, Any]]:
    chosen = choose_workflow(workflows, wanted, "by its path")
    machine: Mapping[str, Any] = read_machine(chosen).readable()
    return chosen.path.removesuffix(_MACHINE), machine


def _deployed(
    client_of: ClientOf, wanted: str | None, stack: str | None
) -> tuple[str, Mapping[str, Any]]:
    chosen = find_workflow(client_of, wanted, stack) if wanted else _only(client_of, stack)
    machine: Mapping[str, Any] = json.loads(definition_of(client_of, chosen))
    return chosen.path, machine


def _only(client_of: ClientOf, stack: str | None) -> Workflow:
    found = find_workflows(client_of, stack)
    if len(found) != 1:
        there = ", ".join(f"{one.path} (stack {one.stack})" for one in found) or "none"
        raise DeployedError(f"name the workflow by its path; there are: {there}")
    return found[0]

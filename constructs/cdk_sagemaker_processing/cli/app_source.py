"""Which CDK app a command looks at: one that is synthesized now, or was before."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.local.deploying.assembly import Workflow, read_stacks, read_workflows
from cdk_sagemaker_processing.local.deploying.cdk import CdkCli
from cdk_sagemaker_processing.local.errors import LocalCloudError

__all__ = ["App", "Assembly", "Context", "read_context", "workflows_of"]

App = Annotated[
    Path | None,
    typer.Option(
        "--app",
        help="The folder of the CDK app's cdk.json or app.py, which is synthesized; by default "
        "this folder.",
        exists=True,
        file_okay=False,
        metavar="FOLDER",
        show_default=False,
    ),
]
Assembly = Annotated[
    Path | None,
    typer.Option(
        "--assembly",
        help="A folder that the app was synthesized into, such as cdk.out, instead.",
        exists=True,
        file_okay=False,
        metavar="DIR",
        show_default=False,
    ),
]


def _pairs(texts: list[str] | None) -> list[str] | None:
    """Return KEY=VALUE texts as they are, once each is one."""
    for text in texts or ():
        if not text.partition("=")[0] or "=" not in text:
            raise typer.BadParameter(f"must be KEY=VALUE, got {text!r}")
    return texts


Context = Annotated[
    list[str] | None,
    typer.Option(
        "--context",
        "-c",
        help="What the app is told beside its cdk.json, as by the CDK CLI's -c.",
        callback=_pairs,
        metavar="KEY=VALUE",
        show_default=False,
    ),
]


def read_context(pairs: list[str] | None) -> dict[str, str]:
    """Return what the app is told by KEY=VALUE texts.

    Args:
        pairs: The texts.
    """
    return dict(pair.split("=", 1) for pair in pairs or ())


@contextmanager
def workflows_of(
    app: Path | None, assembly: Path | None, context: list[str] | None = None
) -> Iterator[tuple[Workflow, ...]]:
    """Give the state machines of an app for as long as its cloud assembly is there.

    Args:
        app: The app's folder; this folder by default.
        assembly: A cloud assembly, instead.
        context: What the app is told, as KEY=VALUE texts.

    Raises:
        LocalCloudError: If there is no app, it fails, or the folder holds no cloud assembly.
    """
    if app and assembly:
        raise LocalCloudError("--app and --assembly both name an app: choose one")
    if assembly:
        if not (assembly / "manifest.json").is_file():
            raise LocalCloudError(
                f"no cloud assembly in {assembly}: name the folder that `cdk synth` wrote, "
                "such as cdk.out"
            )
        yield read_workflows(read_stacks(assembly))
        return
    with tempfile.TemporaryDirectory(prefix="sagemaker-processing-") as folder:
        # What is wanted of the command is on its standard output.
        stages = Stages(Console(stderr=True, highlight=False))
        with stages.stage("Synthesize") as stage:
            made = Path(folder) / "cdk.out"
            # What its Node leaves there when it is interrupted goes with the folder.
            variables = {**os.environ, "TMPDIR": folder}
            cdk = CdkCli(variables=variables, report=stages.report)
            cdk.synthesize((app or Path()).absolute(), made, read_context(context))
            stacks = read_stacks(made)
            stage.detail = ", ".join(stack.path for stack in stacks)
        yield read_workflows(stacks)

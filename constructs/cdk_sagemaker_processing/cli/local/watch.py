"""The command `local watch`: runs a workflow, and its steps again as their code is edited."""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cdk_sagemaker_processing.cli.app_source import Context, read_context
from cdk_sagemaker_processing.cli.local.options import AppFolder, Input, WorkflowPath
from cdk_sagemaker_processing.cli.local.watching import Wanted, Watching
from cdk_sagemaker_processing.cli.session import session
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.clouds.answering import AnsweringCloud
from cdk_sagemaker_processing.local.clouds.joined import JoinedCloud
from cdk_sagemaker_processing.local.clouds.named import Clouds
from cdk_sagemaker_processing.local.deploying import toolchain
from cdk_sagemaker_processing.local.deploying.cdk import app_options
from cdk_sagemaker_processing.local.watching.wakeups import Wakeups

__all__ = ["LocalWatch", "watch"]


@dataclass(frozen=True, slots=True)
class LocalWatch:
    """One watch, from the start of a cloud to Ctrl-C.

    Attributes:
        console: Where a person looks on.
        app_folder: The CDK app's folder.
        wanted: What to run, and what of it again.
        context: What the app is told beside its cdk.json.
        name: The cloud that is up to work in; by default the one that AWS_ENDPOINT_URL points to,
            else one that ends with the watch.
    """

    console: Console
    app_folder: Path
    wanted: Wanted = field(default_factory=Wanted)
    context: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None

    def run(self) -> None:
        """Watch until an interruption.

        Raises:
            LocalCloudError: If the app cannot be deployed a first time, or the cloud ends.
        """
        app_options(self.app_folder)
        stages = Stages(self.console)
        with ExitStack() as ending:
            files = Path(
                ending.enter_context(tempfile.TemporaryDirectory(prefix="sagemaker-processing-"))
            )
            with stages.stage("Tools") as stage:
                toolchain.cdk_command(stages.report)
                stage.detail = "Node and the CDK CLI"
            cloud = self._cloud(stages, ending, files)
            ending.enter_context(cloud.explained())
            watching = Watching(
                console=self.console,
                stages=stages,
                cloud=cloud,
                app_folder=self.app_folder,
                context=self.context,
                wanted=self.wanted,
                wakeups=ending.enter_context(Wakeups()),
                sources=files / "sources",
            )
            ending.callback(watching.end)
            watching.go_on()

    def _cloud(self, stages: Stages, ending: ExitStack, files: Path) -> AnsweringCloud:
        with stages.stage("Local cloud") as stage:
            cloud: AnsweringCloud | None
            if self.name:
                cloud = JoinedCloud.named(Clouds().running(self.name), files, stages.report)
            else:
                cloud = JoinedCloud.of_variables(files, stages.report)
            if cloud is None:
                cloud = ending.enter_context(LocalCloud.start(report=stages.report))
            stage.detail = cloud.endpoint_url
        return cloud


def watch(  # noqa: PLR0917 - Typer's way to say a command's options
    app_folder: AppFolder = Path(),
    workflow: WorkflowPath = None,
    step: Annotated[
        str | None,
        typer.Option(
            help="Run only this step again; by default each whose code is edited.",
            show_default=False,
        ),
    ] = None,
    input: Input = "{}",  # noqa: A002 - the option's name, as Step Functions calls it
    downstream: Annotated[
        bool,
        typer.Option(
            "--downstream", help="Run the steps again, too, that read what such a step writes."
        ),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            "-n",
            help="Work in this local cloud, which is up; by default in the one that "
            "AWS_ENDPOINT_URL points to, else in one that ends with this command.",
            show_default=False,
        ),
    ] = None,
    context: Context = None,
) -> None:
    """Deploy a CDK app to a local cloud, run a workflow there, and its steps again as you edit.

    A step whose code is saved runs again by itself, on the inputs that it had, without a synth. A
    change of the app is synthesized and deployed, and the workflow runs anew.
    """
    console = Console(highlight=False)
    watching = LocalWatch(
        console=console,
        app_folder=app_folder.absolute(),
        wanted=Wanted(workflow=workflow, input=input, step=step, downstream=downstream),
        context=read_context(context),
        name=name,
    )
    with session(console):
        try:
            watching.run()
        except Interrupted as interruption:
            if not interruption.is_ctrl_c:
                raise
            console.print("\nNothing is left running.")

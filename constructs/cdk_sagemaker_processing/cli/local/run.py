"""The command `local run`: deploys an app, runs a workflow of it, shows what it came to."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.app_source import Context, read_context
from cdk_sagemaker_processing.cli.local.environments import prepare_environments
from cdk_sagemaker_processing.cli.local.history import show_run
from cdk_sagemaker_processing.cli.local.options import (
    AppFolder,
    Input,
    Port,
    QuotaOption,
    WorkflowPath,
    read_quotas,
)
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.failures import failures_told
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted, interruptible
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.cli.workflows.results import (
    print_application,
    print_failure,
    print_outputs,
    read_tails,
)
from cdk_sagemaker_processing.cli.workflows.run_view import RunView
from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.reaching import Way
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError
from cdk_sagemaker_processing.local import LocalCloud, LocalCloudError
from cdk_sagemaker_processing.local.deploying import toolchain
from cdk_sagemaker_processing.local.deploying.assembly import (
    Workflow,
    choose_workflow,
    read_stacks,
    read_workflows,
)
from cdk_sagemaker_processing.local.deploying.cdk import app_options
from cdk_sagemaker_processing.local.deploying.physical import physical_name
from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.runs.follower import ClientOf, RunFollower
from cdk_sagemaker_processing.runs.outputs import read_outputs
from cdk_sagemaker_processing.runs.progress import Status

__all__ = ["LocalRun", "run"]

_SPARK = ("PySpark", "SparkJar")
_WATCH_SECONDS = 2


@dataclass(frozen=True, slots=True)
class LocalRun:
    """One run on this machine, from an empty one to nothing left.

    Attributes:
        console: Where a person looks on.
        app_folder: The CDK app's folder.
        workflow: The construct path of the workflow; None if the app has one only.
        input: The execution's input in JSON.
        port: The cloud's port; None for a free one.
        context: What the app is told beside its cdk.json.
        history: Whether to show the Spark jobs in Spark's History Server.
        logs: Whether to print the jobs' logs.
        enforce_iam: Whether the cloud enforces IAM policies.
        quotas: How many instances of a type the cloud's jobs may have at once.
    """

    console: Console
    app_folder: Path
    workflow: str | None = None
    input: str = "{}"
    port: int | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    history: bool = True
    logs: bool = False
    enforce_iam: bool = False
    quotas: Mapping[str, int] = field(default_factory=dict)
    _environments: Environments = field(default_factory=Environments)

    def run(self) -> int:
        """Do it all.

        Returns:
            The exit code: 0 if the workflow succeeded, 1 if it did not.

        Raises:
            LocalCloudError: If it does not come to a run.
        """
        app_options(self.app_folder)
        stages = Stages(self.console)
        with ExitStack() as ending:
            self._prepare_tools(stages)
            cloud = self._start_cloud(stages, ending)
            ending.enter_context(cloud.explained())
            workflow = self._deploy(stages, cloud)
            return self._run_workflow(stages, cloud, workflow)

    def _run_workflow(self, stages: Stages, cloud: LocalCloud, workflow: Workflow) -> int:
        client_of = partial(
            cloud.client,
            account=workflow.stack.account,
            region=workflow.stack.region,
        )
        machine_arn = physical_name(client_of, workflow)
        prepare_environments(self._environments, stages, client_of, machine_arn)
        follower = self._execute(client_of, machine_arn, workflow)
        if follower.progress.status is not Status.SUCCEEDED:
            self._print_failure(cloud, follower)
            return 1
        self._print_outputs(client_of, follower)
        if self.history:
            try:
                self._show_history(stages, cloud, client_of, follower)
            except HistoryError as error:
                raise LocalCloudError(str(error)) from error
        return 0

    def _prepare_tools(self, stages: Stages) -> None:
        with stages.stage("Tools") as stage:
            toolchain.cdk_command(stages.report)
            stage.detail = "Node and the CDK CLI"

    def _start_cloud(self, stages: Stages, ending: ExitStack) -> LocalCloud:
        with stages.stage("Local cloud") as stage:
            cloud = LocalCloud.start(
                port=self.port,
                report=stages.report,
                quotas=self.quotas,
                enforce_iam=self.enforce_iam,
            )
            ending.enter_context(cloud)
            stage.detail = cloud.endpoint_url
        return cloud

    def _deploy(self, stages: Stages, cloud: LocalCloud) -> Workflow:
        with stages.stage("Synthesize") as stage:
            assembly = cloud.synthesize(self.app_folder, context=self.context)
            stacks = read_stacks(assembly)
            workflow = choose_workflow(read_workflows(stacks), self.workflow)
            stage.detail = ", ".join(stack.path for stack in stacks)
        for warning in (one for stack in stacks for one in stack.warnings):
            self.console.print(Text(f"warning: {warning}", "yellow"), soft_wrap=True)
        with stages.stage("Deploy") as stage:
            cloud.deploy_assembly(assembly)
            stage.detail = words.count(len(stacks), "stack")
        return workflow

    def _execute(self, client_of: ClientOf, machine_arn: str, workflow: Workflow) -> RunFollower:
        now = datetime.now(tz=UTC)
        execution = client_of("stepfunctions").start_execution(
            stateMachineArn=machine_arn,
            name=f"local-{now:%Y%m%d-%H%M%S}",
            input=self.input,
        )
        self.console.print()
        self.console.print(Text(workflow.path, "bold"))
        follower = RunFollower(client_of, execution["executionArn"])
        RunView(self.console, follower, logs=self.logs).follow()
        self.console.print()
        return follower

    def _print_failure(self, cloud: LocalCloud, follower: RunFollower) -> None:
        read_tails(follower)
        print_failure(self.console, follower, lambda job: cloud.log_file(job.name))
        names = {*follower.jobs, *(one.job.name for one in follower.blamed if one.job)}
        if not any(cloud.log_file(name).is_file() for name in names):
            return
        cloud.keep_home()
        self.console.print()
        told = Text(f"What the jobs saw is kept in {cloud.home}; remove it when you are done.")
        self.console.print(told, soft_wrap=True)

    def _print_outputs(self, client_of: ClientOf, follower: RunFollower) -> None:
        for state in follower.progress.states:
            for name in state.job_names:
                job = follower.jobs[name]
                if job.status == "Completed":
                    outputs = read_outputs(client_of, job.description)
                    print_outputs(self.console, state.state.name, outputs)

    def _show_history(
        self, stages: Stages, cloud: LocalCloud, client_of: ClientOf, follower: RunFollower
    ) -> None:
        if not any(state.kind in _SPARK for state in follower.states):
            return
        with stages.stage("History") as stage:
            found = show_run(
                client_of,
                [job for job in follower.jobs.values() if job.status == "Completed"],
                follower.progress.started,
                stages.report,
                self._tell,
            )
            if found is None:
                stage.detail = "no job of the run keeps event logs"
                return
            listed = words.count(len(found.applications), "application")
            stage.detail = f"Spark's History Server at {found.way.url} lists {listed}"
        for application in found.applications:
            print_application(self.console, application)
        if self.console.is_terminal:
            self._stay(found.way, cloud)

    def _stay(self, way: Way, cloud: LocalCloud) -> None:
        """Keep the server and the cloud up until Ctrl-C, which here is the ordinary end."""
        self.console.print()
        told = f"Open {way.url} in a browser; the local cloud is at {cloud.endpoint_url} meanwhile."
        self.console.print(told, soft_wrap=True)
        self.console.print("Ctrl-C ends both.")
        is_up = True
        try:
            while True:
                is_up = is_up and self._is_up(way)
                time.sleep(_WATCH_SECONDS)
        except Interrupted as interruption:
            if not interruption.is_ctrl_c:
                raise
            self.console.print("\nEnding.")

    def _is_up(self, way: Way) -> bool:
        try:
            way.watch.look()
        except TaskEndedError as ended:
            if not ended.is_planned:
                raise
            self._tell(f"{words.sentence(str(ended))} The local cloud goes on.")
            return False
        return True

    def _tell(self, line: str) -> None:
        self.console.print(Text(words.plain(line), "yellow"), soft_wrap=True)


def run(  # noqa: PLR0917 - Typer's way to say a command's options
    app_folder: AppFolder = Path(),
    workflow: WorkflowPath = None,
    input: Input = "{}",  # noqa: A002 - the option's name, as Step Functions calls it
    port: Port = None,
    context: Context = None,
    history: Annotated[
        bool,
        typer.Option(help="Show the Spark jobs in Spark's History Server afterwards."),
    ] = True,
    logs: Annotated[
        bool, typer.Option("--logs", help="Print the jobs' logs as they grow.")
    ] = False,
    enforce_iam: Annotated[
        bool,
        typer.Option(
            "--enforce-iam", help="Hold jobs, tasks and state machines to IAM policies, over HTTPS."
        ),
    ] = False,
    quota: QuotaOption = None,
) -> None:
    """Deploy a CDK app to a cloud on this machine and run one of its workflows there.

    Nothing leaves this machine, and nothing is left running: the cloud ends with this command.
    """
    console = Console(highlight=False)
    job = LocalRun(
        console=console,
        app_folder=app_folder.absolute(),
        workflow=workflow,
        input=input,
        port=port,
        context=read_context(context),
        history=history,
        logs=logs,
        enforce_iam=enforce_iam,
        quotas=read_quotas(quota) or {},
    )
    try:
        with failures_told(), interruptible():
            code = job.run()
    except Interrupted as interruption:
        console.print("Interrupted: nothing is left running.", style="yellow")
        raise typer.Exit(interruption.exit_code) from None
    raise typer.Exit(code)

"""What follows from each save: a step that runs again, or a synth and a deploy."""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.local.environments import prepare_environments
from cdk_sagemaker_processing.cli.local.reruns import Reruns
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.cli.workflows.results import print_failure, read_tails
from cdk_sagemaker_processing.cli.workflows.run_view import RunView
from cdk_sagemaker_processing.code.sources import SOURCES_VARIABLE, read_sources
from cdk_sagemaker_processing.local.clouds.answering import AnsweringCloud
from cdk_sagemaker_processing.local.deploying.assembly import (
    Stack,
    Workflow,
    choose_workflow,
    read_stacks,
    read_workflows,
)
from cdk_sagemaker_processing.local.deploying.physical import physical_name
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.local.watching.changes import Changes, Watched
from cdk_sagemaker_processing.local.watching.jobs import check_step, last_jobs
from cdk_sagemaker_processing.local.watching.wakeups import Wakeups
from cdk_sagemaker_processing.runs.follower import ClientOf, Job, RunFollower
from cdk_sagemaker_processing.runs.progress import Status

__all__ = ["Wanted", "Watching"]

# How often a job that runs is looked at.
_LOOK_SECONDS = 0.1
# How often it is looked whether the cloud is still there, while nothing is saved.
_QUIET_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to run, and what of it again.

    Attributes:
        workflow: The construct path of the workflow; None if the app has one only.
        input: The execution's input in JSON.
        step: The only step to run again; None for whichever is edited.
        downstream: Whether the steps that read a step's outputs run again after it.
    """

    workflow: str | None = None
    input: str = "{}"
    step: str | None = None
    downstream: bool = False


@dataclass(slots=True)
class Watching:
    """A watch in a cloud that answers.

    Attributes:
        console: Where a person looks on.
        stages: Where stages are shown.
        cloud: The cloud.
        app_folder: The CDK app's folder.
        context: What the app is told beside its cdk.json.
        wanted: What to run.
        wakeups: Tells that files may have changed.
        sources: The file to which a synth writes what it was made of.
    """

    console: Console
    stages: Stages
    cloud: AnsweringCloud
    app_folder: Path
    context: Mapping[str, str]
    wanted: Wanted
    wakeups: Wakeups
    sources: Path
    _environments: Environments = field(default_factory=Environments)
    _watched: Watched | None = None
    _deployed: str = ""
    _reruns: Reruns | None = None
    _renewals: tuple[str, ...] = ()
    _ran_whole: bool = False

    def go_on(self) -> None:
        """Deploy, run, and then go by what is saved, until an interruption.

        Raises:
            LocalCloudError: If the app cannot be deployed a first time, or the cloud ends.
        """
        self._renew()
        while True:
            self._look(0)
            if self._renewals:
                self._renew_as_told()
            elif step := self._reruns and self._reruns.due:
                self._rerun(step)
            elif not self._look(_QUIET_SECONDS):
                self.cloud.check()

    def end(self) -> None:
        """Leave nothing of it in the cloud but what was deployed and what was run."""
        if self._reruns:
            self._reruns.end()

    def _renew_as_told(self) -> None:
        """Synthesize and deploy what has changed; if that fails, watch on."""
        told = f"Changed: {', '.join(self._renewals)}"
        self._renewals = ()
        self.console.print()
        self.console.print(Text(told, "dim"), soft_wrap=True)
        try:
            self._renew()
        except LocalCloudError as error:
            self.cloud.check()
            self.console.print(f"error: {error}", style="red", soft_wrap=True, markup=False)
            self._say_watching()

    def _renew(self) -> None:
        workflow = self._deploy()
        if workflow:
            self._run(workflow)
        self._say_watching()

    def _deploy(self) -> Workflow | None:
        """Deploy the app as it is now; None if that is deployed already."""
        with self.stages.stage("Synthesize") as stage:
            began = time.time_ns()
            with _asked_for_sources(self.sources):
                assembly = self.cloud.synthesize(self.app_folder, context=self.context)
            watched = Watched(self.app_folder, read_sources(self.sources), began)
            stacks = read_stacks(assembly)
            workflow = choose_workflow(read_workflows(stacks), self.wanted.workflow)
            made = _fingerprint(stacks)
            is_new = made != self._deployed
            paths = ", ".join(stack.path for stack in stacks)
            stage.detail = paths if is_new else "nothing that is deployed has changed"
        if not is_new:
            self._watch(watched)
            return None
        with self.stages.stage("Deploy") as stage:
            self.cloud.deploy_assembly(assembly)
            stage.detail = words.count(len(stacks), "stack")
        self._deployed = made
        self._watch(watched)
        return workflow

    def _watch(self, watched: Watched) -> None:
        self._watched = watched
        self.wakeups.watch(watched.folders())

    def _run(self, workflow: Workflow) -> None:
        """Run the whole workflow; its jobs are what is run again afterwards."""
        account, region = workflow.stack.account, workflow.stack.region
        client_of = partial(self.cloud.client, account=account, region=region)
        machine_arn = physical_name(client_of, workflow)
        prepare_environments(self._environments, self.stages, client_of, machine_arn)
        self.end()
        self._reruns = None
        follower = self._followed(client_of, workflow, machine_arn)
        self._ran_whole = follower.progress.status is Status.SUCCEEDED
        if not self._ran_whole:
            read_tails(follower)
            print_failure(self.console, follower, self._log_place)
        self._reruns = Reruns(
            self.console,
            client_of,
            last_jobs(follower),
            step=self.wanted.step,
            downstream=self.wanted.downstream,
        )

    def _followed(self, client_of: ClientOf, workflow: Workflow, machine_arn: str) -> RunFollower:
        states = client_of("stepfunctions")
        started = states.start_execution(
            stateMachineArn=machine_arn,
            name=f"watch-{datetime.now(tz=UTC):%Y%m%d-%H%M%S-%f}",
            input=self.wanted.input,
        )
        arn = started["executionArn"]
        try:
            follower = RunFollower(client_of, arn)
            check_step(follower.states, self.wanted.step)
            self.console.print()
            self.console.print(Text(workflow.path, "bold"))
            RunView(self.console, follower, logs=True).follow()
        except BaseException:
            states.stop_execution(executionArn=arn, cause="sagemaker-processing local watch ended")
            raise
        return follower

    def _rerun(self, step: str) -> None:
        assert self._reruns  # noqa: S101 - a step is due of these
        self.console.print()
        succeeded = self._reruns.run(step, partial(self._is_outdated, step))
        if succeeded and not self._ran_whole and not self._reruns.due:
            self._go_on_after(step)
        if not self._reruns.due and not self._renewals:
            self._say_watching()

    def _go_on_after(self, step: str) -> None:
        """Run the whole workflow if a step that succeeds now has kept others from their run."""
        if self.wanted.downstream:
            self._renewals = (*self._renewals, f"the code of {step}")
            return
        told = "What follows it has not run: with --downstream the workflow would run anew now."
        self.console.print(Text(told, "dim"), soft_wrap=True)

    def _is_outdated(self, step: str) -> bool:
        self._look(_LOOK_SECONDS)
        return bool(self._renewals) or bool(self._reruns and self._reruns.is_due(step))

    def _look(self, seconds: float) -> bool:
        """Take in what was saved, if there is word of any within some seconds."""
        if not self._watched or not self.wakeups.wait(seconds):
            return False
        changes: Changes = self._watched.look()
        self.wakeups.watch(self._watched.folders())
        if self._reruns:
            self._reruns.take(changes.edits)
        app = (os.path.relpath(path, self.app_folder) for path in changes.app)
        self._renewals = tuple(dict.fromkeys((*self._renewals, *app)))
        return True

    def _log_place(self, job: Job) -> object:
        return self.cloud.log_file(job.name) or job.log.place

    def _say_watching(self) -> None:
        count = words.count(self._watched.files if self._watched else 0, "file")
        told = f"Watching the app and {count} of its jobs' code; Ctrl-C ends."
        self.console.print(Text(told, "bold"), soft_wrap=True)


@contextmanager
def _asked_for_sources(file: Path) -> Iterator[None]:
    """Have an app that is synthesized in the block write what it is made of."""
    file.unlink(missing_ok=True)
    os.environ[SOURCES_VARIABLE] = str(file)
    try:
        yield
    finally:
        del os.environ[SOURCES_VARIABLE]


def _fingerprint(stacks: tuple[Stack, ...]) -> str:
    """What changes when anything does that a deployment would change."""
    digest = hashlib.sha256()
    for stack in stacks:
        name = stack.template.name.removesuffix(".template.json")
        assets = stack.template.with_name(f"{name}.assets.json")
        for file in (stack.template, assets):
            digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()

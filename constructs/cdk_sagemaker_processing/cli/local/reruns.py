"""The steps of a run that are run again, each as its code is edited, and what a person sees."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.marks import MARKS
from cdk_sagemaker_processing.cli.workflows.results import print_outputs
from cdk_sagemaker_processing.local.watching.changes import Edit
from cdk_sagemaker_processing.local.watching.code import EditedCode
from cdk_sagemaker_processing.local.watching.jobs import StepJob, followers_of, request_again
from cdk_sagemaker_processing.local.watching.outputs import FormerOutputs
from cdk_sagemaker_processing.local.watching.readers import Readers
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.logs import JobLog
from cdk_sagemaker_processing.runs.outputs import read_outputs
from cdk_sagemaker_processing.runs.progress import Status

__all__ = ["Reruns"]

_OVER = frozenset({"Completed", "Failed", "Stopped"})
_STATUSES = {
    "Completed": Status.SUCCEEDED,
    "Failed": Status.FAILED,
    "Stopped": Status.STOPPED,
}


class Reruns:
    """The jobs of a run, and those that are made again of them.

    Args:
        console: Where a person looks on.
        client_of: Makes boto3 clients of the cloud.
        jobs: The run's jobs, in their order.
        step: The only step to run again; None for whichever is edited.
        downstream: Whether the steps that read a step's outputs run again after it.
    """

    def __init__(
        self,
        console: Console,
        client_of: ClientOf,
        jobs: Sequence[StepJob],
        *,
        step: str | None = None,
        downstream: bool = False,
    ) -> None:
        self._console = console
        self._client_of = client_of
        self._sagemaker = client_of("sagemaker")
        self._s3 = client_of("s3")
        self._code = EditedCode(self._s3, Readers(client_of("iam")))
        self._jobs = {job.step: job for job in jobs}
        self._latest: dict[str, Mapping[str, Any]] = {job.step: job.description for job in jobs}
        self._only = step
        self._downstream = downstream
        self._due: dict[str, str] = {}
        self._running: str | None = None

    @property
    def due(self) -> str | None:
        """The step to run again next; None if there is none."""
        return next((step for step in self._jobs if step in self._due), None)

    def take(self, edits: Iterable[Edit]) -> None:
        """Let the steps run again that run edited code.

        Args:
            edits: What was edited.
        """
        for edit in edits:
            self._code.take(edit)
            steps = [job.step for job in self._jobs.values() if job.runs(edit.digest)]
            wanted = [step for step in steps if self._only in {None, step}]
            for step in wanted:
                self._due[step] = f"{_names(edit.names)} changed"
            if not wanted:
                self._tell(f"{_names(edit.names)} changed, which no step runs that is watched")

    def run(self, step: str, look: Callable[[], bool]) -> bool:
        """Run a step again, with the code as it is now, and show it.

        Args:
            step: The step's name.
            look: Looks for changes for a moment; says whether what is asked for now is another
                run of the step, or nothing of it any more.

        Returns:
            Whether its job succeeded.
        """
        why = self._due.pop(step)
        job = self._jobs[step]
        former = FormerOutputs.of(self._s3, self._latest[step])
        request = self._code.put_in(request_again(job))
        name = self._running = request["ProcessingJobName"]
        sign, style = MARKS[Status.RUNNING]
        told = Text.assemble((f"{sign} {step}", f"bold {style}"), f"  {why}  ", (name, "dim"))
        self._console.print(told, soft_wrap=True)
        try:
            self._sagemaker.create_processing_job(**request)
        except ClientError as error:
            self._running = None
            self._print_failure(step, f"was refused: {error}")
            return False
        ended = self._follow(step, name, look)
        self._running = None
        succeeded = bool(ended["ProcessingJobStatus"] == "Completed")
        if succeeded:
            former.remove()
            self._latest[step] = ended
        self._print_end(step, ended)
        self._go_on_from(job, succeeded=succeeded)
        return succeeded

    def is_due(self, step: str) -> bool:
        """Return whether a step is to run again."""
        return step in self._due

    def end(self) -> None:
        """Stop the job that runs, and leave no edited code in the cloud."""
        if self._running:
            self._stop(self._running)
        self._code.remove()

    def _go_on_from(self, job: StepJob, *, succeeded: bool) -> None:
        if not self._downstream or self.is_due(job.step):
            return
        for one in followers_of(job, list(self._jobs.values())):
            if succeeded:
                self._due.setdefault(one.step, f"{job.step} ran again")
            else:
                self._due.pop(one.step, None)

    def _follow(self, step: str, name: str, look: Callable[[], bool]) -> Mapping[str, Any]:
        log = JobLog(self._client_of("logs"), name)
        stopped = False
        while True:
            described: Mapping[str, Any] = self._sagemaker.describe_processing_job(
                ProcessingJobName=name
            )
            is_over = described["ProcessingJobStatus"] in _OVER
            for line in log.read(whole=is_over):
                told = Text.assemble((f"{step} │ ", "cyan"), (words.plain(line), "dim"))
                self._console.print(told, soft_wrap=True)
            if is_over:
                return described
            if look() and not stopped:
                self._stop(name)
                stopped = True

    def _stop(self, name: str) -> None:
        try:
            self._sagemaker.stop_processing_job(ProcessingJobName=name)
        except ClientError as error:
            # It ended, or was not there yet.
            if error.response["Error"]["Code"] not in {"ValidationException", "ResourceNotFound"}:
                raise

    def _print_failure(self, step: str, told: str) -> None:
        sign, style = MARKS[Status.FAILED]
        line = words.plain(f"{sign} {step} {told}")
        self._console.print(Text(line, f"bold {style}"), soft_wrap=True)

    def _print_end(self, step: str, job: Mapping[str, Any]) -> None:
        sign, style = MARKS[_STATUSES[job["ProcessingJobStatus"]]]
        started = job.get("ProcessingStartTime", job["CreationTime"])
        ended = job.get("ProcessingEndTime", job["LastModifiedTime"])
        took = words.duration((ended - started).total_seconds())
        status = job["ProcessingJobStatus"].lower()
        reason = job.get("FailureReason", "").partition("\n")[0]
        told = f"{sign} {step} {status} after {took}{f': {reason}' if reason else ''}"
        self._console.print(Text(words.plain(told), f"bold {style}"), soft_wrap=True)
        if job["ProcessingJobStatus"] == "Completed":
            print_outputs(self._console, step, read_outputs(self._client_of, job))

    def _tell(self, line: str) -> None:
        self._console.print(Text(line, "dim"), soft_wrap=True)


def _names(names: Sequence[str]) -> str:
    first, *others = names
    # The channel's name tells a person nothing.
    shown = first.partition("/")[2] or first
    return f"{shown} and {words.count(len(others), 'other file')}" if others else shown

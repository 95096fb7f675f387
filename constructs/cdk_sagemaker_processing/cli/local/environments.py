"""The stage of a local run in which what stands for its jobs' images is made."""

import threading
from concurrent.futures import ThreadPoolExecutor

from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.local import LocalCloudError
from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.local.jobs.errors import JobError
from cdk_sagemaker_processing.local.report import Report
from cdk_sagemaker_processing.runs.definition import read_states
from cdk_sagemaker_processing.runs.follower import ClientOf

__all__ = ["prepare_environments"]


def prepare_environments(
    environments: Environments, stages: Stages, client_of: ClientOf, machine_arn: str
) -> None:
    """Make ready what stands for the images of a state machine's jobs, if it has any.

    Args:
        environments: Makes them.
        stages: Where this is shown.
        client_of: Makes boto3 clients of the local cloud.
        machine_arn: The state machine.

    Raises:
        LocalCloudError: If one cannot be made.
    """
    machine = client_of("stepfunctions").describe_state_machine(stateMachineArn=machine_arn)
    states = read_states(machine["definition"])
    images = dict.fromkeys(state.image_uri for state in states if state.image_uri)
    if not images:
        return
    with stages.stage("Environments") as stage:
        for image in images:
            _prepare(environments, image, stages.report)
        stage.detail = ", ".join(_short(image) for image in images)


def _short(image_uri: str) -> str:
    return image_uri.rpartition("/")[2]


def _prepare(environments: Environments, image_uri: str, report: Report) -> None:
    """Prepare an environment in a thread, so that an interruption can give the build up."""
    stop = threading.Event()

    def report_with_image(text: str) -> None:
        report(f"{_short(image_uri)}: {text}")

    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(environments.prepare, image_uri, report_with_image, stop)
        try:
            future.result()
        except JobError as error:
            raise LocalCloudError(f"{image_uri}: {error}") from error
        finally:
            stop.set()

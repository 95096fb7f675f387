"""ECS, with tasks that are processes of this machine.

MiniStack keeps the records of clusters, task definitions and services, and schedules services'
tasks. Where it would start containers by Docker, `tasks` starts a task of `local.tasks` and writes
its state into MiniStack's record. `requests` holds RunTask to what ECS asks of it, `stacks` reads
the resources of templates whole, `resources` says what IAM looks at in a request.
"""

from cdk_sagemaker_processing.local.ministack.ecs import requests, stacks
from cdk_sagemaker_processing.local.ministack.ecs.tasks import Tasks
from cdk_sagemaker_processing.local.tasks import TaskRunner


def install(runner: TaskRunner, *, enforce_iam: bool) -> None:
    """Let ECS's tasks run.

    Args:
        runner: Runs them.
        enforce_iam: Whether who runs a task must be allowed to pass its roles.
    """
    Tasks(runner).install()
    requests.install(enforce_iam=enforce_iam)
    stacks.install()

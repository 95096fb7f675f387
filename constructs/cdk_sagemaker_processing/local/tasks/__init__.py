"""ECS tasks, run as real processes on this machine.

Nothing here knows of MiniStack or of the CDK: a task needs its definition in the form of ECS's
API, an endpoint for AWS's services, and sessions of its roles.
"""

from cdk_sagemaker_processing.local.tasks.credentials import RoleSession
from cdk_sagemaker_processing.local.tasks.images import Image, ImageError, Images, StandIns
from cdk_sagemaker_processing.local.tasks.runner import TaskRunner
from cdk_sagemaker_processing.local.tasks.task import Task
from cdk_sagemaker_processing.local.tasks.validation import problems

__all__ = [
    "Image",
    "ImageError",
    "Images",
    "RoleSession",
    "StandIns",
    "Task",
    "TaskRunner",
    "problems",
]

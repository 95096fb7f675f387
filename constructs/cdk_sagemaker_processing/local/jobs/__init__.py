"""CreateProcessingJob requests, run as real processes on this machine.

Nothing here knows of MiniStack or of the CDK: a job needs an S3 endpoint and a role's credentials.
"""

from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.environments import Environment, Environments
from cdk_sagemaker_processing.local.jobs.errors import JobError, NotHereError, ServiceError
from cdk_sagemaker_processing.local.jobs.permissions import Call, Refusal
from cdk_sagemaker_processing.local.jobs.service import ProcessingService

__all__ = [
    "Call",
    "Credentials",
    "Environment",
    "Environments",
    "JobError",
    "NotHereError",
    "ProcessingService",
    "Refusal",
    "ServiceError",
]

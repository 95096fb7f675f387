"""The statements of a job's role, made of a request alone."""

from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.access import job_statements
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from tests.support import resolved

__all__ = ["HERE", "problems_of", "statements_for"]

# What stands between a service and a resource in an ARN of the step's own account and region.
HERE = "<AWS::Region>:<AWS::AccountId>"

_IMAGE = Image("image", "arn:aws:ecr:eu-west-1:111122223333:repository/clean")
# What every job may do.
_ALWAYS = ("PullImage", "LogInToRegistry", "WriteLog", "PutMetrics")


def statements_for(stack: cdk.Stack, request: CreateProcessingJobRequest) -> list[dict[str, Any]]:
    """What a job may do beyond what every job may; nothing of the request lacks a name."""
    statements, unnamed = job_statements(request, _IMAGE)
    assert not unnamed
    return [resolved(stack, one) for one in statements if one["Sid"] not in _ALWAYS]


def problems_of(request: CreateProcessingJobRequest) -> list[Problem]:
    """What no permission can name."""
    statements, unnamed = job_statements(request, _IMAGE)
    assert [one["Sid"] for one in statements if one["Sid"] in _ALWAYS] == list(_ALWAYS)
    return unnamed

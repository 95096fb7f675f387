"""Permissions, derived from a request: the job's role and the state machine's statements."""

from cdk_sagemaker_processing.access.job import job_statements
from cdk_sagemaker_processing.access.locations import Location, locate
from cdk_sagemaker_processing.access.machine import machine_statements
from cdk_sagemaker_processing.access.statement import Statement

__all__ = ["Location", "Statement", "job_statements", "locate", "machine_statements"]

"""What the role of a state machine may do."""

from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, compact

__all__ = ["machine_statements"]

# Made by Step Functions to learn of the end of `.sync` jobs:
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
_EVENTS_RULE = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
_START = ("sagemaker:AddTags", "sagemaker:CreateProcessingJob")
_FOLLOW = (
    "sagemaker:DescribeProcessingJob",
    "sagemaker:ListTags",
    "sagemaker:StopProcessingJob",
)


def machine_statements(names_of_jobs: str, role_arn: str, *, waits: bool = True) -> list[Statement]:
    """What the role of a step's state machine may do: run the step's jobs and no others.

    Args:
        names_of_jobs: What the names of the step's jobs begin with.
        role_arn: The job's role.
        waits: Whether the state lasts until its job has ended: Step Functions
            then asks after the job, stops it, and has EventBridge tell its end.
    """
    region = f"{REGION}:{ACCOUNT_ID}"
    statements = [
        {
            "Effect": "Allow",
            "Action": sorted([*_START, *(_FOLLOW if waits else ())]),
            "Resource": [f"arn:{PARTITION}:sagemaker:{region}:processing-job/{names_of_jobs}*"],
        },
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [role_arn],
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        },
        *([_hear_of_ends(region)] if waits else []),
    ]
    compacted: list[Statement] = compact(statements)
    return compacted


def _hear_of_ends(region: str) -> Statement:
    return {
        "Effect": "Allow",
        "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        "Resource": [f"arn:{PARTITION}:events:{region}:rule/{_EVENTS_RULE}"],
    }

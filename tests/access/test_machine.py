"""What the role of a state machine may do."""

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.access.machine import machine_statements
from tests.access.statements import HERE
from tests.support import resolved

ROLE = "arn:aws:iam::111122223333:role/job"
JOBS = f"arn:<AWS::Partition>:sagemaker:{HERE}:processing-job/clean-1234-*"
PASS_ROLE = {
    "Effect": "Allow",
    "Action": ["iam:PassRole"],
    "Resource": [ROLE],
    "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
}


@pytest.mark.parametrize("waits", [True, False], ids=["RUN_JOB", "REQUEST_RESPONSE"])
def test_a_machine_may_run_one_steps_jobs_and_pass_one_role(
    stack: cdk.Stack, *, waits: bool
) -> None:
    """It follows and stops them, and hears of their ends, only where its state lasts so long."""
    statements = resolved(stack, machine_statements("clean-1234-", ROLE, waits=waits))

    following = [
        "sagemaker:DescribeProcessingJob",
        "sagemaker:ListTags",
        "sagemaker:StopProcessingJob",
    ]
    rule = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
    hearing = {
        "Effect": "Allow",
        "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        "Resource": [f"arn:<AWS::Partition>:events:{HERE}:rule/{rule}"],
    }
    assert statements == [
        {
            "Effect": "Allow",
            "Action": [
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                *(following if waits else []),
            ],
            "Resource": [JOBS],
        },
        PASS_ROLE,
        *([hearing] if waits else []),
    ]

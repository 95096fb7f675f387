"""What a job's role may do with SageMaker Feature Store."""

import aws_cdk as cdk

from cdk_sagemaker_processing.request.model import (
    CreateProcessingJobRequest,
    FeatureStoreOutput,
    ProcessingOutput,
    ProcessingOutputConfig,
)
from cdk_sagemaker_processing.request.values import Reference, Text
from tests.access.statements import HERE, problems_of, statements_for
from tests.request.examples import request


def with_groups(*groups: Text) -> CreateProcessingJobRequest:
    """A request whose outputs are feature groups."""
    outputs = tuple(
        ProcessingOutput(
            OutputName=f"f{at}",
            FeatureStoreOutput=FeatureStoreOutput(FeatureGroupName=group),
            AppManaged=True,
        )
        for at, group in enumerate(groups)
    )
    return request(ProcessingOutputConfig=ProcessingOutputConfig(Outputs=outputs))


def test_a_job_puts_records_into_its_feature_groups(stack: cdk.Stack) -> None:
    """And into no other; SageMaker writes their names in lower case in ARNs."""
    groups = f"arn:<AWS::Partition>:sagemaker:{HERE}:feature-group"

    assert statements_for(stack, with_groups("Flights", "delays-2")) == [
        {
            "Sid": "PutRecords",
            "Effect": "Allow",
            "Action": ["sagemaker:DescribeFeatureGroup", "sagemaker:PutRecord"],
            "Resource": [f"{groups}/flights", f"{groups}/delays-2"],
        }
    ]


def test_a_feature_group_known_only_at_run_time_cannot_be_named() -> None:
    """Its neighbours can."""
    (problem,) = problems_of(with_groups("flights", Reference(jsonpath="$.group")))

    assert problem.text == (
        "the feature group '{$.group}' is known only at run time, so no permission can name it: "
        "give a role of your own (role=) that may put records into it"
    )

"""What a job's role may do with SageMaker Feature Store."""

from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest, outputs_of
from cdk_sagemaker_processing.request.values import Text, is_known, is_run_time

__all__ = ["feature_store_statements"]


def feature_store_statements(
    request: CreateProcessingJobRequest,
) -> tuple[list[Statement], list[Problem]]:
    """Putting records into the feature groups of the outputs.

    Returns:
        The statements, and a problem for each group that cannot be named.
    """
    groups = _groups(request)
    if not groups:
        return [], []
    here = f"arn:{PARTITION}:sagemaker:{REGION}:{ACCOUNT_ID}"
    named = [one for one in groups if not is_run_time(one)]
    statement = {
        "Sid": "PutRecords",
        "Effect": "Allow",
        "Action": ["sagemaker:DescribeFeatureGroup", "sagemaker:PutRecord"],
        # SageMaker writes names in lower case in ARNs.
        "Resource": [
            f"{here}:feature-group/{str(one).lower() if is_known(one) else one}" for one in named
        ],
    }
    unnamed = [_unnamed(one) for one in groups if is_run_time(one)]
    return [statement] if named else [], unnamed


def _groups(request: CreateProcessingJobRequest) -> list[Text]:
    return [
        one.FeatureStoreOutput.FeatureGroupName
        for one in outputs_of(request)
        if one.FeatureStoreOutput
    ]


def _unnamed(group: Text) -> Problem:
    return Problem(
        f"the feature group {str(group)!r} is known only at run time, so no permission can name "
        "it: give a role of your own (role=) that may put records into it"
    )

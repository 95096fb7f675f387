"""What a job's role may do with KMS keys that the request names."""

from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest, ProcessingInput
from cdk_sagemaker_processing.request.values import Reference, join
from tests.access.statements import HERE, problems_of, statements_for
from tests.request.examples import dataset, request, resources, s3_output, with_inputs, with_output

ARN = "arn:aws:kms:eu-west-1:111122223333"
ON_DATA = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
ON_VOLUMES = ["kms:CreateGrant", "kms:DescribeKey"]


def with_volume_key(key: Any) -> CreateProcessingJobRequest:
    """A request whose volumes are encrypted by a key."""
    return request(ProcessingResources=resources(VolumeKmsKeyId=key))


def with_output_key(key: Any) -> CreateProcessingJobRequest:
    """A request whose outputs are."""
    one = with_output(request(), s3_output())
    assert one.ProcessingOutputConfig is not None
    return replace(one, ProcessingOutputConfig=replace(one.ProcessingOutputConfig, KmsKeyId=key))


def query_with_key(name: str, key: str) -> ProcessingInput:
    """An input whose result is encrypted by a key."""
    definition = dataset().DatasetDefinition
    assert definition is not None
    assert definition.AthenaDatasetDefinition is not None
    query = replace(definition.AthenaDatasetDefinition, KmsKeyId=key)
    return dataset(name, AthenaDatasetDefinition=query)


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        (f"{ARN}:key/1234", f"{ARN}:key/1234"),
        ("1234", f"arn:<AWS::Partition>:kms:{HERE}:key/1234"),
        ("mrk-1234", f"arn:<AWS::Partition>:kms:{HERE}:key/mrk-1234"),
    ],
    ids=["ARN", "id", "multi-region id"],
)
def test_a_key_is_named_by_its_arn(stack: cdk.Stack, key: str, resource: str) -> None:
    """An id is one of the step's account and region."""
    assert statements_for(stack, with_volume_key(key)) == [
        {"Sid": "UseVolumeKey0", "Effect": "Allow", "Action": ON_VOLUMES, "Resource": [resource]}
    ]
    assert statements_for(stack, with_output_key(key))[1:] == [
        {"Sid": "UseDataKey0", "Effect": "Allow", "Action": ON_DATA, "Resource": [resource]}
    ]


@pytest.mark.parametrize(
    ("alias", "keys"),
    [
        ("alias/lake", f"arn:<AWS::Partition>:kms:{HERE}:key/*"),
        (f"{ARN}:alias/lake", f"{ARN}:key/*"),
    ],
    ids=["name", "ARN"],
)
def test_a_key_behind_an_alias_is_named_by_the_alias(
    stack: cdk.Stack, alias: str, keys: str
) -> None:
    """Any key may be behind it, so the condition names the alias and the resource names none."""
    assert statements_for(stack, with_volume_key(alias)) == [
        {
            "Sid": "UseVolumeKey0",
            "Effect": "Allow",
            "Action": ON_VOLUMES,
            "Resource": [keys],
            "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/lake"}},
        }
    ]


def test_the_result_of_a_query_has_a_key_too(stack: cdk.Stack) -> None:
    """Each key of data is named once."""
    whole = with_inputs(with_output_key("1"), query_with_key("a", "1"), query_with_key("b", "2"))

    uses = [one for one in statements_for(stack, whole) if "DataKey" in one["Sid"]]
    assert [(one["Sid"], one["Resource"][0].rsplit("/")[-1]) for one in uses] == [
        ("UseDataKey0", "1"),
        ("UseDataKey1", "2"),
    ]


def test_an_arn_with_pieces_of_the_deploy_is_named(stack: cdk.Stack) -> None:
    """IAM takes what CloudFormation makes of it."""
    key = f"arn:{cdk.Aws.PARTITION}:kms:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:key/1234"

    (use,) = statements_for(stack, with_volume_key(key))

    assert use["Resource"] == [f"arn:<AWS::Partition>:kms:{HERE}:key/1234"]


DAY = Reference(jsonpath="$.key")


@pytest.mark.parametrize(
    "key", [DAY, join("alias/", DAY), join(f"{ARN}:key/", DAY)], ids=["key", "alias", "ARN"]
)
def test_a_key_known_only_at_run_time_cannot_be_named(key: Any) -> None:
    """The message says what can: the CDK's key, or a role that may use any."""
    (problem,) = problems_of(with_volume_key(key))

    assert f"the key {str(key)!r} is known only at run time" in problem.text
    assert "kms.Key" in problem.text
    assert "role=" in problem.text

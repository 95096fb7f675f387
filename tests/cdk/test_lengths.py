"""How long text becomes of which CloudFormation fills in a part."""

from typing import Any

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.cdk.lengths import length_of, length_of_text
from cdk_sagemaker_processing.cdk.pseudo import (
    ACCOUNT_ID,
    PARTITION,
    REGION,
    URL_SUFFIX,
    substituted,
)

HERE = "ap-southeast-1:111122223333"


@pytest.mark.parametrize(
    ("resolved", "becomes"),
    [
        ("plain", "plain"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::NoValue"}, ""),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::raw/${!day}"}, "arn:aws:s3:::raw/${!day}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}, "b"]]}, "a-ap-southeast-1-b"),
        ({"Fn::Join": ["-", []]}, ""),
        ({"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "account"]}, "111122223333"),
    ],
)
def test_what_is_known_of_a_value_counts_as_it_is(resolved: Any, becomes: str) -> None:
    """Pseudo parameters have lengths that hardly differ."""
    assert length_of(resolved) == len(becomes)


@pytest.mark.parametrize(
    "resolved",
    [{"Ref": "Bucket"}, {"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::Sub": ["${a}", {"a": 1}]}, 3, None],
)
def test_a_name_counts_as_names_are(resolved: Any) -> None:
    """It is made at deploy: somewhere between none and the longest ARN."""
    assert 0 < length_of(resolved) <= 100


def test_text_with_tokens_counts_as_what_they_become(stack: cdk.Stack) -> None:
    """Those of pseudo parameters, alone and within one of the package's own; others are names."""
    own = substituted(f"arn:{PARTITION}:sagemaker:{REGION}:{ACCOUNT_ID}:job/x")
    arn = f"arn:aws:sagemaker:{HERE}:job/x"
    bucket = cdk.CfnResource(stack, "Bucket", type="AWS::S3::Bucket").ref

    assert length_of_text("plain") == 5
    assert length_of_text(f'["{own}","{own}"]') == len(f'["{arn}","{arn}"]')
    assert length_of_text(f"s3.{URL_SUFFIX}") == len("s3.amazonaws.com")
    assert len("s3://") < length_of_text(f"s3://{bucket}") < 100

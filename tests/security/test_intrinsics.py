"""A template's values as a deployment would have them."""

from typing import Any

import pytest

from security.intrinsics import resolve

TEMPLATE = {
    "Parameters": {"Size": {"Type": "String", "Default": "small"}, "Name": {"Type": "String"}},
    "Mappings": {"Images": {"eu-west-1": {"account": "141502667606"}}},
    "Resources": {
        "Outputs": {"Type": "AWS::S3::Bucket"},
        "Role": {"Type": "AWS::IAM::Role"},
        "Subnet": {"Type": "AWS::EC2::Subnet"},
        "Flow": {"Type": "AWS::StepFunctions::StateMachine"},
        "Told": {"Type": "AWS::SNS::Topic"},
    },
}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("as it is", "as it is"),
        (7, 7),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Size"}, "small"),
        ({"Ref": "Name"}, "Name"),
        ({"Ref": "Outputs"}, "outputs"),
        ({"Ref": "Flow"}, "arn:aws:states:eu-west-1:111122223333:stateMachine:flow"),
        ({"Ref": "Told"}, "arn:aws:sns:eu-west-1:111122223333:told"),
        ({"Fn::GetAtt": ["Outputs", "Arn"]}, "arn:aws:s3:::outputs"),
        ({"Fn::GetAtt": "Role.Arn"}, "arn:aws:iam::111122223333:role/role"),
        (
            {"Fn::GetAtt": ["Subnet", "Arn"]},
            "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet",
        ),
        ({"Fn::GetAtt": ["Subnet", "VpcId"]}, "Subnet-VpcId"),
        ({"Fn::Join": ["/", [{"Ref": "Outputs"}, "a"]]}, "outputs/a"),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Outputs}/${!Literal}"},
            "arn:aws:s3:::outputs/${Literal}",
        ),
        ({"Fn::Sub": ["${part}", {"part": {"Ref": "Size"}}]}, "small"),
        ({"Fn::Sub": "${Role.Arn}"}, "arn:aws:iam::111122223333:role/role"),
        (
            {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "account"]},
            "141502667606",
        ),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "eu-west-1a"),
        ({"Fn::If": ["Condition", "then", "else"]}, "then"),
        ({"Statement": [{"Resource": {"Ref": "Size"}}]}, {"Statement": [{"Resource": "small"}]}),
    ],
)
def test_functions_become_values(value: Any, result: Any) -> None:
    """Each function that the CDK writes has a result."""
    assert resolve(TEMPLATE, value) == result


def test_an_unknown_function_is_told() -> None:
    """Nothing goes to a tool half resolved."""
    with pytest.raises(ValueError, match=r"Fn::Cidr is not resolved here yet"):
        resolve(TEMPLATE, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]})

"""Secrets of AWS Secrets Manager in the local cloud's stacks."""

from typing import Any

import pytest

from tests.local.ministack.test_stacks import Stack

pytestmark = pytest.mark.local_cloud


def template(length: int, about: str) -> dict[str, Any]:
    """A secret whose value is made, and a stack that tells what it is known by."""
    return {
        "Resources": {
            "Password": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {
                    "Description": about,
                    "GenerateSecretString": {"PasswordLength": length},
                },
            }
        },
        "Outputs": {
            "Ref": {"Value": {"Ref": "Password"}},
            "Id": {"Value": {"Fn::GetAtt": ["Password", "Id"]}},
        },
    }


def test_a_secret_is_known_by_its_arn(cloud: Any) -> None:
    """When it is made, changed and deleted; so a policy that names it by Ref allows its use."""
    stack, secrets = Stack(cloud), cloud.client("secretsmanager")

    made = stack.deploy(template(20, "first"))
    arn = made["Ref"]
    assert made == {"Ref": arn, "Id": arn}
    assert secrets.describe_secret(SecretId=arn)["ARN"] == arn
    assert len(secrets.get_secret_value(SecretId=arn)["SecretString"]) == 20

    assert stack.deploy(template(30, "second")) == made
    assert secrets.describe_secret(SecretId=arn)["Description"] == "second"
    assert len(secrets.get_secret_value(SecretId=arn)["SecretString"]) == 30

    stack.client.delete_stack(StackName=stack.name)
    stack.client.get_waiter("stack_delete_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1}
    )
    assert arn not in [one["ARN"] for one in secrets.list_secrets()["SecretList"]]

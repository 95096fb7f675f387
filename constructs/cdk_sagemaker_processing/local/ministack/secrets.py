"""Secrets of AWS Secrets Manager in stacks, of which a `Ref` is the ARN.

MiniStack's is the name, so that a policy that the CDK grants by `Ref` would allow nothing. Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

_KIND = "AWS::SecretsManager::Secret"
# A hyphen and six characters follow the name in an ARN.
_SUFFIX = 7

_Made = tuple[str, dict[str, Any]]


def install() -> None:
    """Have stacks know their secrets by the ARN."""
    handlers = provisioners._RESOURCE_HANDLERS[_KIND]
    delete = handlers["delete"]
    provisioners._RESOURCE_HANDLERS[_KIND] = {
        **handlers,
        "create": _by_arn(handlers["create"]),
        "update": _updating(handlers["update"]),
        "delete": lambda arn, *others: delete(_name(arn), *others),
    }


def _by_arn(original: Callable[..., _Made]) -> Callable[..., _Made]:
    def provision(*arguments: Any) -> _Made:
        _, attributes = original(*arguments)
        return attributes["Arn"], attributes

    return provision


def _updating(original: Callable[..., _Made]) -> Callable[..., _Made]:
    return _by_arn(lambda arn, *others: original(_name(arn), *others))


def _name(arn: str) -> str:
    return arn.rpartition(":")[2][:-_SUFFIX]

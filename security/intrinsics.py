"""A template's intrinsic functions, resolved to values such as a deployment would have.

Policies and definitions hold functions where tools want text. What only a deployment knows gets an
example: an account, a region, the name and ARN of each resource.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ACCOUNT", "REGION", "resolve"]

ACCOUNT = "111122223333"
REGION = "eu-west-1"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Stack/1",
    "AWS::StackName": "Stack",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}
# Service authorization reference, "Resource types defined by" each service.
_ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{name}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{name}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}:*",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{name}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{name}}",
    "AWS::ECR::Repository": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{{name}}",
}
# CloudFormation's resource reference, "Return values" of each.
_REFERRED_TO_BY_ARN = frozenset({"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"})
_ANY_ARN = f"arn:aws:{{service}}:{REGION}:{ACCOUNT}:{{kind}}/{{name}}"
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


def resolve(template: Mapping[str, Any], value: Any) -> Any:
    """Return a value of a template with each intrinsic function replaced by its result.

    Args:
        template: The template.
        value: A part of it.

    Raises:
        ValueError: If a function is not known here.
    """
    return _Resolver(template).resolve(value)


class _Resolver:
    def __init__(self, template: Mapping[str, Any]) -> None:
        self._template = template
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Join": lambda of: str(of[0]).join(str(one) for one in of[1]),
            "Fn::Sub": self._sub,
            "Fn::FindInMap": self._mapped,
            "Fn::Select": lambda of: of[1][int(of[0])],
            "Fn::Split": lambda of: str(of[1]).split(of[0]),
            "Fn::GetAZs": lambda _: [f"{REGION}a", f"{REGION}b", f"{REGION}c"],
            "Fn::ImportValue": str,
            "Fn::If": lambda of: of[1],
        }

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolve(one) for one in value]
        if not isinstance(value, dict):
            return value
        name = next(iter(value)) if len(value) == 1 else ""
        if name in self._functions:
            return self._functions[name](self.resolve(value[name]))
        if name.startswith("Fn::"):
            raise ValueError(
                f"{name} is not resolved here yet: give it a result in security/intrinsics.py"
            )
        return {key: self.resolve(one) for key, one in value.items()}

    def _ref(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        parameter = self._template.get("Parameters", {}).get(name)
        if parameter:
            return parameter.get("Default", name)
        is_arn = self._template["Resources"].get(name, {}).get("Type") in _REFERRED_TO_BY_ARN
        return self._arn(name) if is_arn else self._named(name)

    def _attribute(self, of: Any) -> str:
        name, attribute = of if isinstance(of, list) else of.split(".", 1)
        return self._arn(name) if attribute == "Arn" else f"{name}-{attribute}"

    def _sub(self, of: Any) -> str:
        text, values = of if isinstance(of, list) else (of, {})

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name in values:
                return str(values[name])
            return str(self._attribute(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(value, text).replace("${!", "${")

    def _mapped(self, of: Any) -> Any:
        mapping, first, second = of
        return self._template["Mappings"][mapping][first][second]

    def _arn(self, logical_id: str) -> str:
        kind = self._template["Resources"][logical_id]["Type"]
        _, service, resource = kind.split("::", 2)
        form = _ARNS.get(kind, _ANY_ARN)
        return form.format(
            name=self._named(logical_id), service=service.lower(), kind=resource.lower()
        )

    def _named(self, logical_id: str) -> str:
        """The name a resource has of its own; those of buckets and repositories are lowercase."""
        return logical_id.lower()

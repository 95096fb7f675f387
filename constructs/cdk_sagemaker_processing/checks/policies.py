"""Policies that let somebody pass roles to any service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cdk_sagemaker_processing.checks.intrinsics import Resources, plain
from cdk_sagemaker_processing.checks.unknown import readable

__all__ = ["OpenPassRole", "open_pass_roles"]

_PASSING = "iam:passrole"  # in lower case, as IAM compares
_CONDITION = "iam:passedtoservice"
# Those that let only named services through. Others are met by any service, or by none named.
_OPERATORS = ("stringequals", "stringlike")


@dataclass(frozen=True, slots=True)
class OpenPassRole:
    """A statement that lets somebody pass roles to any service.

    Attributes:
        location: Where it stands in its resource, such as
            ``Properties.PolicyDocument.Statement.0``.
        action: What it allows for that, such as ``iam:PassRole``.
        resources: For which roles.
    """

    location: str
    action: str
    resources: str

    def __str__(self) -> str:
        """What came, and what is allowed."""
        return (
            f"{self.location} allows {self.action} on {self.resources} with no condition on "
            "iam:PassedToService: must name the services that the role may be passed to"
        )


def open_pass_roles(resource: Mapping[str, Any], resources: Resources) -> Iterator[OpenPassRole]:
    """The statements of an IAM resource that let somebody pass roles to any service.

    Args:
        resource: The resource in its template.
        resources: The template's resources.
    """
    # Elsewhere a policy is of a resource, which passes no roles.
    if str(resource.get("Type", "")).startswith("AWS::IAM::"):
        properties = resource.get("Properties", {})
        for location, statement in _statements(properties, "Properties"):
            read = plain(statement, resources)
            if (action := _passing(read)) and not _names_services(read):
                yield OpenPassRole(location, action, readable(_roles(read)))


def _statements(value: Any, location: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The statements of all policy documents in a resource's properties."""
    if isinstance(value, list):
        for at, one in enumerate(value):
            yield from _statements(one, f"{location}.{at}")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key == "PolicyDocument":
                yield from _of_document(one, f"{location}.{key}.Statement")
            else:
                yield from _statements(one, f"{location}.{key}")


def _of_document(document: Any, location: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    statements = document.get("Statement", []) if isinstance(document, Mapping) else []
    for at, one in enumerate(statements if isinstance(statements, list) else [statements]):
        for branch in _branches(one):
            yield f"{location}.{at}", branch


def _branches(statement: Any) -> Iterator[Mapping[str, Any]]:
    """A statement, or those of which CloudFormation takes one."""
    match statement:
        case {"Fn::If": [_, *either]}:
            for one in either:
                yield from _branches(one)
        case {"Effect": _}:
            yield statement


def _passing(statement: Mapping[str, Any]) -> str:
    """By which action the statement lets roles be passed; empty if it does not."""
    if statement["Effect"] != "Allow":
        return ""
    if "NotAction" in statement:
        left_out = _list(statement["NotAction"])
        return "" if any(map(_covers, left_out)) else f"all but {', '.join(left_out)}"
    return next(filter(_covers, _list(statement.get("Action", []))), "")


def _covers(action: str) -> bool:
    return fnmatchcase(_PASSING, action.lower().replace("[", "[[]"))


def _names_services(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition", {})
    if not isinstance(condition, Mapping):
        # Only the deploy knows what it asks.
        return True
    return any(_is_narrow(operator, keys) for operator, keys in condition.items())


def _is_narrow(operator: str, keys: Any) -> bool:
    # "ForAnyValue:" changes nothing for a key of one value, "ForAllValues:" lets none through too.
    name = operator.lower().removeprefix("foranyvalue:").removesuffix("ifexists")
    if name not in _OPERATORS or not isinstance(keys, Mapping):
        return False
    given = [one for key, one in keys.items() if key.lower() == _CONDITION]
    # A wildcard at the front lets every service through, as "*.amazonaws.com" does.
    return any(not any(value.startswith("*") for value in _list(one)) for one in given)


def _roles(statement: Mapping[str, Any]) -> str:
    if "NotResource" in statement:
        return f"all but {', '.join(_list(statement['NotResource']))}"
    return ", ".join(_list(statement.get("Resource", [])))


def _list(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]

"""Roles as they stand in the local cloud's IAM, and copies of them that lack something."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.conftest import Cloud

Statement = dict[str, Any]

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """A role's statements without one of them, or without a part of one.

    Attributes:
        number: A number that no other cut of the role has.
        name: What is missing: a whole statement, `action action`, or a part, `action: resource`.
        actions: The actions that are missing, somewhere.
        left: The statements that are left.
    """

    number: int
    name: str
    actions: tuple[str, ...]
    left: tuple[Statement, ...]


def statements_of(cloud: Cloud, role_arn: str) -> list[Statement]:
    """Every statement of a role's own policies, its actions and resources as lists."""
    iam = cloud.local.client("iam")
    name = role_arn.rpartition("/")[2]
    documents = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    return [
        {**one, "Action": _listed(one["Action"]), "Resource": _listed(one["Resource"])}
        for document in documents
        for one in document["Statement"]
    ]


def unneeded(statements: Sequence[Statement], is_missed: Callable[[Cut], bool]) -> set[str]:
    """What a role could do without: whole statements, and actions and resources of the others.

    Args:
        statements: The role's statements.
        is_missed: Whether a run lacks what is cut.
    """
    wholes = [_whole(statements, at) for at in range(len(statements))]
    idle = _not_missed(wholes, is_missed)
    needed = [at for at, whole in enumerate(wholes) if whole not in idle]
    parts = [part for at in needed for part in _parts(statements, at)]
    return {cut.name for cut in [*idle, *_not_missed(parts, is_missed)]}


def _not_missed(cuts: Sequence[Cut], is_missed: Callable[[Cut], bool]) -> list[Cut]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(is_missed, cuts))
    return [cut for cut, missed in zip(cuts, found, strict=True) if not missed]


def _whole(statements: Sequence[Statement], at: int) -> Cut:
    actions = statements[at]["Action"]
    left = (*statements[:at], *statements[at + 1 :])
    return Cut(1000 * at, " ".join(actions), tuple(actions), left)


def _parts(statements: Sequence[Statement], at: int) -> Iterator[Cut]:
    one = statements[at]
    pieces = [(member, item) for member in ("Action", "Resource") for item in one[member]]
    for number, (member, item) in enumerate(pieces, start=1000 * at + 1):
        kept = [other for other in one[member] if other != item]
        if kept:
            left = (*statements[:at], {**one, member: kept}, *statements[at + 1 :])
            actions = one["Action"] if member == "Resource" else [item]
            name = f"{' '.join(actions)}: {item}" if member == "Resource" else item
            yield Cut(number, name, tuple(actions), left)


def copy_of(cloud: Cloud, role_arn: str, statements: Sequence[Statement]) -> str:
    """Make a role that the same service may assume, with other statements; return its ARN."""
    iam = cloud.local.client("iam")
    original = iam.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    name = f"copy-{uuid.uuid4()}"
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(original["AssumeRolePolicyDocument"])
    )
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_role_policy(RoleName=name, PolicyName="Own", PolicyDocument=json.dumps(document))
    return str(made["Role"]["Arn"])


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]

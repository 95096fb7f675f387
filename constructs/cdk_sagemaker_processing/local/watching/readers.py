"""Roles that may read edited code, for as long as there is any."""

import json
from typing import Any

__all__ = ["Readers"]

_POLICY = "sagemaker-processing-local-watch"


class Readers:
    """The roles of jobs that run edited code: their own policies name the deployed code alone.

    Args:
        iam: A boto3 client of IAM.
    """

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        self._places: dict[str, set[tuple[str, str]]] = {}

    def let_read(self, role_arn: str, bucket: str, prefix: str) -> None:
        """Let a role read the objects below a prefix.

        Args:
            role_arn: The role.
            bucket: The bucket's name.
            prefix: The prefix, with a slash at its end.
        """
        role = role_arn.rpartition("/")[2]
        places = self._places.setdefault(role, set())
        if (bucket, prefix) in places:
            return
        places.add((bucket, prefix))
        statements = [one for place in sorted(places) for one in _statements(*place)]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self._iam.put_role_policy(RoleName=role, PolicyName=_POLICY, PolicyDocument=document)

    def end(self) -> None:
        """Take it from all of them."""
        for role in self._places:
            self._iam.delete_role_policy(RoleName=role, PolicyName=_POLICY)
        self._places.clear()


def _statements(bucket: str, prefix: str) -> list[dict[str, Any]]:
    arn = f"arn:aws:s3:::{bucket}"
    return [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/{prefix}*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": arn,
            "Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}},
        },
    ]

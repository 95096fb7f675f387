"""What a role may do with the objects of places on S3."""

from collections.abc import Iterable, Sequence

from cdk_sagemaker_processing.access.locations import Location
from cdk_sagemaker_processing.access.statement import Statement

__all__ = ["list_statements", "object_statements"]


def list_statements(sid: str, places: Iterable[Location]) -> list[Statement]:
    """Listing what lies in places, a statement a bucket.

    Args:
        sid: What the statements' names begin with.
        places: The places.
    """
    prefixes: dict[str, list[str]] = {}
    for one in places:
        prefixes.setdefault(one.bucket_arn, []).append(one.below)
    return [
        {
            "Sid": f"{sid}{at}",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [bucket],
            "Condition": {"StringLike": {"s3:prefix": below}},
        }
        for at, (bucket, below) in enumerate(prefixes.items())
    ]


def object_statements(
    sid: str, actions: Sequence[str], places: Sequence[Location]
) -> list[Statement]:
    """Actions on all objects of places; nothing where there are none.

    Args:
        sid: The statement's name.
        actions: The actions.
        places: The places.
    """
    if not places:
        return []
    objects = [one.objects_arn for one in places]
    return [{"Sid": sid, "Effect": "Allow", "Action": [*actions], "Resource": objects}]

"""What the role of a state machine may do for a step's cache."""

from collections.abc import Iterable

from cdk_sagemaker_processing.access.locations import Location, locations
from cdk_sagemaker_processing.access.objects import list_statements, object_statements
from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import compact
from cdk_sagemaker_processing.request.values import Text

__all__ = ["caching_statements"]


def caching_statements(
    looked_at: Iterable[Text], records: Location, key_arn: str | None
) -> list[Statement]:
    """Listing what lies in places, reading and writing records.

    Args:
        looked_at: The URIs of the places.
        records: Where the records lie.
        key_arn: The KMS key that encrypts them, None if it is S3's own.
    """
    places, _ = locations(looked_at)
    keys = {
        "Effect": "Allow",
        # S3 asks for both in the caller's name:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": [key_arn],
    }
    statements = [
        *list_statements("List", places),
        *object_statements("Records", ["s3:GetObject", "s3:PutObject"], [records]),
        *([keys] if key_arn else []),
    ]
    # The policy of a machine's role is one for all its steps, and takes each Sid only once.
    unnamed = [{key: one[key] for key in one if key != "Sid"} for one in statements]
    compacted: list[Statement] = compact(unnamed)
    return compacted

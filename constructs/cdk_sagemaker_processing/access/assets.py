"""What a job's role may do with the key of the bootstrap bucket, where its code lies."""

from collections.abc import Iterable

from cdk_sagemaker_processing.access.locations import Location
from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import PARTITION, REGION, URL_SUFFIX
from cdk_sagemaker_processing.code.publish import published_folder

__all__ = ["asset_key_statements", "assets_among"]


def assets_among(places: Iterable[Location]) -> list[Location]:
    """Of the places that a job reads, the folders of files that the CDK publishes for it."""
    found = ((one.bucket, published_folder(one.prefix)) for one in places)
    return [Location(bucket, folder) for bucket, folder in found if folder]


def asset_key_statements(assets: Iterable[Location]) -> list[Statement]:
    """Decrypting published files in whichever key the bootstrap bucket has, if it has one.

    No app knows that key: `cdk bootstrap` chooses it, of any account, for each
    environment. So the statement says what may be decrypted instead: S3 alone
    may ask the key, and only for these files. Where the bucket has no key of
    the customer's, nothing ever asks.

    Args:
        assets: Where the files of a job lie that the CDK publishes.
    """
    places = list(dict.fromkeys(assets))
    if not places:
        return []
    return [
        {
            # No key to name; the conditions say which objects instead. S3 gives KMS an object's
            # ARN, or its bucket's where that has an S3 Bucket Key on:
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
            # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
            "Sid": "DecryptAssets",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [f"arn:{PARTITION}:kms:{REGION}:*:key/*"],
            "Condition": {
                "StringEquals": {"kms:ViaService": f"s3.{REGION}.{URL_SUFFIX}"},
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": list(
                        dict.fromkeys(
                            arn for one in places for arn in (one.bucket_arn, one.objects_arn)
                        )
                    )
                },
            },
        }
    ]

"""What a job's role may do with the key of the bootstrap bucket."""

import aws_cdk as cdk

from cdk_sagemaker_processing.access.assets import asset_key_statements
from cdk_sagemaker_processing.access.locations import Location
from tests.support import resolved


def test_published_files_are_decrypted_through_s3_alone(stack: cdk.Stack) -> None:
    """By any key, as nobody knows the bootstrap bucket's, but no other object."""
    assets = [Location("assets", "1.d/code/"), Location("assets", "2.d/conf/")]

    statements = resolved(stack, asset_key_statements([*assets, assets[0]]))

    assert statements == [
        {
            "Sid": "DecryptAssets",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": ["arn:<AWS::Partition>:kms:<AWS::Region>:*:key/*"],
            "Condition": {
                "StringEquals": {"kms:ViaService": "s3.<AWS::Region>.<AWS::URLSuffix>"},
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": [
                        "arn:<AWS::Partition>:s3:::assets",
                        "arn:<AWS::Partition>:s3:::assets/1.d/code/*",
                        "arn:<AWS::Partition>:s3:::assets/2.d/conf/*",
                    ]
                },
            },
        }
    ]


def test_a_job_with_nothing_published_decrypts_nothing() -> None:
    """Such as one whose code lies on S3 already."""
    assert asset_key_statements([]) == []

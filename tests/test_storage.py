"""The buckets that jobs write to."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

import cdk_sagemaker_processing as processing
from tests.support import resolved, statements_of, template_of


def resources_of(stack: cdk.Stack, kind: str) -> dict[str, dict[str, Any]]:
    """The stack's resources of a kind, by their logical ids."""
    resources = template_of(stack).get("Resources", {})
    return {name: one for name, one in resources.items() if one["Type"] == kind}


def buckets_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The stack's buckets."""
    return resources_of(stack, "AWS::S3::Bucket")


def policies_of(stack: cdk.Stack) -> dict[str, list[dict[str, Any]]]:
    """The statements of each bucket's policy."""
    return {
        policy["Properties"]["Bucket"]["Ref"]: resolved(
            stack, policy["Properties"]["PolicyDocument"]["Statement"]
        )
        for policy in resources_of(stack, "AWS::S3::BucketPolicy").values()
    }


def rules_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The lifecycle rule of each bucket."""
    return {
        name.removeprefix("Storage")[:-8]: one["Properties"]["LifecycleConfiguration"]["Rules"][0]
        for name, one in buckets_of(stack).items()
    }


def test_the_buckets_are_safe_by_default(stack: cdk.Stack) -> None:
    """Encrypted, private, versioned, and they outlive the stack; their ids are for ever."""
    processing.ProcessingStorage(stack, "Storage")

    buckets = buckets_of(stack)

    assert list(buckets) == [
        "StorageAccessLogs96FB524C",
        "StorageOutputsB8203D69",
        "StorageEventLogsC9857EF3",
    ]
    for bucket in buckets.values():
        properties = bucket.pop("Properties")
        assert bucket == {
            "Type": "AWS::S3::Bucket",
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Retain",
        }
        del properties["LifecycleConfiguration"]
        properties.pop("LoggingConfiguration", None)
        assert properties == {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        }


def test_plain_http_is_denied(stack: cdk.Stack) -> None:
    """Each bucket's policy denies every request that is not over TLS."""
    processing.ProcessingStorage(stack, "Storage")

    policies = policies_of(stack)

    assert list(policies) == list(buckets_of(stack))
    for name, statements in policies.items():
        assert statements[0] == {
            "Action": "s3:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": [f"<{name}>", f"<{name}>/*"],
        }


def test_requests_are_logged_each_buckets_in_its_own_folder(stack: cdk.Stack) -> None:
    """By the log service, which may write there for these buckets alone, and by no ACL."""
    processing.ProcessingStorage(stack, "Storage")

    logging = [one["Properties"].get("LoggingConfiguration") for one in buckets_of(stack).values()]
    assert logging == [
        None,
        {
            "DestinationBucketName": {"Ref": "StorageAccessLogs96FB524C"},
            "LogFilePrefix": "Prod/Storage/Outputs/",
        },
        {
            "DestinationBucketName": {"Ref": "StorageAccessLogs96FB524C"},
            "LogFilePrefix": "Prod/Storage/EventLogs/",
        },
    ]
    assert policies_of(stack)["StorageAccessLogs96FB524C"][1:] == [
        {
            "Action": "s3:PutObject",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"<{bucket}>"},
                "StringEquals": {"aws:SourceAccount": "111122223333"},
            },
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Resource": f"<StorageAccessLogs96FB524C>/Prod/Storage/{folder}/*",
        }
        for bucket, folder in [
            ("StorageOutputsB8203D69", "Outputs"),
            ("StorageEventLogsC9857EF3", "EventLogs"),
        ]
    ]


def test_requests_are_logged_to_a_bucket_of_the_users(stack: cdk.Stack) -> None:
    """Then none is made, and how long that one keeps them is its own matter."""
    audit = s3.Bucket.from_bucket_name(stack, "Audit", "audit")
    # The CDK cannot change the policy of a bucket that it does not make, and says so.
    cdk.Annotations.of(stack).acknowledge_warning("@aws-cdk/aws-s3:accessLogsPolicyNotAdded")

    storage = processing.ProcessingStorage(stack, "Storage", server_access_logs_bucket=audit)

    assert storage.access_logs is audit
    assert [
        one["Properties"]["LoggingConfiguration"]["DestinationBucketName"]
        for one in buckets_of(stack).values()
    ] == ["audit", "audit"]


def test_requests_need_not_be_logged(stack: cdk.Stack) -> None:
    """As where AWS CloudTrail logs data events of all buckets."""
    storage = processing.ProcessingStorage(stack, "Storage", server_access_logs=False)

    assert storage.access_logs is None
    assert [
        one["Properties"].get("LoggingConfiguration") for one in buckets_of(stack).values()
    ] == [
        None,
        None,
    ]


def test_what_nobody_sees_goes_after_a_time(stack: cdk.Stack) -> None:
    """No output and no event log does; of these, only what was overwritten or deleted."""
    processing.ProcessingStorage(stack, "Storage")

    common = {
        "Id": "Tidy",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 10},
    }
    assert rules_of(stack) == {
        "AccessLogs": {
            **common,
            "ExpirationInDays": 365,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "Outputs": {
            **common,
            "ExpiredObjectDeleteMarker": True,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        },
        "EventLogs": {
            **common,
            "ExpiredObjectDeleteMarker": True,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
    }


def test_the_times_may_be_others(stack: cdk.Stack) -> None:
    """None keeps things for ever."""
    processing.ProcessingStorage(
        stack,
        "Storage",
        noncurrent_version_expiration=None,
        server_access_logs_expiration=cdk.Duration.days(90),
    )

    rules = rules_of(stack)

    assert rules["AccessLogs"]["ExpirationInDays"] == 90
    assert "NoncurrentVersionExpiration" not in rules["Outputs"]
    assert "NoncurrentVersionExpiration" not in rules["EventLogs"]


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (cdk.Duration.hours(36), "1 day 12 hours"),
        (cdk.Duration.days(0), "0 days"),
        (90, "90"),
    ],
)
def test_a_time_that_is_not_in_days_is_refused(stack: cdk.Stack, time: Any, told: str) -> None:
    """S3 knows no other; all such are named at once."""
    with pytest.raises(processing.ValidationError) as caught:
        processing.ProcessingStorage(
            stack,
            "Storage",
            noncurrent_version_expiration=time,
            server_access_logs_expiration=time,
        )

    assert str(caught.value).splitlines() == [
        f"Prod/Storage (ProcessingStorage): {name} must be whole days, at least one, got {told}: "
        "write cdk.Duration.days(90)"
        for name in ("noncurrent_version_expiration", "server_access_logs_expiration")
    ]


def test_arguments_of_another_type_are_refused_all_at_once(stack: cdk.Stack) -> None:
    """Before the CDK fails deep inside, in words that name no argument."""
    with pytest.raises(processing.ValidationError) as caught:
        processing.ProcessingStorage(
            stack,
            "Storage",
            encryption_key="alias/data",  # type: ignore[arg-type] # what is refused
            removal_policy="destroy",  # type: ignore[arg-type] # what is refused
            server_access_logs="no",  # type: ignore[arg-type] # what is refused
            server_access_logs_bucket="logs",  # type: ignore[arg-type] # what is refused
        )

    assert [line.partition(": ")[2] for line in str(caught.value).splitlines()] == [
        (
            "encryption_key must be a kms.IKey, got 'alias/data': write "
            "kms.Key.from_key_arn(self, 'Key', 'alias/data')"
        ),
        (
            "removal_policy must be a cdk.RemovalPolicy, got 'destroy': write "
            "cdk.RemovalPolicy.DESTROY"
        ),
        "server_access_logs must be True or False, got 'no'",
        (
            "server_access_logs_bucket must be an s3.IBucket, got 'logs': write "
            "s3.Bucket.from_bucket_name(self, 'Logs', 'logs')"
        ),
    ]


def test_a_lone_destroy_destroys_nothing(stack: cdk.Stack) -> None:
    """It is taken for RETAIN, with a warning."""
    processing.ProcessingStorage(stack, "Storage", removal_policy=cdk.RemovalPolicy.DESTROY)

    assert {one["DeletionPolicy"] for one in buckets_of(stack).values()} == {"Retain"}
    assertions.Annotations.from_stack(stack).has_warning(
        "/Prod/Storage", assertions.Match.string_like_regexp("allowDestroy.*: true in the context")
    )


def test_destroy_empties_the_buckets_where_the_app_allows_it(stack: cdk.Stack) -> None:
    """Without it AWS would refuse to delete them, and the stack's deletion would fail."""
    stack.node.set_context("cdk-sagemaker-processing:allowDestroy", True)

    processing.ProcessingStorage(stack, "Storage", removal_policy=cdk.RemovalPolicy.DESTROY)

    assert {one["DeletionPolicy"] for one in buckets_of(stack).values()} == {"Delete"}
    emptied = resources_of(stack, "Custom::S3AutoDeleteObjects").values()
    assert [one["Properties"]["BucketName"]["Ref"] for one in emptied] == list(buckets_of(stack))


def test_a_stack_makes_one_on_first_need(stack: cdk.Stack, script: Path) -> None:
    """Steps without a storage share the stack's; a step without outputs needs none."""
    processing.SKLearnStep(stack, "Print", code=script)
    assert buckets_of(stack) == {}


def test_steps_without_a_storage_share_the_stacks(stack: cdk.Stack, script: Path) -> None:
    """However many steps write, there is one bucket for outputs."""
    for name in ("First", "Second"):
        processing.SKLearnStep(
            stack, name, code=script, outputs=[processing.ProcessingOutput("out")]
        )

    assert len(buckets_of(stack)) == 3


def test_a_key_encrypts_both_and_jobs_may_use_it(stack: cdk.Stack, script: Path) -> None:
    """The job's role gets exactly that key."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        outputs=[processing.ProcessingOutput("out")],
        storage=storage,
    )

    rules = [
        one["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        for one in buckets_of(stack).values()
    ]
    # S3 delivers no access logs into a bucket that a key of KMS encrypts.
    assert rules == [
        [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}],
        *[
            [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {
                        "KMSMasterKeyID": {"Fn::GetAtt": ["Key961B73FD", "Arn"]},
                        "SSEAlgorithm": "aws:kms",
                    },
                }
            ]
        ]
        * 2,
    ]
    (grant,) = [
        one for one in statements_of(stack, "CleanRoleDefaultPolicy") if "kms" in str(one["Action"])
    ]
    assert grant["Resource"] == "<Key961B73FD>"


def test_a_job_that_reads_an_output_may_use_its_key(stack: cdk.Stack, script: Path) -> None:
    """Even if it writes nowhere itself; it may decrypt and no more."""
    key = kms.Key(stack, "Key")
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=key)
    first = processing.SKLearnStep(
        stack, "First", code=script, storage=storage, outputs=[processing.ProcessingOutput("out")]
    )
    out = first.output("out")
    processing.SKLearnStep(
        stack, "Data", code=script, inputs=[processing.ProcessingInput(f"{out}part/")]
    )
    processing.SKLearnStep(stack, "Code", code=f"{out}main.py")

    for step in ("Data", "Code"):
        (statement,) = [
            one
            for one in statements_of(stack, f"{step}Role")
            if "kms" in str(one["Action"]) and one.get("Sid") != "DecryptAssets"
        ]
        assert statement["Action"] == "kms:Decrypt"
        assert statement["Resource"].startswith("<Key")


def test_its_places_are_outputs_of_the_stack(stack: cdk.Stack) -> None:
    """So a command line can find them."""
    processing.ProcessingStorage(stack, "Storage")

    outputs = template_of(stack)["Outputs"]

    assert [one["Description"] for one in outputs.values()] == [
        "Bucket of the outputs of processing jobs of Prod/Storage",
        "Spark event logs of processing jobs of Prod/Storage",
    ]

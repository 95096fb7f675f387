"""The buckets that jobs write to."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

import cdk_sagemaker_processing as processing
from tests.support import statements_of, template_of


def buckets_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The stack's buckets."""
    return {
        name: one
        for name, one in template_of(stack)["Resources"].items()
        if one["Type"] == "AWS::S3::Bucket"
    }


def test_both_buckets_are_safe_by_default(stack: cdk.Stack) -> None:
    """Encrypted, private, versioned, TLS only, and they outlive the stack."""
    processing.ProcessingStorage(stack, "Storage")

    buckets = buckets_of(stack)

    assert list(buckets) == ["StorageOutputsB8203D69", "StorageEventLogsC9857EF3"]
    for bucket in buckets.values():
        assert bucket == {
            "Type": "AWS::S3::Bucket",
            "Properties": {
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
            },
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Retain",
        }


def test_plain_http_is_denied(stack: cdk.Stack) -> None:
    """Each bucket's policy denies every request that is not over TLS."""
    processing.ProcessingStorage(stack, "Storage")

    policies = [
        one["Properties"]["PolicyDocument"]["Statement"]
        for one in template_of(stack)["Resources"].values()
        if one["Type"] == "AWS::S3::BucketPolicy"
    ]

    assert len(policies) == 2
    for (statement,) in policies:
        assert statement["Effect"] == "Deny"
        assert statement["Action"] == "s3:*"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_stack_makes_one_on_first_need(stack: cdk.Stack, script: Path) -> None:
    """Steps without a storage share the stack's; a step without outputs needs none."""
    processing.SKLearnStep(stack, "Print", code=script)
    assert buckets_of(stack) == {}


def test_steps_without_a_storage_share_the_stacks(stack: cdk.Stack, script: Path) -> None:
    """However many steps write, there are two buckets."""
    for name in ("First", "Second"):
        processing.SKLearnStep(
            stack, name, code=script, outputs=[processing.ProcessingOutput("out")]
        )

    assert len(buckets_of(stack)) == 2


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

    for bucket in buckets_of(stack).values():
        (rule,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert rule["BucketKeyEnabled"] is True
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
            one for one in statements_of(stack, f"{step}Role") if "kms" in str(one["Action"])
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

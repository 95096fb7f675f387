"""Where constructs stand."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_sagemaker_processing.cdk.tree import bucket_name, path_of, stack_of, stage_of


def test_a_construct_is_in_its_nearest_stack_and_stage(tmp_path: Path) -> None:
    """Nested ones are told apart, and each answer is the same object again."""
    app = cdk.App(outdir=str(tmp_path))
    stage = cdk.Stage(app, "Prod")
    stack = cdk.Stack(stage, "Nightly")
    nested = cdk.NestedStack(stack, "Part")
    inner = Construct(nested, "Step")

    assert path_of(inner) == "Prod/Nightly/Part/Step"
    assert stack_of(inner) is nested
    assert stack_of(Construct(stack, "Other")) is stack
    assert stage_of(inner) is stage
    assert stage_of(cdk.Stack(app, "Alone")) is app


def test_a_buckets_name_is_asked_once(stack: cdk.Stack) -> None:
    """It is the token that CloudFormation fills in, or the name of one that is there."""
    bucket = s3.Bucket(stack, "Raw")

    assert stack.resolve(bucket_name(bucket)) == stack.resolve(bucket.bucket_name)
    assert bucket_name(bucket) is bucket_name(bucket)
    assert bucket_name(s3.Bucket.from_bucket_name(stack, "Known", "raw")) == "raw"

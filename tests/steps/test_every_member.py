"""Whatever CreateProcessingJob accepts, a step's arguments can ask for."""

from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape

from cdk_sagemaker_processing import (
    AthenaDatasetDefinition,
    ProcessingInput,
    ProcessingOutput,
    ProcessingStep,
    RedshiftDatasetDefinition,
)

CLUSTER = "ProcessingResources.ClusterConfig"
PREFERENCES = f"{CLUSTER}.InstancePreferences"

# Why a member has no argument of its own.
READ_ONLY = "DescribeProcessingJob returns it; the API refuses it in a request"
NO_ARGUMENT = (
    "newer than the integration's documentation, and fallback_instance_types does the same by "
    "Catch in every region: whoever knows that it is taken sets it by request_overrides"
)
LEFT_OUT = {
    f"{CLUSTER}.SelectedInstanceType": READ_ONLY,
    f"{CLUSTER}.SelectedInstanceCount": READ_ONLY,
    PREFERENCES: NO_ARGUMENT,
    f"{PREFERENCES}[].InstanceType": NO_ARGUMENT,
    f"{PREFERENCES}[].InstanceCount": NO_ARGUMENT,
}

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/own:1"
ROLE = "arn:aws:iam::111122223333:role/redshift"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

ATHENA = AthenaDatasetDefinition(
    catalog="AwsDataCatalog",
    database="flights",
    query_string="SELECT 1",
    output_format="PARQUET",
    output_s3_uri="s3://bucket/athena/",
    work_group="primary",
    kms_key_id=KEY,
    output_compression="SNAPPY",
    data_distribution_type="ShardedByS3Key",
    input_mode="File",
)
REDSHIFT = RedshiftDatasetDefinition(
    cluster_id="cluster",
    database="flights",
    db_user="me",
    query_string="SELECT 1",
    cluster_role_arn=ROLE,
    output_format="CSV",
    output_s3_uri="s3://bucket/redshift/",
    kms_key_id=KEY,
    output_compression="GZIP",
    data_distribution_type="FullyReplicated",
    input_mode="Pipe",
)


@pytest.fixture
def rendered(stack: cdk.Stack) -> dict[str, Any]:
    """The request of a step that is given every argument that reaches it."""
    step = ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        entrypoint=["python3", "/clean.py"],
        arguments=["--day", "1"],
        environment={"LEVEL": "debug"},
        inputs=[
            ProcessingInput(
                "s3://bucket/flights/",
                "/opt/ml/processing/flights",
                input_name="flights",
                s3_data_type="S3Prefix",
                s3_input_mode="Pipe",
                s3_data_distribution_type="ShardedByS3Key",
                s3_compression_type="Gzip",
                app_managed=True,
            ),
            ProcessingInput(ATHENA, input_name="athena"),
            ProcessingInput(REDSHIFT, input_name="redshift"),
        ],
        outputs=[
            ProcessingOutput(
                "clean",
                source="/opt/ml/processing/clean",
                destination="s3://bucket/clean/",
                s3_upload_mode="Continuous",
                app_managed=True,
            ),
            ProcessingOutput("records", feature_group_name="flights"),
        ],
        instance_type="ml.m5.xlarge",
        instance_count=2,
        volume_size_in_gb=50,
        volume_kms_key=KEY,
        output_kms_key=KEY,
        max_runtime=cdk.Duration.hours(1),
        base_job_name="clean",
        tags={"team": "flights"},
        experiment_config={
            "ExperimentName": "flights",
            "TrialName": "one",
            "TrialComponentDisplayName": "clean",
            "RunName": "first",
        },
        enable_network_isolation=False,
        encrypt_inter_container_traffic=True,
        subnets=["subnet-1"],
        security_group_ids=["sg-1"],
    )
    return step.render_request()


def test_every_member_has_a_way_in(rendered: dict[str, Any]) -> None:
    """But for those of the list, each with its reason; a new one fails here until it is served."""
    members = set(members_of(API))

    assert members - set(members_in(rendered, API)) == set(LEFT_OUT)


def test_what_is_left_out_for_newness_can_be_set_by_an_override(stack: cdk.Stack) -> None:
    """Nobody has to leave the library for a field."""
    preferences = [
        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
        {"InstanceType": "ml.r5.xlarge", "InstanceCount": 1},
    ]
    step = ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        request_overrides={
            f"{CLUSTER}.InstanceType": None,
            f"{CLUSTER}.InstanceCount": None,
            PREFERENCES: preferences,
        },
    )

    cluster = step.render_request()["ProcessingResources"]["ClusterConfig"]

    assert cluster == {"VolumeSizeInGB": 30, "InstancePreferences": preferences}


def _api() -> StructureShape:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model("CreateProcessingJob").input_shape
    assert shape is not None
    return shape


API = _api()


def members_of(shape: Shape, at: str = "") -> Iterator[str]:
    """The path of every member that the service model has."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            path = f"{at}.{name}" if at else name
            yield path
            yield from members_of(member, path)
    elif isinstance(shape, ListShape):
        yield from members_of(shape.member, f"{at}[]")


def members_in(rendered: Any, shape: Shape, at: str = "") -> Iterator[str]:
    """The paths of the members that stand in a request."""
    if isinstance(shape, StructureShape):
        for name, value in rendered.items():
            path = f"{at}.{name}" if at else name
            yield path
            yield from members_in(value, shape.members[name], path)
    elif isinstance(shape, ListShape):
        for value in rendered:
            yield from members_in(value, shape.member, f"{at}[]")

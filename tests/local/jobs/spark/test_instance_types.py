import botocore.session
import pytest

from cdk_sagemaker_processing.local.jobs.spark.instance_types import InstanceType, instance_type

GIB = 1024


@pytest.mark.parametrize(
    ("name", "processors", "gib"),
    [
        ("ml.t3.medium", 2, 4),
        ("ml.m5.large", 2, 8),
        ("ml.m5.24xlarge", 96, 384),
        ("ml.c5.18xlarge", 72, 144),
        ("ml.c4.8xlarge", 36, 60),
        ("ml.r5d.12xlarge", 48, 384),
        ("ml.g5.xlarge", 4, 16),
        ("ml.m7i-flex.large", 2, 8),
        ("ml.p3.16xlarge", 64, 488),
    ],
)
def test_types_have_what_ec2_says(name: str, processors: int, gib: int) -> None:
    """Taken from the EC2 guide's tables, one of each kind of rule."""
    assert instance_type(name) == InstanceType(processors, gib * GIB)


def test_every_type_of_processing_jobs_is_known_but_the_newest() -> None:
    """A type that SageMaker gets is noticed here."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    unknown = {
        name.split(".")[1]
        for name in model.shape_for("ProcessingInstanceType").metadata["enum"]
        if instance_type(name) is None
    }
    assert unknown == {"g7", "g7e"}


@pytest.mark.parametrize("name", ["ml.m5.huge", "ml.z9.large", "ml.m5", "local"])
def test_an_unknown_type_is_unknown(name: str) -> None:
    """Nothing is guessed."""
    assert instance_type(name) is None

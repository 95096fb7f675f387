import pytest

from cdk_sagemaker_processing.local.jobs.environments.images import image_of
from cdk_sagemaker_processing.local.jobs.errors import JobError

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn"
SPARK = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing"


@pytest.mark.parametrize(
    "version", ["0.20.0", "0.23-1", "1.0-1", "1.2-1", "1.4-2", "1.4-2-py312", "1.9-0"]
)
def test_every_scikit_learn_line_of_the_sdk_is_known(version: str) -> None:
    """The tags that SageMaker's SDK writes, whatever account and region."""
    assert image_of(f"{SKLEARN}:{version}-cpu-py3").version == version


@pytest.mark.parametrize("tag", ["3.5-cpu", "3.5-cpu-py312-v1.3", "3.5-cpu-py39-v1.0"])
def test_spark_tags_may_be_pinned(tag: str) -> None:
    """A pinned Spark tag and an unpinned one are one line here."""
    assert image_of(f"{SPARK}:{tag}").version == "3.5"


def test_a_pinned_spark_tag_names_its_python() -> None:
    """What the tag says of Python is kept, for saying where it differs here."""
    assert image_of(f"{SPARK}:3.5-cpu-py39-v1.0").python == "3.9"
    assert image_of(f"{SPARK}:3.5-cpu").python is None


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2", "3.3"])
def test_older_sparks_have_a_newer_stand_in(version: str) -> None:
    """Every Spark 3 of the SDK's table can be run."""
    assert image_of(f"{SPARK}:{version}-cpu").requirements == "spark-3.4.txt"


@pytest.mark.parametrize(
    "uri",
    [
        "000000000000.dkr.ecr.us-east-1.amazonaws.com/my-own:latest",
        f"{SKLEARN}:1.3-1-cpu-py3",
        f"{SKLEARN}:1.2-1-gpu-py3",
        f"{SKLEARN}@sha256:0",
        f"{SPARK}:2.4-cpu",
        SPARK,
    ],
)
def test_another_image_is_refused(uri: str) -> None:
    """The refusal names the image and every line that there is."""
    with pytest.raises(JobError) as refused:
        image_of(uri)
    assert uri in str(refused.value)
    assert "sagemaker-scikit-learn: 0.20.0, 0.23-1" in str(refused.value)

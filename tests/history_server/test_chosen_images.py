"""The images of the task."""

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr

from tests.history_server.servers import properties, server
from tests.support import statements_of


def images(stack: cdk.Stack) -> list[str]:
    """The images of the mirror and the server."""
    task = properties(stack, "AWS::ECS::TaskDefinition")
    return [one["Image"] for one in task["ContainerDefinitions"]]


def test_sagemakers_own_spark_is_one_word(stack: cdk.Stack) -> None:
    """Its image of the stack's region, which is for X86_64, and room for its size on the disk."""
    server(stack, framework_version="3.5")

    task = properties(stack, "AWS::ECS::TaskDefinition")
    assert images(stack)[1] == (
        "571004829621.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu"
    ) or images(stack)[1].endswith("/sagemaker-spark-processing:3.5-cpu")
    assert task["RuntimePlatform"]["CpuArchitecture"] == "X86_64"
    assert task["EphemeralStorage"] == {"SizeInGiB": 31}
    disk = [one["Value"] for one in task["ContainerDefinitions"][0]["Environment"]]
    assert "9830" in disk


def test_sagemakers_spark_is_pulled_from_aws(stack: cdk.Stack) -> None:
    """Its repository is named."""
    server(stack, framework_version="3.5")

    (pull,) = (
        one for one in statements_of(stack, "HistoryExecutionRole") if one["Sid"] == "PullImage"
    )
    assert pull["Resource"].endswith(":repository/sagemaker-spark-processing")


def test_an_image_may_be_a_repositorys(stack: cdk.Stack) -> None:
    """Its latest, or a tag by its URI, of which the repository is known all the same."""
    repository = ecr.Repository.from_repository_name(stack, "Repository", "spark")
    server(stack, image=repository, mirror_image=repository.repository_uri_for_tag("mirror"))

    registry = "111122223333.dkr.ecr.eu-west-1.<AWS::URLSuffix>"
    assert images(stack) == [f"{registry}/spark:mirror", f"{registry}/spark:latest"]
    (pull,) = (
        one for one in statements_of(stack, "HistoryExecutionRole") if one["Sid"] == "PullImage"
    )
    assert "repository/spark" in str(pull["Resource"])

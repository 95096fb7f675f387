"""Where a Spark job's event logs go, and what they bear beside them."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.images import ImageChoice
from cdk_sagemaker_processing.steps.container import Container, spark

OPTION = "--local-spark-event-logs-dir"


def container(*properties: dict[str, Any], **event_logs: Any) -> Container:
    """The container of a script with spark-defaults, one classification after the other."""
    configuration = [{"Classification": "spark-defaults", "Properties": one} for one in properties]
    return spark.spark_container(
        ImageChoice(), "s3://code/app.py", [], configuration, is_python=True, **event_logs
    )


def said(*properties: dict[str, Any], **event_logs: Any) -> list[str]:
    """What is said of it."""
    return [str(one) for one in container(*properties, **event_logs).problems]


def test_event_logs_are_kept_unless_they_are_not_wanted() -> None:
    """In a folder with the trailing slash that the container counts on."""
    kept = container()
    left = container(event_logs=False)

    assert kept.entrypoint[1:3] == (OPTION, "/opt/ml/processing/spark-events/")
    assert kept.event_logs == "/opt/ml/processing/spark-events/"
    assert left.entrypoint == ("smspark-submit", "/opt/ml/processing/input/code/app.py")
    assert left.event_logs is None


@pytest.mark.parametrize(
    "uri",
    [
        "s3://logs/spark/",
        sfn.JsonPath.format("s3://{}/spark", sfn.JsonPath.string_at("$.bucket")),
        "{% $states.input.logs %}",
        "s3://{% $states.input.bucket %}/spark/",
        f"{cdk.Aws.PARTITION}-logs",
    ],
    ids=["known", "jsonpath", "jsonata", "joined", "at-deploy"],
)
def test_their_place_may_be_known_later(uri: str) -> None:
    """What is not known at synth is never refused."""
    assert said(event_logs_uri=uri) == []


@pytest.mark.parametrize("uri", ["s3a://logs/", "logs/", "", "https://logs/{% $x %}"])
def test_a_place_elsewhere_is_refused(uri: str) -> None:
    """As in the SageMaker SDK."""
    (problem,) = said(event_logs_uri=uri)

    assert problem == f"spark_event_logs_s3_uri must begin with s3://, got {uri!r}"


def test_two_words_about_event_logs_are_refused() -> None:
    """A place for what is not wanted; and what is no boolean."""
    assert said(event_logs=False, event_logs_uri="s3://logs/") == [
        (
            "spark_event_logs_s3_uri is 's3://logs/', but spark_event_logs is False: "
            "leave one of them out"
        )
    ]
    assert said(event_logs="s3://logs/") == [
        "spark_event_logs must be True or False, got 's3://logs/'"
    ]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"spark.eventLog.enabled": False}, "turns event logs on after it"),
        ({"spark.eventLog.dir": "s3a://mine/"}, "give the S3 URI as spark_event_logs_s3_uri"),
        ({"spark.eventLog.rolling.enabled": " TRUE "}, "must not be true: the container copies"),
    ],
)
def test_what_the_container_overrules_is_refused(properties: dict[str, Any], words: str) -> None:
    """Its own settings come after the user's; and it copies files, no folders."""
    (problem,) = said(properties)

    (name,) = properties
    assert problem.startswith(f"configuration[0].Properties[{name!r}]")
    assert words in problem
    with_a_folder = {"spark.eventLog.dir": "s3a://mine/", **properties}
    assert said(with_a_folder, event_logs=False) == []


def test_the_last_of_several_classifications_counts() -> None:
    """Each is appended to one file."""
    rolling, not_rolling = (
        {"spark.eventLog.rolling.enabled": value, "spark.eventLog.enabled": True}
        for value in ("true", False)
    )

    assert said(rolling, not_rolling) == []
    (problem,) = said(not_rolling, rolling)
    assert problem.startswith("configuration[1].Properties['spark.eventLog.rolling.enabled']")


def test_event_logs_of_ones_own_need_a_folder() -> None:
    """Spark does not make its default one, and would fail at its start."""
    (problem,) = said({"spark.eventLog.enabled": "true"}, event_logs=False)

    assert "no folder is there to write event logs to: set spark.eventLog.dir as well" in problem

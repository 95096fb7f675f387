"""How a step waits out faults of the service."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import state_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
ERRORS = ["SageMaker.AmazonSageMakerException", "SageMaker.ResourceLimitExceededException"]
DEFAULT = {
    "ErrorEquals": ERRORS,
    "IntervalSeconds": 30,
    "MaxAttempts": 6,
    "BackoffRate": 2,
    "MaxDelaySeconds": 600,
    "JitterStrategy": "FULL",
}
JSONATA = sfn.QueryLanguage.JSONATA


@pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
@pytest.mark.parametrize("chosen", [None, True, sfn.RetryProps()], ids=["None", "True", "empty"])
def test_throttling_and_a_lack_of_capacity_are_waited_out(
    stack: cdk.Stack, chosen: Any, language: sfn.QueryLanguage | None
) -> None:
    """By default; a failed script, which is States.TaskFailed, is not run again."""
    step = processing.ProcessingStep(
        stack, "Clean", image_uri=IMAGE, retry_on_service_errors=chosen
    )

    assert state_of(step, language)["Retry"] == [DEFAULT]


def test_nothing_is_waited_out_where_the_user_says_so(stack: cdk.Stack) -> None:
    """Then the state has no Retry at all, or only the user's."""
    step = processing.ProcessingStep(stack, "Clean", image_uri=IMAGE, retry_on_service_errors=False)

    assert "Retry" not in state_of(step)


@pytest.mark.parametrize(
    ("props", "retry"),
    [
        (
            {"interval": cdk.Duration.seconds(5), "max_attempts": 2},
            {"ErrorEquals": ERRORS, "IntervalSeconds": 5, "MaxAttempts": 2},
        ),
        (
            {"errors": ["SageMaker.ResourceLimitExceededException"], "backoff_rate": 1.5},
            {"ErrorEquals": ERRORS[1:], "BackoffRate": 1.5},
        ),
        ({"max_attempts": 0}, {"ErrorEquals": ERRORS, "MaxAttempts": 0}),
    ],
    ids=["how", "what", "never"],
)
def test_a_user_may_say_how_they_are_waited_out(
    stack: cdk.Stack, props: dict[str, Any], retry: dict[str, Any]
) -> None:
    """In the CDK's own words; the errors are the service's where no others are named."""
    step = processing.ProcessingStep(
        stack, "Clean", image_uri=IMAGE, retry_on_service_errors=sfn.RetryProps(**props)
    )

    assert state_of(step)["Retry"] == [retry]


@pytest.mark.parametrize("chosen", [3, "yes", {"max_attempts": 3}], ids=["3", "yes", "mapping"])
def test_anything_else_is_no_retry(stack: cdk.Stack, chosen: Any) -> None:
    """The message names the three things that are."""
    with pytest.raises(
        processing.ValidationError,
        match=r"retry_on_service_errors must be True, False or sfn.RetryProps\(...\), got",
    ):
        processing.ProcessingStep(stack, "Clean", image_uri=IMAGE, retry_on_service_errors=chosen)

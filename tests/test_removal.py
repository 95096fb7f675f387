"""What becomes of data when its stack goes."""

from typing import Any

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.removal import ALLOW_DESTROY, allowed_removal
from tests.support import warnings_of

RETAIN, DESTROY = cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.DESTROY
WARNING = (
    "removal_policy=DESTROY is taken for RETAIN, as the app does not allow data to be destroyed: "
    'set "cdk-sagemaker-processing:allowDestroy": true in the context of cdk.json, or leave '
    "removal_policy out [ack: cdk-sagemaker-processing:destroyNotAllowed]"
)


@pytest.mark.parametrize("allowed", [None, False, "false", "yes", 1.5])
def test_data_stays_unless_the_app_allows_otherwise(stack: cdk.Stack, allowed: Any) -> None:
    """A lone DESTROY is not enough, and the warning says what is missing."""
    stack.node.set_context(ALLOW_DESTROY, allowed)

    assert allowed_removal(stack, DESTROY) == RETAIN
    assert warnings_of(stack) == [WARNING]


@pytest.mark.parametrize("allowed", [True, "true"], ids=["cdk.json", "-c"])
def test_an_app_may_allow_destroying(stack: cdk.Stack, allowed: Any) -> None:
    """Once, in its context; then every DESTROY holds, and nobody is warned."""
    stack.node.set_context(ALLOW_DESTROY, allowed)

    assert allowed_removal(stack, DESTROY) == DESTROY
    assert warnings_of(stack) == []


@pytest.mark.parametrize("wanted", [RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])
@pytest.mark.parametrize("allowed", [True, False])
def test_what_keeps_data_is_taken_as_it_is(
    stack: cdk.Stack, wanted: cdk.RemovalPolicy, allowed: bool
) -> None:
    """The context only allows, it asks for nothing."""
    stack.node.set_context(ALLOW_DESTROY, allowed)

    assert allowed_removal(stack, wanted) == wanted
    assert warnings_of(stack) == []


def test_the_warning_can_be_acknowledged(stack: cdk.Stack) -> None:
    """By the id that stands in it, as a team may want DESTROY in the code and no opt-in."""
    cdk.Annotations.of(stack).acknowledge_warning("cdk-sagemaker-processing:destroyNotAllowed")

    assert allowed_removal(stack, DESTROY) == RETAIN
    assert warnings_of(stack) == []

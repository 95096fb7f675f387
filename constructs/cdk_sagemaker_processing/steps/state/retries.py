"""How faults of the service are waited out; a failed script is none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.cdk.structs import keywords_of

__all__ = ["SERVICE_ERRORS", "TRANSIENT_ERRORS", "Retries"]

# Throttling and capacity, as the integration names them; a failed script is States.TaskFailed.
TRANSIENT_ERRORS = ("SageMaker.AmazonSageMakerException",)
SERVICE_ERRORS = (*TRANSIENT_ERRORS, "SageMaker.ResourceLimitExceededException")


@dataclass(frozen=True, slots=True)
class Retries:
    """How a step waits out service errors.

    Attributes:
        chosen: Whether it does, or how in the user's own words.
    """

    chosen: bool | sfn.RetryProps

    def add_to(self, state: sfn.TaskStateBase, errors: Sequence[str]) -> None:
        """Have a state wait out errors, unless the user chose otherwise.

        Args:
            state: The state.
            errors: The errors, where the user did not name others.
        """
        if self.chosen is False:
            return
        own = {} if self.chosen is True else keywords_of(self.chosen)
        state.add_retry(**{"errors": list(errors), **(own or _default())})


@cache
def _default() -> Mapping[str, Any]:
    """Waits from half a minute to ten; each value is a question to the CDK."""
    return {
        "interval": cdk.Duration.seconds(30),
        "backoff_rate": 2,
        "max_attempts": 6,
        "max_delay": cdk.Duration.minutes(10),
        "jitter_strategy": sfn.JitterType.FULL,
    }

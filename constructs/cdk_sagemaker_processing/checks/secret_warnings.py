"""The one check that nobody has to ask for: what is told of literal secrets in each step."""

from collections.abc import Sequence

import aws_cdk as cdk
import jsii
from constructs import Construct, IValidation

from cdk_sagemaker_processing.checks.literal_secrets import LiteralSecret, literal_secrets
from cdk_sagemaker_processing.checks.rules import LITERAL_SECRET, NAMESPACE
from cdk_sagemaker_processing.checks.sites import Site, Sites
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest

__all__ = ["is_warned", "warn_of_secrets"]

_ID = f"{NAMESPACE}::{LITERAL_SECRET.id}"
_MEND = (
    f"{LITERAL_SECRET.mend}. If it is meant, cdk.Validations.of(step).acknowledge("
    f'cdk.Acknowledgment(id="{_ID}", reason="..."))'
)


def warn_of_secrets(step: Construct, request: CreateProcessingJobRequest) -> None:
    """Tell at synth of the secrets that stand literally in a step's request.

    What is certain fails the synthesis, what is likely is a warning; either is
    acknowledged as the rule ``LiteralSecret`` of `ProcessingChecks`.

    Args:
        step: The step.
        request: Its request.
    """
    found = literal_secrets(request)
    for one in found:
        if not one.secret.certain:
            cdk.Validations.of(step).add_warning(_ID, f"{one}: {_MEND}")
    certain = [one for one in found if one.secret.certain]
    if certain:
        step.node.add_validation(_Certain(step, certain))


def is_warned(step: Site | None) -> bool:
    """Whether a step, or one that the construct is part of, already tells of its secrets."""
    around = step.within if step else ()
    return any(f"[ack: {_ID}]" in warning for one in around for warning in one.warnings)


@jsii.implements(IValidation)
class _Certain:
    """The secrets of a step, unless they are acknowledged by the time of the synthesis."""

    def __init__(self, step: Construct, found: Sequence[LiteralSecret]) -> None:
        self._step = step
        self._found = found

    def validate(self) -> list[str]:
        if _ID in Sites().of(self._step).acknowledged:
            return []
        return [f"{one}: {_MEND}" for one in self._found]

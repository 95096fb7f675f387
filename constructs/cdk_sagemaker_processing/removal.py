"""What becomes of data when its stack goes: it stays, unless the app allows otherwise."""

import aws_cdk as cdk
from constructs import Construct

__all__ = ["ALLOW_DESTROY", "allowed_removal"]

ALLOW_DESTROY = "cdk-sagemaker-processing:allowDestroy"

_WARNING = "cdk-sagemaker-processing:destroyNotAllowed"
_OPT_IN = f'"{ALLOW_DESTROY}": true'


def allowed_removal(owner: Construct, wanted: cdk.RemovalPolicy) -> cdk.RemovalPolicy:
    """The removal policy that data gets: ``DESTROY`` only where the context allows it.

    One word of a copied example must not cost anybody their data, so it takes
    two: ``removal_policy=DESTROY`` and, once for the app or a stage of it, the
    context key ``cdk-sagemaker-processing:allowDestroy``. Without it the data
    stays, and a warning on the construct says what to set.

    Args:
        owner: The construct that has the data.
        wanted: What the user asked for.
    """
    if wanted != cdk.RemovalPolicy.DESTROY or _is_allowed(owner):
        return wanted
    cdk.Annotations.of(owner).add_warning_v2(
        _WARNING,
        f"removal_policy=DESTROY is taken for RETAIN, as the app does not allow data to be "
        f"destroyed: set {_OPT_IN} in the context of cdk.json, or leave removal_policy out",
    )
    return cdk.RemovalPolicy.RETAIN


def _is_allowed(owner: Construct) -> bool:
    # The CLI's -c passes text.
    return owner.node.try_get_context(ALLOW_DESTROY) in (True, "true")

"""In which order steps run that say only what they wait for."""

from cdk_sagemaker_processing.steps.ordering.states import in_order, wrong_order

__all__ = ["in_order", "wrong_order"]

"""The state machine around steps, and its surroundings: one file each of what it may have."""

from cdk_sagemaker_processing.workflow.construct import ProcessingWorkflow

__all__ = ["ProcessingWorkflow"]

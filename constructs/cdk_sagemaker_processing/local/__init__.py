"""The local cloud: deploy with the real CDK CLI and run for real on one machine."""

from cdk_sagemaker_processing.local.clouds.cloud import LocalCloud
from cdk_sagemaker_processing.local.errors import LocalCloudError

__all__ = ["LocalCloud", "LocalCloudError"]

"""The plugin's fixtures; users get them by naming the plugin in the conftest.py at their root."""

from cdk_sagemaker_processing.testing import local_cloud, local_cloud_options

__all__ = ["local_cloud", "local_cloud_options"]

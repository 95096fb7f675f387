"""The command `sagemaker-processing`."""

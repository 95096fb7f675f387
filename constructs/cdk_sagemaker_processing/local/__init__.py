"""The local cloud: deploy with the real CDK CLI and run for real on one machine."""

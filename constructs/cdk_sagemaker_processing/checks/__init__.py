"""Checks for a platform's own apps, of what no tool sees inside state machine definitions."""

from cdk_sagemaker_processing.checks.plugin import ProcessingChecks
from cdk_sagemaker_processing.checks.rules import RULES, Rule

__all__ = ["RULES", "ProcessingChecks", "Rule"]

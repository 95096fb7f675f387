"""The page of a run's report: one HTML document that asks for nothing else."""

from cdk_sagemaker_processing.cli.workflows.report_page.page import render

__all__ = ["render"]

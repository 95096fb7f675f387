"""AWS CDK constructs for Amazon SageMaker Processing jobs in Step Functions."""

from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.steps.base import JobStep
from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.steps.options import StepOptions
from cdk_sagemaker_processing.steps.processing import ProcessingStep
from cdk_sagemaker_processing.steps.pyspark import PySparkStep
from cdk_sagemaker_processing.steps.sklearn import SKLearnStep
from cdk_sagemaker_processing.steps.spark_jar import SparkJarStep
from cdk_sagemaker_processing.storage import EventLogs, ProcessingStorage
from cdk_sagemaker_processing.workflow import ProcessingWorkflow

__all__ = [
    "EventLogs",
    "JobStep",
    "Problem",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingStep",
    "ProcessingStorage",
    "ProcessingWorkflow",
    "PySparkStep",
    "SKLearnStep",
    "SparkJarStep",
    "StepOptions",
    "ValidationError",
]

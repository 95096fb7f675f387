"""AWS CDK constructs for Amazon SageMaker Processing jobs in Step Functions.

The names below load when they are first used: the command line and the local
cloud live in this package too, and must not pay for the CDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdk_sagemaker_processing.checks.plugin import ProcessingChecks
    from cdk_sagemaker_processing.errors import Problem, ValidationError
    from cdk_sagemaker_processing.history_server.construct import SparkHistoryServer
    from cdk_sagemaker_processing.history_server.load_balancer import (
        HistoryCognito,
        HistoryLoadBalancer,
        HistoryOidc,
    )
    from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
    from cdk_sagemaker_processing.run_time.execution import Execution, StateInput
    from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
    from cdk_sagemaker_processing.steps.datasets import (
        AthenaDatasetDefinition,
        RedshiftDatasetDefinition,
    )
    from cdk_sagemaker_processing.steps.options import StepOptions
    from cdk_sagemaker_processing.steps.processing import ProcessingStep
    from cdk_sagemaker_processing.steps.pyspark import PySparkStep
    from cdk_sagemaker_processing.steps.script import ScriptStep
    from cdk_sagemaker_processing.steps.sklearn import SKLearnStep
    from cdk_sagemaker_processing.steps.spark_jar import SparkJarStep
    from cdk_sagemaker_processing.storage import EventLogs, ProcessingStorage
    from cdk_sagemaker_processing.workflow import ProcessingWorkflow
    from cdk_sagemaker_processing.workflow.new_objects import NewObject
    from cdk_sagemaker_processing.workflow.schedule import WorkflowSchedule
    from cdk_sagemaker_processing.workflow.step import WorkflowStep

__all__ = [
    "AthenaDatasetDefinition",
    "EventLogs",
    "Execution",
    "HistoryCognito",
    "HistoryLoadBalancer",
    "HistoryOidc",
    "NewObject",
    "Problem",
    "ProcessingChecks",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingStep",
    "ProcessingStorage",
    "ProcessingWorkflow",
    "PySparkStep",
    "RedshiftDatasetDefinition",
    "SKLearnStep",
    "ScriptStep",
    "SparkHistoryServer",
    "SparkJarStep",
    "StateInput",
    "StepOptions",
    "ValidationError",
    "WorkflowParameter",
    "WorkflowSchedule",
    "WorkflowStep",
]

_HOMES = {
    "AthenaDatasetDefinition": "steps.datasets",
    "EventLogs": "storage",
    "Execution": "run_time.execution",
    "HistoryCognito": "history_server.load_balancer",
    "HistoryLoadBalancer": "history_server.load_balancer",
    "HistoryOidc": "history_server.load_balancer",
    "NewObject": "workflow.new_objects",
    "Problem": "errors",
    "ProcessingChecks": "checks.plugin",
    "ProcessingInput": "steps.channels",
    "ProcessingOutput": "steps.channels",
    "ProcessingStep": "steps.processing",
    "ProcessingStorage": "storage",
    "ProcessingWorkflow": "workflow",
    "PySparkStep": "steps.pyspark",
    "RedshiftDatasetDefinition": "steps.datasets",
    "SKLearnStep": "steps.sklearn",
    "ScriptStep": "steps.script",
    "SparkHistoryServer": "history_server.construct",
    "SparkJarStep": "steps.spark_jar",
    "StateInput": "run_time.execution",
    "StepOptions": "steps.options",
    "ValidationError": "errors",
    "WorkflowParameter": "parameters.parameter",
    "WorkflowSchedule": "workflow.schedule",
    "WorkflowStep": "workflow.step",
}


# Type checkers read the imports above; a `__getattr__` would make them believe any name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """A public name, loaded from its module."""
        if name not in _HOMES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})

import inspect

from cdk_sagemaker_processing import ProcessingWorkflow
from cdk_sagemaker_processing.workflow.options import WorkflowOptions


def test_what_from_steps_takes_is_what_the_constructor_takes() -> None:
    """All of its keywords but the definition, which `from_steps` makes."""
    taken = inspect.signature(ProcessingWorkflow.__init__).parameters
    keywords = {one.name for one in taken.values() if one.kind is one.KEYWORD_ONLY}
    assert keywords - {"definition"} == set(WorkflowOptions.__annotations__)

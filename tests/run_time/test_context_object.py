"""What Step Functions knows of every execution."""

from cdk_sagemaker_processing.request.values import Joined
from cdk_sagemaker_processing.run_time.context_object import (
    EXECUTION_ID,
    EXECUTION_NAME,
    is_of_execution,
)


def test_a_uri_with_the_executions_name_is_another_one_in_each() -> None:
    """No other text is: not one that is fixed, nor one of another value."""
    assert is_of_execution(Joined(("s3://data/", EXECUTION_NAME, "/out")))
    assert not is_of_execution(Joined(("s3://data/", EXECUTION_ID)))
    assert not is_of_execution("s3://data/out")

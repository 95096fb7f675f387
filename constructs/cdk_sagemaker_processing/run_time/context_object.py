"""What Step Functions tells every state: of its context object, and a new UUID."""

from cdk_sagemaker_processing.request.values import Joined, Reference, Text

__all__ = ["EXECUTION_ID", "EXECUTION_NAME", "RETRY_COUNT", "UUID", "is_of_execution"]

EXECUTION_ID = Reference(jsonpath="$$.Execution.Id", jsonata="$states.context.Execution.Id")
EXECUTION_NAME = Reference(jsonpath="$$.Execution.Name", jsonata="$states.context.Execution.Name")
RETRY_COUNT = Reference(jsonpath="$$.State.RetryCount", jsonata="$states.context.State.RetryCount")
UUID = Reference(jsonpath="States.UUID()", jsonata="$uuid()")


def is_of_execution(uri: Text) -> bool:
    """Whether a URI is another one in each execution."""
    return isinstance(uri, Joined) and EXECUTION_NAME in uri.parts

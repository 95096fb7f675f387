"""What goes wrong between a person and a History Server, in one line with the way out."""

from contextlib import AbstractContextManager
from typing import ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from cdk_sagemaker_processing.deployed import errors
from cdk_sagemaker_processing.deployed.errors import is_denied

__all__ = ["HistoryError", "explain", "explained", "is_denied"]


class HistoryError(errors.DeployedError):
    """A History Server cannot be found, started, reached or ended."""

    allowed_by: ClassVar[str] = (
        "whoever deploys the stack can allow it by grant_open of its SparkHistoryServer"
    )


def explained() -> AbstractContextManager[None]:
    """Raise what AWS refuses in the block as a HistoryError."""
    return errors.explained(HistoryError)


def explain(error: BotoCoreError | ClientError) -> str:
    """Return what is wrong and the way out, as one line."""
    return errors.explain(error, HistoryError.allowed_by)

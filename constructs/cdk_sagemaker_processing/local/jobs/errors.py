"""The errors of SageMaker's API, and the ways in which one job ends early."""

from collections.abc import Sequence


class ServiceError(Exception):
    """An error that SageMaker's API answers with.

    Attributes:
        code: The API's name of the error, `ResourceInUse` for example.
        message: What is wrong and how to mend it, in one line.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep the code and the message."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class NotHereError(ServiceError):
    """A request that AWS would take and the local cloud cannot carry out."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Name every problem."""
        super().__init__("ValidationException", "; ".join(problems))


class JobError(Exception):
    """One job fails; the message is its FailureReason."""


class Interrupted(Exception):  # noqa: N818  a request that was obeyed, no error
    """One job ends because it was told to stop."""

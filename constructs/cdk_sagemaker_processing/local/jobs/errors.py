"""The errors of SageMaker's API and of this machine."""


class ServiceError(Exception):
    """An error that SageMaker's API answers with.

    Attributes:
        code: The API's name of the error, `ResourceInUse` for example.
        message: What is wrong and how to mend it, in one line.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class JobError(Exception):
    """A reason for which one job fails, in the words of its FailureReason."""

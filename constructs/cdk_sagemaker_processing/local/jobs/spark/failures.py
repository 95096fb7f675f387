"""How `smspark-submit` fails: a message for DescribeProcessingJob and an exit code."""

from pathlib import Path

# "contains the first 1 KB of this file": SageMaker's guide on ExitMessage.
_LONGEST = 1024


class SubmitError(Exception):
    """The submission cannot go on.

    Args:
        step: What was being done.
        cause: What went wrong with it.
        exit_code: The exit code of `smspark-submit`.
    """

    def __init__(self, step: str, cause: Exception, exit_code: int = 1) -> None:
        super().__init__(f"Algorithm Error: (caused by {type(cause).__name__}): {step}: {cause}")
        self.exit_code = exit_code

    def write(self, path: Path) -> None:
        """Leave the message where SageMaker reads it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(self).encode()[:_LONGEST].decode(errors="ignore").strip())


def input_error(message: str) -> SubmitError:
    """The failure that the container calls InputError: what the user gave is wrong."""
    return SubmitError("error preparing for spark submit", ValueError(message))

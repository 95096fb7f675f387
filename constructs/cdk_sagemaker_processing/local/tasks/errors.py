"""Why a task did not start."""

__all__ = ["StartError", "not_started"]


class StartError(Exception):
    """A task that cannot start; the message is its `stoppedReason`.

    Attributes:
        container: The container for which it is, if it is for one.
        detail: That container's `reason`.
    """

    def __init__(self, message: str, container: str | None = None, detail: str = "") -> None:
        """Keep the message and what it says of a container."""
        super().__init__(message)
        self.container = container
        self.detail = detail


def not_started(container: str, reason: str) -> StartError:
    """Return the error of a task whose container cannot start."""
    return StartError("Task failed to start", container, f"CannotStartContainerError: {reason}")

"""What every view has alike: a sign and a colour for each status, and the width of what is live."""

from rich.console import Console

from cdk_sagemaker_processing.runs.progress import Status

MARKS = {
    Status.WAITING: ("·", "dim"),
    Status.RUNNING: ("▸", "cyan"),
    Status.RETRYING: ("↻", "yellow"),
    Status.SUCCEEDED: ("✓", "green"),
    Status.CACHED: ("≡", "green"),
    Status.CAUGHT: ("!", "yellow"),
    Status.FAILED: ("✗", "red"),
    Status.STOPPED: ("■", "yellow"),
    Status.SKIPPED: ("-", "dim"),
}
"""The sign and its rich style."""


def live_width(console: Console) -> int:
    """Return the width of a live view: the terminal's, but for the `^C` that it may echo.

    An echo that wraps would leave a line of the view behind.
    """
    return console.width - len("^C") - 1

"""One sign and one colour for each status, alike in every view."""

from cdk_sagemaker_processing.runs.progress import Status

MARKS = {
    Status.WAITING: ("·", "dim"),
    Status.RUNNING: ("▸", "cyan"),
    Status.RETRYING: ("↻", "yellow"),
    Status.SUCCEEDED: ("✓", "green"),
    Status.CAUGHT: ("!", "yellow"),
    Status.FAILED: ("✗", "red"),
    Status.STOPPED: ("■", "yellow"),
    Status.SKIPPED: ("-", "dim"),
}
"""The sign and its rich style."""

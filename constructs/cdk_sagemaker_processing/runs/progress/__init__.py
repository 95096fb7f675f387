"""How far a run is: an execution's history, folded into the state of each of its states.

Nothing here calls a service. `read_progress` is given the definition's states and the events that
`GetExecutionHistory` returned so far, and can be given more of them at any time.
"""

from cdk_sagemaker_processing.runs.progress.reading import read_progress
from cdk_sagemaker_processing.runs.progress.values import (
    Items,
    RunProgress,
    StateProgress,
    Status,
)

__all__ = ["Items", "RunProgress", "StateProgress", "Status", "read_progress"]

"""MiniStack's state machines, made to behave as AWS's where our pipelines rest on it.

`processing` is the integration with SageMaker's jobs. The other modules each mend one thing, by
functions put around MiniStack's own; `MENDS` in each says around which.
"""

from collections.abc import Callable

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.jobs import ProcessingService
from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.states import (
    branches,
    endings,
    history,
    machines,
    paths,
    processing,
    starts,
    steps,
    templates,
)

_MENDED = (history, paths, templates, steps, branches, endings, starts, machines)


def install(service: Callable[[], ProcessingService]) -> None:
    """Mend the state machines and connect them to the processing service.

    Args:
        service: Returns the service of the account and region that an execution runs in.
    """
    for module in _MENDED:
        seams.mend(sfn, module.MENDS)
    sfn._SERVICE_DISPATCH[processing.RESOURCE] = processing.integration(service)

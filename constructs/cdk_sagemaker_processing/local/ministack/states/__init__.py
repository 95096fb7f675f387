"""MiniStack's state machines, made to behave as AWS's where our pipelines rest on it.

`processing` is the integration with SageMaker's jobs, `sdk` that with Amazon S3, `roles` what
machines' roles may do, where IAM is enforced. The other modules each mend one thing, by
functions put around MiniStack's own; `MENDS` in each says around which.
"""

from collections.abc import Callable

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.jobs import ProcessingService
from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.states import (
    branches,
    callbacks,
    choices,
    endings,
    executions,
    history,
    intrinsics,
    jsonata,
    limits,
    machines,
    map_runs,
    paths,
    processing,
    redrive,
    roles,
    sdk,
    starts,
    steps,
    templates,
)

_MENDED = (
    history,
    limits,
    paths,
    intrinsics,
    jsonata,
    templates,
    steps,
    choices,
    callbacks,
    branches,
    map_runs,
    endings,
    executions,
    redrive,
    starts,
    machines,
)


def install(service: Callable[[], ProcessingService], endpoint: sdk.Endpoint) -> None:
    """Mend the state machines and connect them to the processing service.

    Args:
        service: Returns the service of the account and region that an execution runs in.
        endpoint: Where tasks reach other services, and whether machines may do no more than
            their roles.
    """
    for module in _MENDED:
        seams.mend(sfn, module.MENDS)
    seams.mend(sfn, sdk.mends(endpoint))
    jobs: Callable[[], processing.Jobs] = service
    if endpoint.enforce_iam:
        seams.mend(sfn, roles.MENDS)
        jobs = lambda: roles.AsRole.here(service())  # noqa: E731 - one line beside the other
    sfn._SERVICE_DISPATCH[processing.RESOURCE] = processing.integration(jobs)

"""What a local AWS does at the moment, told beside its services' APIs."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.clouds.api import STATUS_PATH
from cdk_sagemaker_processing.local.ministack.services import Services

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application, by its scope, `receive` and `send`."""


def with_status(application: Application, services: Services) -> Application:
    """Return an ASGI application that also tells how much is running, in every account and region.

    It does so at `STATUS_PATH`.

    Args:
        application: What answers everything else.
        services: The processing services.
    """

    async def answer(
        scope: Mapping[str, Any], receive: Any, send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != STATUS_PATH:
            await application(scope, receive, send)
            return
        body = json.dumps({"executions": running_executions(), "jobs": services.running}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def running_executions() -> int:
    """Return how many executions run."""
    return sum(one["status"] == "RUNNING" for one in sfn._executions.all_values())

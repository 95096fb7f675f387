"""Runs the local AWS with an S3 and a SageMaker that fail as requests ask them to.

Run as a program; it takes the local AWS's own options.

- An object whose key holds `~PUT.503.2~` answers the first two requests of that method with that
  status, as S3 does when it is too busy, and then as ever. `CUT` for a status breaks the connection
  within the object, `HELD` answers as ever, but only when there is an object `released` beside it.
- A job whose environment has `THROTTLES` is refused that often under names that end in the number
  of the attempt, as a state's retries do.
- Instances of `ml.t3.medium` have 256 MiB, so that a job soon needs more.
"""

import asyncio
import http
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from cdk_sagemaker_processing.local.jobs import ProcessingService, ServiceError
from cdk_sagemaker_processing.local.jobs.spark import instance_types
from cdk_sagemaker_processing.local.ministack.server import main

_ASKED = re.compile(r"~(?P<method>[A-Z]+)\.(?P<fault>\w+)\.(?P<times>\d+)~")
_SAID = {
    500: ("InternalError", "We encountered an internal error. Please try again."),
    503: ("SlowDown", "Please reduce your request rate."),
}
_MEMORY_GIB = 0.25

Answer = tuple[int, dict[str, str], bytes]


class FaultyService(ProcessingService):
    """A processing service that is throttled, beside an S3 that fails."""

    def __init__(self, **settings: Any) -> None:
        # MiniStack reads its settings when it is imported: not before it is made by the server.
        from ministack import app  # noqa: PLC0415

        app.SERVICE_HANDLERS["s3"] = _faulty(app.SERVICE_HANDLERS["s3"])
        super().__init__(**settings)

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Start a job, unless it is throttled."""
        attempt = int(request["ProcessingJobName"].rpartition("-")[2])
        if attempt < int(request.get("Environment", {}).get("THROTTLES", 0)):
            raise ServiceError("ThrottlingException", "Rate exceeded")
        return super().create(request)


def _faulty(handle: Callable[..., Any]) -> Callable[..., Any]:
    seen: Counter[tuple[str, str]] = Counter()

    async def handle_or_fail(method: str, path: str, *rest: Any) -> Answer:
        asked = _ASKED.search(path)
        if not asked or asked["method"] != method or seen[method, path] >= int(asked["times"]):
            answer: Answer = await handle(method, path, *rest)
            return answer
        seen[method, path] += 1
        if asked["fault"] == "HELD":
            await _released(handle, path[: asked.start()] + "released", *rest)
            return await handle_or_fail(method, path, *rest)
        if asked["fault"] != "CUT":
            return _refusal(int(asked["fault"]))
        status, headers, body = await handle(method, path, *rest)
        # The server breaks a connection whose answer is shorter than it said.
        return status, {**headers, "Content-Length": str(len(body))}, body[: len(body) // 2]

    return handle_or_fail


async def _released(handle: Callable[..., Any], path: str, headers: Any, *rest: Any) -> None:
    asking = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    while (await handle("HEAD", path, asking, *rest))[0] != http.HTTPStatus.OK:  # noqa: ASYNC110 - any request may bring it
        await asyncio.sleep(0.05)


def _refusal(status: int) -> Answer:
    code, message = _SAID[status]
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, {"Content-Type": "application/xml"}, body.encode()


if __name__ == "__main__":
    instance_types._OTHERS["t3.medium"] = (2, _MEMORY_GIB)
    sys.exit(main(sys.argv[1:], FaultyService))

"""Runs the local cloud with a SageMaker that throttles the first request for a job that asks so."""

import sys
from collections.abc import Mapping
from typing import Any

from cdk_sagemaker_processing.local.jobs import ProcessingService, ServiceError
from cdk_sagemaker_processing.local.ministack.server import main

FIRST_ATTEMPT = "-0"


class ThrottlingService(ProcessingService):
    """A processing service that refuses a state's first request with ``THROTTLED`` set."""

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Start a job, unless it is to be throttled."""
        asked = "THROTTLED" in request.get("Environment", {})
        if asked and request["ProcessingJobName"].endswith(FIRST_ATTEMPT):
            raise ServiceError("ThrottlingException", "Rate exceeded")
        return super().create(request)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ThrottlingService))

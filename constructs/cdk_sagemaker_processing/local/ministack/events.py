"""SageMaker's events in EventBridge, by which rules learn what becomes of a processing job.

Their shape is the developer guide's, "Events that Amazon SageMaker AI sends to Amazon EventBridge":
the detail is the job's description, with times in milliseconds and tags as a map.
"""

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import eventbridge

SOURCE = "aws.sagemaker"
DETAIL_TYPE = "SageMaker Processing Job State Change"

_LOGGER = logging.getLogger(__name__)


class Events:
    """Hands events on to EventBridge, one after the other, while the jobs go on."""

    def __init__(self) -> None:
        self._deliveries = ThreadPoolExecutor(1, "SageMaker's events")

    def of(self, account: str, region: str) -> Callable[[Mapping[str, Any]], None]:
        """Return what is told the descriptions of an account's and region's jobs.

        Args:
            account: The account's id.
            region: The region's name.
        """
        return partial(self._announce, account, region)

    def _announce(self, account: str, region: str, job: Mapping[str, Any]) -> None:
        self._deliveries.submit(_deliver, account, region, _entry(job))


def _entry(job: Mapping[str, Any]) -> dict[str, Any]:
    detail = {name: value for name, value in job.items() if name != "Tags"}
    detail["Tags"] = {tag["Key"]: tag["Value"] for tag in job["Tags"]}
    return {
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Resources": [job["ProcessingJobArn"]],
        "Detail": json.dumps(detail, default=_milliseconds),
    }


def _milliseconds(value: object) -> int:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    raise TypeError(f"{type(value).__name__} is no part of an event")


def _deliver(account: str, region: str, entry: Mapping[str, Any]) -> None:
    try:
        with request_scope(account, region):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
            # MiniStack keeps every event of every service for ever, and reads none again.
            eventbridge._events_log_list().clear()
    except Exception:
        _LOGGER.exception("An event of SageMaker was not delivered")

"""The processing services: one for each account and region, as AWS has them."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region

from cdk_sagemaker_processing.local.jobs import ProcessingService


class Services:
    """The processing services, each made at its first use.

    Args:
        make: What makes the service of an account and a region.
    """

    def __init__(self, make: Callable[[str, str], ProcessingService]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], ProcessingService] = {}

    @property
    def running(self) -> int:
        """How many jobs are not over, in all of them."""
        with self._lock:
            return sum(service.running for service in self._made.values())

    def records(self) -> list[dict[str, Any]]:
        """Return what `restore` needs to know of every job, as JSON holds it."""
        with self._lock:
            made = list(self._made.items())
        return [
            {"account": account, "region": region, "jobs": list(service.records())}
            for (account, region), service in made
        ]

    def restore(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Know the jobs of an earlier process again.

        Args:
            records: What `records` returned there.
        """
        for record in records:
            place = record["account"], record["region"]
            with self._lock:
                self._made[place] = self._make(*place)
                self._made[place].restore(record["jobs"])

    def current(self) -> ProcessingService:
        """Return the service of the account and region that the current request acts in."""
        place = get_account_id(), get_region()
        with self._lock:
            if place not in self._made:
                self._made[place] = self._make(*place)
            return self._made[place]

    def close(self) -> None:
        """Stop every job of every service."""
        with self._lock:
            made = list(self._made.values())
        closing = [threading.Thread(target=service.close) for service in made]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()

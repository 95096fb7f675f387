"""The executions that a run starts: of a distributed Map's items, and of other workflows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.runs.progress import Items, StateProgress

__all__ = ["MapRuns", "first_failed", "list_children", "reached"]

# API reference, ListExecutions.
_PAGE = 1000
# An express execution has no history to look at, and one that was deleted none any more.
_OUT_OF_REACH = (
    "ExecutionDoesNotExist",
    "InvalidArn",
    "ResourceNotFound",
    "StateMachineDoesNotExist",
    "StateMachineTypeNotSupported",
)


class MapRuns:
    """Map Runs, asked how far their items are until they are over.

    Args:
        client: A boto3 client of Step Functions.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._over: dict[str, Items] = {}

    def items(self, state: StateProgress) -> Items | None:
        """Return how far the items of a state's Map Runs are; None if it has none.

        Args:
            state: The state.
        """
        if not state.map_runs:
            return None
        each = [astuple(self._items(arn)) for arn in state.map_runs]
        return Items(*(sum(numbers) for numbers in zip(*each, strict=True)))

    def _items(self, arn: str) -> Items:
        if arn in self._over:
            return self._over[arn]
        said = self._client.describe_map_run(mapRunArn=arn)
        counts = said["itemCounts"]
        items = Items(
            total=counts["total"],
            succeeded=counts["succeeded"],
            failed=counts["failed"] + counts["timedOut"],
            running=counts["running"],
            aborted=counts["aborted"],
            executions=said["executionCounts"]["total"],
        )
        # One that did not succeed may go on once more.
        if said["status"] == "SUCCEEDED":
            self._over[arn] = items
        return items


def list_children(client: Any, state: StateProgress, most: int) -> tuple[str, ...]:
    """Return the ARNs of the executions that a state started, newest first.

    Args:
        client: A boto3 client of Step Functions.
        state: The state.
        most: At most how many.
    """
    found = list(reversed(state.executions))
    for map_run in reversed(state.map_runs):
        pages = client.get_paginator("list_executions").paginate(
            mapRunArn=map_run, PaginationConfig={"MaxItems": most, "PageSize": min(most, _PAGE)}
        )
        with reached():
            found += [one["executionArn"] for page in pages for one in page["executions"]]
    return tuple(found[:most])


def first_failed(client: Any, state: StateProgress) -> str | None:
    """Return the ARN of the first execution that failed of those that a state started last.

    Args:
        client: A boto3 client of Step Functions.
        state: The state, which failed.
    """
    if state.executions:
        return state.executions[-1]
    for map_run in state.map_runs[-1:]:
        for status in ("FAILED", "TIMED_OUT"):
            with reached():
                # They are listed by their ends, latest first; of very many the page's first.
                said = client.list_executions(
                    mapRunArn=map_run, statusFilter=status, maxResults=_PAGE
                )
                if said["executions"]:
                    first = min(said["executions"], key=lambda one: one["stopDate"])
                    return str(first["executionArn"])
    return None


@contextmanager
def reached() -> Iterator[None]:
    """Leave the block where an execution in it cannot be looked at."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in _OUT_OF_REACH:
            raise

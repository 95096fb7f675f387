"""The history of an execution, read on as it grows."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Events"]

_Event = Mapping[str, Any]

# API reference, GetExecutionHistory: the most, and what it gives by default. Between two looks
# few events are added, and each carries up to 256 KiB of input or output.
_WHOLE_PAGE = 1000
_NEW_PAGE = 100


class Events:
    """The events of one execution.

    Args:
        client: A boto3 client of Step Functions.
        execution_arn: The execution.

    Attributes:
        read: The events read so far, oldest first.
    """

    def __init__(self, client: Any, execution_arn: str) -> None:
        self._client = client
        self._execution_arn = execution_arn
        self.read: list[_Event] = []

    def look(self) -> bool:
        """Read what is new, and return whether anything is.

        The first look reads all, later ones from the newest event back to one that is known.
        """
        if not self.read:
            self.read = list(self._pages(_WHOLE_PAGE))
            return bool(self.read)
        known = self.read[-1]["id"]
        new = self._since(known)
        together = [*self.read, *new]
        # Events are numbered from one without gaps.
        if together[-1]["id"] != len(together):
            self.read = list(self._pages(_WHOLE_PAGE))
            return True
        self.read = together
        return bool(new)

    def _since(self, known: int) -> list[_Event]:
        new: list[_Event] = []
        for event in self._pages(_NEW_PAGE, reverseOrder=True):
            if event["id"] <= known:
                break
            new.append(event)
        return new[::-1]

    def _pages(self, size: int, **order: bool) -> Iterator[_Event]:
        pages = self._client.get_paginator("get_execution_history").paginate(
            executionArn=self._execution_arn, PaginationConfig={"PageSize": size}, **order
        )
        for page in pages:
            yield from page["events"]

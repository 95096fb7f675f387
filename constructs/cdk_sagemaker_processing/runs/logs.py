"""The logs of processing jobs, in CloudWatch Logs."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"

_PAGES_A_READ = 20


class JobLog:
    """One processing job's log, read on as it grows.

    Args:
        client: A boto3 client of CloudWatch Logs.
        job_name: The job, each of whose instances writes a stream of its own.
    """

    def __init__(self, client: Any, job_name: str) -> None:
        self._client = client
        self._job_name = job_name
        self._tokens: dict[str, str | None] = {}
        self.lines: list[str] = []

    @property
    def last_line(self) -> str:
        """The last line that says something, or nothing."""
        return next((line for line in reversed(self.lines) if line.strip()), "")

    @property
    def place(self) -> str:
        """Where it is in CloudWatch Logs."""
        streams = ", ".join(self._tokens) or f"{self._job_name}/…"
        return f"{LOG_GROUP} {streams}"

    def read(self, *, whole: bool = False) -> list[str]:
        """Read what was written since the last call, and return it.

        Args:
            whole: Whether to read on to the end, which of a job that writes fast is not reached
                before the job is over.
        """
        pages = None if whole else _PAGES_A_READ
        new = [line for stream in self._streams() for line in self._new_lines(stream, pages)]
        self.lines.extend(new)
        return new

    def tail(self, lines: int) -> list[str]:
        """Return the last lines of each instance, without reading what is before them.

        Args:
            lines: How many of each.
        """
        found: list[str] = []
        for stream in self._streams():
            answer = self._client.get_log_events(
                logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=False, limit=lines
            )
            of_stream = [line for event in answer["events"] for line in _lines(event)]
            found += of_stream[-lines:]
        return found

    def _streams(self) -> list[str]:
        try:
            answer = self._client.describe_log_streams(
                logGroupName=LOG_GROUP,
                logStreamNamePrefix=f"{self._job_name}/",
            )
        except self._client.exceptions.ResourceNotFoundException:
            # The group comes with an account's first job.
            return []
        names = [stream["logStreamName"] for stream in answer["logStreams"]]
        for name in names:
            self._tokens.setdefault(name, None)
        return names

    def _new_lines(self, stream: str, pages: int | None) -> Iterator[str]:
        for _ in itertools.repeat(None) if pages is None else range(pages):
            token = self._tokens[stream]
            position = {"nextToken": token} if token else {}
            answer = self._client.get_log_events(
                logGroupName=LOG_GROUP,
                logStreamName=stream,
                startFromHead=True,
                **position,
            )
            for event in answer["events"]:
                yield from _lines(event)
            self._tokens[stream] = answer["nextForwardToken"]
            if not answer["events"] or answer["nextForwardToken"] == token:
                return


def _lines(event: Mapping[str, Any]) -> list[str]:
    return event["message"].splitlines() or [""]

"""What a run's jobs left in S3: where, how much, and the first rows of text."""

import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from cdk_sagemaker_processing.runs.follower import ClientOf

EVENT_LOGS_PATH = "/opt/ml/processing/spark-events"

_ROWS = 3
_HEAD_BYTES = 16_384
_COMPRESSIONS = (".gz", ".bz2", ".zst", ".snappy")
_GZIP = 31  # zlib's window bits that expect gzip's header


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a text file.

    Attributes:
        columns: The columns' names; empty if the file does not tell them.
        rows: The first rows' cells.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a processing job.

    Attributes:
        name: Its `OutputName`.
        uri: Its S3 URI.
        files: How many objects are under it.
        size_in_bytes: How large they are together.
        kinds: Their file name extensions, such as `csv`.
        sample: The first rows of the first text file; None if there is none.
    """

    name: str
    uri: str
    files: int
    size_in_bytes: int
    kinds: tuple[str, ...]
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class _Object:
    bucket: str
    key: str
    size: int

    @property
    def file_name(self) -> str:
        return PurePosixPath(self.key).name


def read_outputs(client_of: ClientOf, job: Mapping[str, Any]) -> tuple[Output, ...]:
    """Return the outputs of a job, its Spark event logs left out.

    Args:
        client_of: Makes boto3 clients.
        job: What `DescribeProcessingJob` said of it.
    """
    s3 = client_of("s3")
    return tuple(
        _read_output(s3, output["OutputName"], output["S3Output"]["S3Uri"])
        for output in _s3_outputs(job)
        if not _is_event_logs(output)
    )


def event_log_uris(job: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where a Spark job left its event logs.

    Args:
        job: What `DescribeProcessingJob` said of it.
    """
    outputs = (output for output in _s3_outputs(job) if _is_event_logs(output))
    return tuple(output["S3Output"]["S3Uri"] for output in outputs)


def split_uri(uri: str) -> tuple[str, str]:
    """Return the bucket and the prefix of an S3 URI, the prefix as a folder's."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""


def _s3_outputs(job: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    outputs = job.get("ProcessingOutputConfig", {}).get("Outputs", ())
    return [output for output in outputs if "S3Output" in output]


def _is_event_logs(output: Mapping[str, Any]) -> bool:
    return bool(output["S3Output"].get("LocalPath", "").rstrip("/") == EVENT_LOGS_PATH)


def _read_output(s3: Any, name: str, uri: str) -> Output:
    objects = sorted(_objects(s3, uri), key=lambda each: each.key)
    data = [each for each in objects if not each.file_name.startswith(("_", "."))]
    return Output(
        name=name,
        uri=uri,
        files=len(objects),
        size_in_bytes=sum(each.size for each in objects),
        kinds=tuple(sorted({kind for each in data if (kind := _kind(each.file_name))})),
        sample=next(filter(None, (_sample(s3, each) for each in data[:1])), None),
    )


def _kind(file_name: str) -> str:
    suffixes = PurePosixPath(file_name).suffixes
    # `part-0.csv.gz` is csv.gz, while the other dots of Spark's names say nothing of the kind.
    kept = suffixes[-2:] if suffixes and suffixes[-1] in _COMPRESSIONS else suffixes[-1:]
    return "".join(kept).removeprefix(".")


def _objects(s3: Any, uri: str) -> Iterator[_Object]:
    bucket, prefix = split_uri(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", ()):
            yield _Object(bucket, each["Key"], each["Size"])


def _sample(s3: Any, each: _Object) -> Sample | None:
    if not each.size:
        return None
    span = f"bytes=0-{_HEAD_BYTES - 1}"
    answer = s3.get_object(Bucket=each.bucket, Key=each.key, Range=span)
    head: bytes = answer["Body"].read()
    if each.file_name.endswith(".gz"):
        head = zlib.decompressobj(_GZIP).decompress(head, _HEAD_BYTES)
    return read_sample(head, whole=len(head) >= each.size)


def read_sample(head: bytes, *, whole: bool) -> Sample | None:
    """Return the first rows of a file; None if it is not text.

    Args:
        head: The file's first bytes.
        whole: Whether these are all of it.
    """
    if b"\0" in head:
        return None
    try:
        # The cut may go through a character.
        text = head.decode() if whole else head[: head.rfind(b"\n") + 1].decode()
    except UnicodeDecodeError:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    records = _records([text]) if whole else None
    records = records or _records(lines[:_ROWS])
    return _record_sample(records) if records else _table_sample(lines)


def _records(texts: list[str]) -> list[dict[str, Any]] | None:
    try:
        read = [json.loads(text) for text in texts]
    except ValueError:
        return None
    # A document may be a list of records as well as one.
    records = read[0][:_ROWS] if len(read) == 1 and isinstance(read[0], list) else read
    return records if all(isinstance(record, dict) for record in records) else None


def _record_sample(records: list[dict[str, Any]]) -> Sample:
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    rows = tuple(tuple(_cell(record.get(name)) for name in columns) for record in records)
    return Sample(columns, rows)


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _table_sample(lines: list[str]) -> Sample:
    delimiter = "\t" if "\t" in lines[0] else ","
    rows = list(csv.reader(io.StringIO("\n".join(lines[: _ROWS + 1])), delimiter=delimiter))
    first = rows[0]
    if len(rows) > 1 and len(first) > 1 and not any(is_number(cell) for cell in first):
        return Sample(tuple(first), tuple(tuple(row) for row in rows[1 : _ROWS + 1]))
    return Sample((), tuple(tuple(row) for row in rows[:_ROWS]))


def is_number(cell: str) -> bool:
    """Whether a cell of a sample holds a number, or nothing."""
    try:
        float(cell)
    except ValueError:
        return not cell
    return True

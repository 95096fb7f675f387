import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.runs.outputs import (
    Sample,
    event_log_uris,
    read_outputs,
    read_sample,
    split_uri,
)


class Bucket:
    """S3 with the objects of one bucket."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def __call__(self, service: str) -> "Bucket":
        """Make the client."""
        assert service == "s3"
        return self

    def get_paginator(self, name: str) -> "Bucket":
        """Page a listing."""
        assert name == "list_objects_v2"
        return self

    def paginate(self, **request: str) -> Iterator[dict[str, Any]]:
        """Return an object a page."""
        found = [key for key in self.objects if key.startswith(request["Prefix"])]
        # A page each, as a large listing comes.
        for key in found:
            yield {"Contents": [{"Key": key, "Size": len(self.objects[key])}]}
        yield {}

    def get_object(self, **request: str) -> dict[str, Any]:
        """Return the bytes asked for."""
        last = int(request["Range"].rpartition("-")[2])
        return {"Body": io.BytesIO(self.objects[request["Key"]][: last + 1])}


def job(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {"ProcessingOutputConfig": {"Outputs": list(outputs)}}


def output(name: str, uri: str, local_path: str = "/opt/ml/processing/output/x") -> dict[str, Any]:
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": local_path}}


def test_an_output_tells_its_objects_and_first_rows() -> None:
    """All objects under the prefix count; the first with data gives the sample."""
    bucket = Bucket(
        {
            "run/train/_SUCCESS": b"",
            "run/train/part-0.c000.csv": b"a,b\n1,2\n",
            "run/train/part-1.c000.csv": b"a,b\n3,4\n",
            "run/training/other.csv": b"not mine",
        },
    )
    (train,) = read_outputs(bucket, job(output("train", "s3://b/run/train")))
    assert (train.name, train.uri) == ("train", "s3://b/run/train")
    assert (train.files, train.size_in_bytes, train.kinds) == (3, 16, ("csv",))
    assert train.sample == Sample(("a", "b"), (("1", "2"),))


def test_what_is_no_text_has_no_sample() -> None:
    """Parquet is told by its size and kind alone."""
    bucket = Bucket({"x/part-0.snappy.parquet": b"PAR1\x15\x04\x15\x00\x00"})
    (found,) = read_outputs(bucket, job(output("x", "s3://b/x/")))
    assert (found.kinds, found.sample) == (("parquet",), None)


def test_compressed_text_is_read() -> None:
    """Gzip is looked into, and named with what is in it."""
    bucket = Bucket({"x/rows.csv.gz": gzip.compress(b"name,n\na,1\n" * 20_000)})
    (found,) = read_outputs(bucket, job(output("x", "s3://b/x/")))
    assert found.kinds == ("csv.gz",)
    assert found.sample
    assert found.sample.columns == ("name", "n")
    assert found.sample.rows[0] == ("a", "1")


def test_an_output_with_nothing_in_it() -> None:
    """An empty prefix is an output of no files."""
    (found,) = read_outputs(Bucket({}), job(output("x", "s3://b/x/")))
    assert (found.files, found.size_in_bytes, found.sample) == (0, 0, None)


def test_event_logs_are_no_output_of_the_user_s() -> None:
    """What goes to Spark's event logs is found by its path, not by its name."""
    described = job(
        output("x", "s3://b/x"),
        output("output-2", "s3://b/spark-events/", "/opt/ml/processing/spark-events/"),
        {"OutputName": "fs", "FeatureStoreOutput": {"FeatureGroupName": "g"}},
    )
    assert event_log_uris(described) == ("s3://b/spark-events/",)
    assert [each.name for each in read_outputs(Bucket({}), described)] == ["x"]
    assert event_log_uris({}) == ()


@pytest.mark.parametrize(
    ("text", "whole", "sample"),
    [
        ("a,b\n1,2\n", True, Sample(("a", "b"), (("1", "2"),))),
        ("1,2\n3,4\n", True, Sample((), (("1", "2"), ("3", "4")))),
        ("a\tb\n1\t2\n", True, Sample(("a", "b"), (("1", "2"),))),
        ("just a line\n", True, Sample((), (("just a line",),))),
        ('{"a": 1}\n{"a": 2, "b": "x"}\n', True, Sample(("a", "b"), (("1", "null"), ("2", "x")))),
        ('{\n "a": {"b": 1}\n}\n', True, Sample(("a",), (('{"b": 1}',),))),
        ('[{"a": 1}, {"a": 2}]', True, Sample(("a",), (("1",), ("2",)))),
        ("a,b\n1,2\n3,", False, Sample(("a", "b"), (("1", "2"),))),
        ('"a, b",c\n"x, y",1\n', True, Sample(("a, b", "c"), (("x, y", "1"),))),
        ("\n\n", True, None),
        ("", True, None),
        ("no line end yet", False, None),
    ],
)
def test_first_rows_of_text(text: str, *, whole: bool, sample: Sample | None) -> None:
    """Tables, JSON lines and JSON documents become rows; a cut last line is left out."""
    assert read_sample(text.encode(), whole=whole) == sample


def test_at_most_three_rows_are_shown() -> None:
    """A sample is a glance."""
    sample = read_sample(b"a,b\n" + b"1,2\n" * 10, whole=True)
    assert sample
    assert len(sample.rows) == 3


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_have_a_sample_or_none(head: bytes, whole: bool) -> None:
    """No file, however odd, can break the end of a run that succeeded."""
    sample = read_sample(head, whole=whole)
    assert sample is None or all(isinstance(cell, str) for row in sample.rows for cell in row)


@given(
    st.lists(
        st.dictionaries(st.text(min_size=1, max_size=5), st.integers(), min_size=1, max_size=4),
        min_size=1,
        max_size=3,
    ),
)
def test_json_lines_keep_every_value(records: list[dict[str, int]]) -> None:
    """Each record is a row in which its values stand under their names."""
    text = "".join(json.dumps(record) + "\n" for record in records)
    sample = read_sample(text.encode(), whole=True)
    assert sample
    for record, row in zip(records, sample.rows, strict=True):
        cells = dict(zip(sample.columns, row, strict=True))
        assert {name: int(cells[name]) for name in record} == record


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://b/x/y", ("b", "x/y/")),
        ("s3://b/x/y/", ("b", "x/y/")),
        ("s3://b", ("b", "")),
        ("s3://b/", ("b", "")),
    ],
)
def test_parts_of_an_s3_uri(uri: str, parts: tuple[str, str]) -> None:
    """A prefix is a folder, so that `train` does not mean `training` too."""
    assert split_uri(uri) == parts

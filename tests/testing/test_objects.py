"""Inputs, put where jobs read them."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk_sagemaker_processing.testing.lazy import Lazy
from cdk_sagemaker_processing.testing.objects import put


class S3:
    """Buckets with their objects."""

    def __init__(self, region: str = "us-east-1") -> None:
        self.meta = SimpleNamespace(region_name=region)
        self.buckets: dict[str, dict[str, bytes | str]] = {"theirs": {}}
        self.made: list[Mapping[str, Any]] = []

    def head_bucket(self, *, Bucket: str) -> None:  # noqa: N803 - boto3's name
        """Refuse a bucket that is not there."""
        if Bucket not in self.buckets:
            code = "403" if Bucket == "closed" else "404"
            raise ClientError({"Error": {"Code": code}}, "HeadBucket")

    def create_bucket(self, *, Bucket: str, **more: Any) -> None:  # noqa: N803 - boto3's name
        """Make a bucket."""
        self.buckets[Bucket] = {}
        self.made.append(more)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes | str) -> None:  # noqa: N803 - boto3's names
        """Keep an object."""
        self.buckets[Bucket][Key] = Body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two files."""
    (tmp_path / "words" / "more").mkdir(parents=True)
    (tmp_path / "words" / "a.txt").write_text("ant")
    (tmp_path / "words" / "more" / "b.txt").write_text("bee")
    return tmp_path / "words"


def test_a_folder_keeps_its_files_paths(folder: Path) -> None:
    """Below the prefix, with or without its slash."""
    for uri in ("s3://theirs/in", "s3://theirs/in/"):
        s3 = S3()
        put(s3, uri, folder)
        assert s3.buckets == {"theirs": {"in/a.txt": b"ant", "in/more/b.txt": b"bee"}}
        assert s3.made == []


def test_a_file_keeps_its_name(folder: Path) -> None:
    """A path may be text, and a bucket's root a prefix."""
    s3 = S3()
    put(s3, "s3://theirs", str(folder / "a.txt"))
    assert s3.buckets == {"theirs": {"a.txt": b"ant"}}


def test_contents_have_the_keys_they_are_given(folder: Path) -> None:
    """Text, bytes and files."""
    s3 = S3()
    put(s3, "s3://theirs/in/", {"t": "text", "b": b"bytes", "f/a": folder / "a.txt"})
    assert s3.buckets["theirs"] == {"in/t": "text", "in/b": b"bytes", "in/f/a": b"ant"}


@pytest.mark.parametrize(
    ("region", "made"),
    [
        ("us-east-1", {}),
        ("eu-west-1", {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ],
)
def test_a_bucket_that_is_not_there_is_made(region: str, made: dict[str, Any]) -> None:
    """In the region it is asked for."""
    s3 = S3(region)
    put(s3, "s3://new/in/", {"a": "1"})
    assert (s3.buckets["new"], s3.made) == ({"in/a": "1"}, [made])


def test_a_bucket_of_others_is_not_made() -> None:
    """What S3 says goes to the test."""
    with pytest.raises(ClientError, match="403"):
        put(S3(), "s3://closed/in/", {"a": "1"})


@pytest.mark.parametrize("uri", ["theirs/in", "s3://", "https://theirs/in"])
def test_a_place_outside_s3_is_refused(uri: str) -> None:
    """The error says what is allowed."""
    with pytest.raises(ValueError, match=r"must be an S3 URI, such as s3://bucket/prefix/, got '"):
        put(S3(), uri, {"a": "1"})


def test_a_file_that_is_missing_is_refused_before_a_bucket_is_made(tmp_path: Path) -> None:
    """The error says where it was looked for."""
    s3 = S3()
    with pytest.raises(ValueError, match=r"no such file or folder: .*nothing, looked for in /"):
        put(s3, "s3://new/in/", tmp_path / "nothing")
    assert s3.made == []


def test_values_are_made_once_and_only_when_asked_for() -> None:
    """Their names are known before; one that is not there is told with those that are."""
    made: list[str] = []

    def make() -> int:
        made.append("one")
        return len(made)

    lazy = Lazy({"one": make, "two": make}, "Split has no output")

    assert (list(lazy), len(lazy), repr(lazy), made) == (["one", "two"], 2, "<one, two>", [])
    assert (lazy["one"], lazy["one"], made) == (1, 1, ["one"])
    with pytest.raises(KeyError, match="Split has no output 'three': there are one, two"):
        _ = lazy["three"]

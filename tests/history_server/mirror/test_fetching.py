import random
import tracemalloc
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cdk_sagemaker_processing.history_server.mirror.fetching import (
    ObjectChangedError,
    fetch,
    open_continuation,
)
from tests.history_server.mirror.fake_s3 import BUCKET, SOURCE, FakeS3, put, refusal

_KEY = SOURCE.prefix + "app"
_LARGE = random.Random(1).randbytes(300_000)  # noqa: S311 - bytes that do not repeat


@pytest.fixture(name="s3")
def _s3() -> FakeS3:
    return FakeS3()


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "app"


def test_a_new_object_is_read_whole(s3: FakeS3, file: Path) -> None:
    """And the file gets its time, by which the server sorts."""
    put(s3, "app", b"content", modified=1_700_000_000)
    fetch(s3, s3.listed(BUCKET, _KEY), file)
    assert (file.read_bytes(), file.stat().st_mtime) == (b"content", 1_700_000_000)


def test_an_empty_object_is_an_empty_file(s3: FakeS3, file: Path) -> None:
    """The status of a rolled log is one."""
    put(s3, "app", b"")
    fetch(s3, s3.listed(BUCKET, _KEY), file)
    assert file.read_bytes() == b""


def test_only_what_has_grown_is_read(s3: FakeS3, file: Path) -> None:
    """And 64 KiB before it."""
    file.write_bytes(_LARGE[:200_000])
    put(s3, "app", _LARGE)
    rest = open_continuation(s3, s3.listed(BUCKET, _KEY), file)
    assert rest is not None
    rest.append_to(file)
    assert (file.read_bytes(), rest.missing) == (_LARGE, 100_000)
    assert s3.reads == [(_KEY, 100_000 + 65_536)]


@pytest.mark.parametrize(
    "there",
    [
        b"",
        b"x" * 200_000,
        _LARGE + b"x",
        _LARGE + _LARGE,
        _LARGE[:199_999] + bytes([_LARGE[199_999] ^ 1]),
    ],
    ids=["nothing", "something else", "more than the object", "far more", "another end"],
)
def test_what_does_not_continue_the_file_is_no_continuation(
    s3: FakeS3, file: Path, there: bytes
) -> None:
    """It replaces the file."""
    file.write_bytes(there)
    put(s3, "app", _LARGE)
    each = s3.listed(BUCKET, _KEY)
    assert open_continuation(s3, each, file) is None
    assert file.read_bytes() == there
    fetch(s3, each, file)
    assert file.read_bytes() == _LARGE


def test_an_interrupted_fetch_goes_on_where_it_was(s3: FakeS3, file: Path) -> None:
    """The connection broke."""
    put(s3, "app", _LARGE)
    s3.breaks_after = {_KEY: 250_000}
    each = s3.listed(BUCKET, _KEY)
    with pytest.raises(ReadTimeoutError):
        fetch(s3, each, file)
    s3.breaks_after = {}
    fetch(s3, each, file)
    assert file.read_bytes() == _LARGE
    assert s3.reads[-1] == (_KEY, 50_000 + 65_536)


def test_an_object_that_changed_meanwhile_is_not_read(s3: FakeS3, file: Path) -> None:
    """It is not what was listed."""
    put(s3, "app", b"old")
    each = s3.listed(BUCKET, _KEY)
    put(s3, "app", b"new")
    with pytest.raises(ObjectChangedError):
        fetch(s3, each, file)
    s3.delete(BUCKET, _KEY)
    with pytest.raises(ObjectChangedError):
        fetch(s3, each, file)
    assert s3.reads == []


def test_any_other_refusal_stays_what_it_is(s3: FakeS3, file: Path) -> None:
    """For whoever tells it."""
    put(s3, "app", b"content")
    s3.wrong = {_KEY: refusal("AccessDenied", "GetObject")}
    with pytest.raises(ClientError, match="AccessDenied"):
        fetch(s3, s3.listed(BUCKET, _KEY), file)


def test_memory_stays_flat(s3: FakeS3, file: Path) -> None:
    """However large the object: it is written in pieces of a MiB."""
    put(s3, "app", bytes(64 << 20))
    each = s3.listed(BUCKET, _KEY)
    tracemalloc.start()
    try:
        # The fake's own copy is in there.
        fetch(s3, each, file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file.stat().st_size == 64 << 20
    assert peak < 80 << 20

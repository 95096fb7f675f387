"""Paths and ports of a task on this machine."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.tasks.place import relocate

# Of what names in paths are made.
NAMES = st.text(string.ascii_letters + string.digits + "_.-", min_size=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/history", "/v"),
        ("/history/", "/v/"),
        ("/history/logs/a", "/v/logs/a"),
        ("cat /history/a '/history/b' \"/history\"", "cat /v/a '/v/b' \"/v\""),
        ("A=/history:/history/b;/history", "A=/v:/v/b;/v"),
        ("file:///history/logs", "file:///v/logs"),
        ("-Djava.io.tmpdir=/history/tmp", "-Djava.io.tmpdir=/v/tmp"),
        ('["/history/a"]', '["/v/a"]'),
    ],
)
def test_a_path_that_begins_with_the_mount_lies_in_the_volume(before: str, after: str) -> None:
    """In a value, among words, in lists of paths, in URIs of files."""
    assert relocate(before, "/history", "/v") == after


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/history/logs",
        "https://host/history",
        "s3://history/a",
        "/opt/history",
        "/history2",
        "/history-old/a",
        "/history.d",
        "./history",
        "~/history",
        "${BASE}/history",
        "history",
    ],
)
def test_what_only_looks_like_the_mount_stays(text: str) -> None:
    """Another path, a key in a bucket, a page."""
    assert relocate(text, "/history", "/v") == text


@given(name=NAMES, below=NAMES, text=st.text())
def test_paths_of_any_name_are_put_elsewhere(name: str, below: str, text: str) -> None:
    """And text without the path stays as it is."""
    path = f"/mnt/{name}"
    assert relocate(f"{path}/{below}", path, r"/a\1") == rf"/a\1/{below}"
    if path not in text:
        assert relocate(text, path, "/v") == text

from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.mirror.settings import (
    BadSettingsError,
    Settings,
    Source,
    read_settings,
)

_ENVIRONMENT = {
    "HISTORY_FOLDER": "/history",
    "HISTORY_PORT": "18080",
    "HISTORY_SOURCES": '["s3://one/spark-events/", "s3://two"]',
    "HISTORY_POLL_SECONDS": "3",
    "HISTORY_DISK_MIB": "2",
    "HISTORY_IDLE_MINUTES": "30",
    "HISTORY_MAX_MINUTES": "480",
}


def test_every_variable_is_read() -> None:
    """Minutes and MiB become seconds and bytes."""
    assert read_settings(_ENVIRONMENT) == Settings(
        folder=Path("/history"),
        port=18080,
        sources=(Source("one", "spark-events/"), Source("two", "")),
        poll_seconds=3,
        disk_bytes=2 * 1024 * 1024,
        idle_seconds=1800,
        max_seconds=28800,
    )


def test_without_idle_and_age_it_runs_for_ever() -> None:
    """Both may be absent."""
    environment = {
        name: value for name, value in _ENVIRONMENT.items() if not name.endswith("_MINUTES")
    }
    settings = read_settings(environment)
    assert (settings.idle_seconds, settings.max_seconds) == (None, None)


@pytest.mark.parametrize(
    ("uris", "sources"),
    [
        ('["s3://b/x"]', (Source("b", "x/"),)),
        ('["s3://b/"]', (Source("b", ""),)),
        ('["s3://b/x/", "s3://b/x"]', (Source("b", "x/"),)),
    ],
)
def test_a_source_is_a_folder(uris: str, sources: tuple[Source, ...]) -> None:
    """With or without its last slash, and only once."""
    assert read_settings({**_ENVIRONMENT, "HISTORY_SOURCES": uris}).sources == sources


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HISTORY_FOLDER", "history", "must be the absolute path of a folder, got 'history'"),
        ("HISTORY_PORT", "65536", "must be a whole number above 0, at most 65535, got '65536'"),
        ("HISTORY_PORT", "x", "must be a whole number above 0, at most 65535, got 'x'"),
        ("HISTORY_DISK_MIB", "0.5", "must be a whole number above 0, got '0.5'"),
        ("HISTORY_POLL_SECONDS", "0", "must be a number above 0, got '0'"),
        ("HISTORY_POLL_SECONDS", "inf", "must be a number above 0, got 'inf'"),
        ("HISTORY_IDLE_MINUTES", "", "must be a number above 0, got ''"),
        ("HISTORY_MAX_MINUTES", "-1", "must be a number above 0, got '-1'"),
        *[
            (
                "HISTORY_SOURCES",
                value,
                (
                    'must be a JSON list of S3 URIs, such as ["s3://bucket/spark-events/"], '
                    f"got {value!r}"
                ),
            )
            for value in ("", "s3://b/x/", "[]", '["b/x/"]', '["s3://"]', "[1]", "{}")
        ],
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, said: str) -> None:
    """With what came, and what is allowed."""
    with pytest.raises(BadSettingsError) as caught:
        read_settings({**_ENVIRONMENT, name: value})
    assert str(caught.value) == f"{name} {said}"


def test_all_wrong_values_are_named_at_once() -> None:
    """Missing ones too."""
    environment = {**_ENVIRONMENT, "HISTORY_PORT": "0"}
    del environment["HISTORY_DISK_MIB"]
    with pytest.raises(BadSettingsError) as caught:
        read_settings(environment)
    assert str(caught.value) == (
        "HISTORY_PORT must be a whole number above 0, at most 65535, got '0'; "
        "HISTORY_DISK_MIB must be a whole number above 0, it is not set"
    )

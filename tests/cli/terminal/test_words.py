import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.cli.terminal import words


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (3.21, "3.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (4350, "1 h 12 min"),
    ],
)
def test_durations(seconds: float, told: str) -> None:
    """Tenths matter below ten seconds, seconds below an hour."""
    assert words.duration(seconds) == told


@pytest.mark.parametrize(
    ("in_bytes", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (9_960, "10 kB"),
        (999_600, "1.0 MB"),
        (24_100_000, "24 MB"),
        (5 * 10**16, "50000 TB"),
    ],
)
def test_sizes(in_bytes: int, told: str) -> None:
    """Two digits or three, in steps of a thousand."""
    assert words.size(in_bytes) == told


@given(st.integers(0, 10**15))
def test_a_size_is_close_to_the_number_of_bytes(in_bytes: int) -> None:
    """Rounded, never off by more than a twentieth."""
    amount, unit = words.size(in_bytes).split()
    factor = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}[unit]
    assert float(amount) * factor == pytest.approx(in_bytes, rel=0.05)


def test_counts() -> None:
    """One thing, several things, thousands of things."""
    assert words.count(1, "file") == "1 file"
    assert words.count(0, "file") == "0 files"
    assert words.count(336_776, "row") == "336,776 rows"


def test_sentences() -> None:
    """What stands within a line begins one, names kept as they are."""
    assert words.sentence("the task of SageMaker's ended") == "The task of SageMaker's ended."


def test_the_reason_of_a_failed_job_is_its_failure_reason() -> None:
    """The cause of a failed job is its whole description; a person wants one member of it."""
    described = {"ProcessingJobName": "clean-1", "FailureReason": "exit code: 1"}
    assert words.reason(json.dumps(described)) == "exit code: 1"
    assert words.reason(json.dumps(described | {"ExitMessage": "no rows"})) == (
        "exit code: 1\nno rows"
    )


@pytest.mark.parametrize(
    ("cause", "told"),
    [(None, ""), ("", ""), ("no rows\n", "no rows"), ("[1]", "[1]"), ('{"a": 1}', '{"a": 1}')],
)
def test_any_other_cause_is_told_as_it_is(cause: str | None, told: str) -> None:
    """What is no job's description is not taken apart."""
    assert words.reason(cause) == told


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m word", "red word"),
        ("\x1b[2J\x1b[Hcleared", "cleared"),
        ("\x1b]0;a title\x07text", "text"),
        ("bell\x07 null\x00 \x9b", "bell null "),
        ("a\tb", "a       b"),
        ("ünï — 日本", "ünï — 日本"),
    ],
)
def test_a_log_line_cannot_steer_the_terminal(line: str, shown: str) -> None:
    """Jobs colour what they write, and some write bytes that are no text."""
    assert words.plain(line) == shown

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.mirror.ended import has_ended
from tests.history_server.mirror.fake_s3 import END, START, job

_LONG = b'{"Event":"SparkListenerSQLExecutionEnd","plan":"' + b"x" * 1_500_000 + b'"}\n'


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.mark.parametrize(
    "content",
    [
        START + END,
        START + END.rstrip(b"\n"),
        START + END + job(1),
        START + job(1) * 100_000 + END,
        _LONG + END,
    ],
    ids=["last line", "no line break", "a late event", "a large log", "behind a long line"],
)
def test_the_end_of_the_application_ends_a_log(log: Path, content: bytes) -> None:
    """As a whole line near the end."""
    log.write_bytes(content)
    assert has_ended(log)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        START,
        START + END[:-2],
        START + END + job(1)[:-2],
        START + END + job(1)[:-2] + b"\xff",
        START + b'{"Event":"SparkListenerJobStart","name":"SparkListenerApplicationEnd"}\n',
        START + b'["SparkListenerApplicationEnd"]\n',
        END + job(1) * 100_000,
        START + END + b"[" * 100_000,
        _LONG,
    ],
    ids=[
        "empty",
        "no end",
        "cut in the end",
        "cut behind the end",
        "cut in a character",
        "only named",
        "no event",
        "long before",
        "deeply nested",
        "one line longer than what is looked at",
    ],
)
def test_anything_else_leaves_it_running(log: Path, content: bytes) -> None:
    """A cut line above all, which the server would answer 500 for."""
    log.write_bytes(content)
    assert not has_ended(log)


@given(cut=st.integers(0, len(START + job(1) + END)))
def test_a_cut_log_has_ended_only_when_nothing_but_the_line_break_lacks(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Wherever it is cut."""
    whole = START + job(1) + END
    log = tmp_path_factory.mktemp("cut") / "log"
    log.write_bytes(whole[:cut])
    assert has_ended(log) == (cut >= len(whole) - 1)

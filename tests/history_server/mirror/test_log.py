import pytest

from cdk_sagemaker_processing.history_server.mirror.log import Log


def test_an_event_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever its text."""
    log = Log()
    log("INFO", "new log a")
    log("WARNING", "two\n  lines\n")
    assert capsys.readouterr().out == "INFO new log a\nWARNING two lines\n"


def test_nothing_comes_after_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Threads may still work."""
    log = Log()
    log("ENDED", "idle")
    log("INFO", "new log a")
    assert capsys.readouterr().out == "ENDED idle\n"

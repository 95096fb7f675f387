import threading
from pathlib import Path

from cdk_sagemaker_processing.local.jobs.spark.executor_logs import ExecutorLogs


def test_every_line_of_every_executor_is_shown_once(tmp_path: Path) -> None:
    """Those that were written before and while it looks, in whole lines, and the last one."""
    shown: list[str] = []
    looked = threading.Event()

    def show(line: str) -> None:
        shown.append(line)
        looked.set()

    log = tmp_path / "app-1" / "3" / "stderr"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntw")
    with ExecutorLogs(tmp_path, show, interval=0.01):
        assert looked.wait(30)
        assert shown == ["executor 3: one"]
        with log.open("a") as more:
            more.write("o\nthree")
        (log.parent / "stdout").write_text("printed\n")
    assert sorted(shown) == [
        "executor 3: one",
        "executor 3: printed",
        "executor 3: three",
        "executor 3: two",
    ]


def test_no_executors_show_nothing(tmp_path: Path) -> None:
    """The worker's folder may not be there yet."""
    shown: list[str] = []
    with ExecutorLogs(tmp_path / "none", shown.append):
        pass
    assert shown == []

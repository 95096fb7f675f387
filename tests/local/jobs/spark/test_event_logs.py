from pathlib import Path

from cdk_sagemaker_processing.local.jobs.spark.event_logs import EventLogCopier
from tests.waiting import until


def wait_for(path: Path, text: str) -> None:
    """Wait until a file has a text."""
    until(lambda: path.exists() and path.read_text() == text, told=f"{path} never was {text}")


def test_a_growing_log_is_copied_without_its_mark(tmp_path: Path) -> None:
    """Again and again while it grows, `.inprogress` taken off, and once more at the end."""
    source, target = tmp_path / "events", tmp_path / "copies"
    copier = EventLogCopier(source, f"{target}/", print, interval=0.02)
    copier.start()
    (source / "app-1.inprogress").write_text("1")
    wait_for(target / "app-1", "1")
    (source / "app-1.inprogress").write_text("12")
    wait_for(target / "app-1", "12")
    (source / "app-1.inprogress").rename(source / "app-1")
    (source / "app-1").write_text("123")
    (source / ".app-1.crc").write_text("checksum")
    copier.finish()
    assert (target / "app-1").read_text() == "123"
    assert [path.name for path in target.iterdir()] == ["app-1"]


def test_without_a_slash_the_copies_land_beside_the_folder(tmp_path: Path) -> None:
    """As in the container, which puts folder and name together."""
    copier = EventLogCopier(tmp_path / "events", str(tmp_path / "copies"), print)
    copier.start()
    (tmp_path / "events" / "app-1").write_text("1")
    copier.finish()
    assert list((tmp_path / "copies").iterdir()) == []
    assert (tmp_path / "copiesapp-1").read_text() == "1"


def test_a_rolling_log_ends_the_copying(tmp_path: Path) -> None:
    """As in the container, where the thread dies of it; here it says what to change."""
    noted: list[str] = []
    copier = EventLogCopier(tmp_path / "events", f"{tmp_path}/copies/", noted.append)
    copier.start()
    (tmp_path / "events" / "eventlog_v2_app-1").mkdir()
    copier.finish()
    assert "leave spark.eventLog.rolling.enabled false" in noted[0]

from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.mirror.copies import Copies, State
from cdk_sagemaker_processing.history_server.mirror.event_logs import gather_logs
from cdk_sagemaker_processing.history_server.mirror.fetching import ObjectChangedError
from cdk_sagemaker_processing.history_server.mirror.listing import list_objects
from tests.history_server.mirror.fake_s3 import (
    BUCKET,
    END,
    SOURCE,
    START,
    FakeS3,
    job,
    put,
)


class Place:
    """A folder, S3, and the copies between them."""

    def __init__(self, folder: Path) -> None:
        self.s3 = FakeS3()
        self.logs = folder / "logs"
        self.partial = folder / "mirror"
        self.logs.mkdir()
        self.partial.mkdir()
        self.restart()

    def restart(self) -> None:
        """Forget all that is not on the disk."""
        self.copies = Copies(self.s3, self.logs, self.partial)

    def bring(self) -> None:
        """Bring every log that S3 has."""
        for log in gather_logs(list_objects(self.s3, SOURCE)).values():
            self.copies.bring(log)

    @property
    def files(self) -> dict[str, bytes]:
        """All files of the logs."""
        return {
            str(each.relative_to(self.logs)): each.read_bytes()
            for each in self.logs.rglob("*")
            if each.is_file()
        }


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_growing_log_is_in_progress_until_its_end(place: Place) -> None:
    """And gets its name by a rename."""
    put(place.s3, "app", START + job(1)[:9])
    place.bring()
    assert place.files == {"app.inprogress": START + job(1)[:9]}
    assert place.copies.state("app") is State.RUNNING
    put(place.s3, "app", START + job(1) + END)
    place.bring()
    assert place.files == {"app": START + job(1) + END}
    assert place.copies.state("app") is State.FINISHED


def test_a_name_in_progress_in_s3_does_not_count(place: Place) -> None:
    """What the log says does."""
    put(place.s3, "app.inprogress", START + END)
    place.bring()
    assert place.files == {"app": START + END}


def test_a_finished_log_that_goes_on_is_in_progress_again(place: Place) -> None:
    """Its name comes back with its end."""
    put(place.s3, "app", START + END)
    place.bring()
    put(place.s3, "app", START + END + job(1)[:9])
    place.bring()
    assert place.files == {"app.inprogress": START + END + job(1)[:9]}
    put(place.s3, "app", START + END + job(1))
    place.bring()
    assert place.files == {"app": START + END + job(1)}


def test_a_finished_log_in_place_of_a_running_one_goes_on_from_it(place: Place) -> None:
    """`NAME.inprogress` left S3, NAME came."""
    put(place.s3, "app.inprogress", START)
    place.bring()
    place.s3.delete(BUCKET, SOURCE.prefix + "app.inprogress")
    put(place.s3, "app", START + END)
    place.bring()
    assert place.files == {"app": START + END}


@pytest.mark.parametrize("ending", [END, b""], ids=["finished", "running"])
@pytest.mark.parametrize("before", [START + job(1) + END, START + job(1)], ids=["was", "was not"])
def test_another_log_of_the_same_name_replaces_it(
    place: Place, before: bytes, ending: bytes
) -> None:
    """Whole, shorter or longer."""
    put(place.s3, "app", before)
    place.bring()
    for other in (START + job(2) + ending, job(3) + ending, job(4) * 100 + ending):
        put(place.s3, "app", other)
        place.bring()
        assert place.files == {("app" if ending else "app.inprogress"): other}
    assert list(place.partial.iterdir()) == []


def test_a_whole_fetch_that_breaks_shows_nothing(place: Place) -> None:
    """It waits beside the logs and is continued."""
    put(place.s3, "app", START + END)
    place.s3.breaks_after = {SOURCE.prefix + "app": 20}
    with pytest.raises(Exception, match="timeout"):
        place.bring()
    assert place.files == {}
    place.s3.breaks_after = {}
    place.bring()
    assert place.files == {"app": START + END}


def test_a_continuation_that_breaks_leaves_a_running_log(place: Place) -> None:
    """Even of one that was finished."""
    put(place.s3, "app", START + END)
    place.bring()
    put(place.s3, "app", START + END + job(1) + END)
    place.s3.breaks_after = {SOURCE.prefix + "app": len(START + END) + 9}
    with pytest.raises(Exception, match="timeout"):
        place.bring()
    assert place.files == {"app.inprogress": START + END + job(1)[:9]}
    place.s3.breaks_after = {}
    place.bring()
    assert place.files == {"app": START + END + job(1) + END}


def test_a_log_that_changed_since_it_was_listed_stays_as_it_was(place: Place) -> None:
    """The next look brings it."""
    put(place.s3, "app", START)
    place.bring()
    put(place.s3, "app", START + job(1))
    place.s3.before_get = lambda _: put(place.s3, "app", START + job(1) + END)
    with pytest.raises(ObjectChangedError):
        place.bring()
    assert place.files == {"app.inprogress": START}
    place.s3.before_get = lambda _: None
    place.bring()
    assert place.files == {"app": START + job(1) + END}


def test_a_stale_running_copy_is_dropped(place: Place) -> None:
    """Beside a finished one."""
    put(place.s3, "app", START + END, modified=1_700_000_000)
    place.bring()
    (place.logs / "app.inprogress").write_bytes(START)
    place.restart()
    place.bring()
    assert place.files == {"app": START + END}


def test_what_is_here_is_not_read_again_after_a_restart(place: Place) -> None:
    """Size and time say that it is the same."""
    put(place.s3, "app", START + END)
    put(place.s3, "running", START)
    put(place.s3, "c.zstd", b"compressed")
    put(place.s3, "eventlog_v2_a/events_1_a", START)
    put(place.s3, "eventlog_v2_a/appstatus_a", b"")
    place.bring()
    before, reads = place.files, len(place.s3.reads)
    place.restart()
    place.bring()
    assert (place.files, len(place.s3.reads)) == (before, reads)


def test_what_has_grown_meanwhile_goes_on_after_a_restart(place: Place) -> None:
    """From what is here."""
    put(place.s3, "app", START * 5000)
    place.bring()
    place.restart()
    put(place.s3, "app", START * 5000 + END)
    place.bring()
    assert place.files == {"app": START * 5000 + END}
    assert place.s3.reads[-1] == (SOURCE.prefix + "app", 65_536 + len(END))


def test_an_object_of_the_same_size_and_time_is_told_by_its_etag(place: Place) -> None:
    """Written twice within a second."""
    for content in (START + job(1), START + job(2)):
        put(place.s3, "app", content, modified=1_700_000_000)
        place.bring()
        assert place.files == {"app.inprogress": content}


def test_an_object_of_the_same_size_is_told_by_its_time_after_a_restart(place: Place) -> None:
    """It is not the one that was read."""
    for content in (START + job(1), START + job(2)):
        put(place.s3, "app", content)
        place.bring()
        place.restart()
    assert place.files == {"app.inprogress": START + job(2)}


def test_an_object_that_becomes_what_it_was_is_read_again(place: Place) -> None:
    """If reading what it was in between has broken."""
    put(place.s3, "app", START)
    place.bring()
    put(place.s3, "app", START + job(1))
    place.s3.breaks_after = {SOURCE.prefix + "app": len(START) + 9}
    with pytest.raises(Exception, match="timeout"):
        place.bring()
    place.s3.breaks_after = {}
    put(place.s3, "app", START)
    place.bring()
    assert place.files == {"app.inprogress": START}


def test_a_compressed_log_is_replaced_whole(place: Place) -> None:
    """And loses its mark when S3's does."""
    put(place.s3, "app.zstd.inprogress", b"part")
    place.bring()
    assert place.files == {"app.zstd.inprogress": b"part"}
    put(place.s3, "app.zstd", b"part and more")
    place.bring()
    assert place.files == {"app.zstd": b"part and more"}
    assert place.copies.state("app.zstd") is State.FINISHED


def test_a_compressed_log_grows_unseen(place: Place) -> None:
    """The server would answer 500 for a half of it."""
    put(place.s3, "app.zstd", b"part")
    place.bring()
    put(place.s3, "app.zstd", b"part and more")
    place.s3.breaks_after = {SOURCE.prefix + "app.zstd": 6}
    with pytest.raises(Exception, match="timeout"):
        place.bring()
    assert place.files == {"app.zstd": b"part"}


def test_a_rolled_log_appears_at_once(place: Place) -> None:
    """As a folder, when all of it is here."""
    put(place.s3, "eventlog_v2_a/events_1_a", START)
    put(place.s3, "eventlog_v2_a/events_2_a", job(1))
    put(place.s3, "eventlog_v2_a/appstatus_a.inprogress", b"")
    place.s3.breaks_after = {SOURCE.prefix + "eventlog_v2_a/events_2_a": 3}
    with pytest.raises(Exception, match="timeout"):
        place.bring()
    assert place.files == {}
    place.s3.breaks_after = {}
    place.bring()
    assert place.files == {
        "eventlog_v2_a/events_1_a": START,
        "eventlog_v2_a/events_2_a": job(1),
        "eventlog_v2_a/appstatus_a.inprogress": b"",
    }
    assert place.copies.state("eventlog_v2_a") is State.RUNNING


def test_a_rolled_log_goes_on(place: Place) -> None:
    """What is new is read, what was compacted goes, the status changes."""
    put(place.s3, "eventlog_v2_a/events_1_a", START)
    put(place.s3, "eventlog_v2_a/events_2_a", job(1))
    put(place.s3, "eventlog_v2_a/appstatus_a.inprogress", b"")
    place.bring()
    for gone in ("events_1_a", "appstatus_a.inprogress"):
        place.s3.delete(BUCKET, f"{SOURCE.prefix}eventlog_v2_a/{gone}")
    put(place.s3, "eventlog_v2_a/events_1_a.compact", START)
    put(place.s3, "eventlog_v2_a/events_3_a", END)
    put(place.s3, "eventlog_v2_a/appstatus_a", b"")
    place.s3.reads.clear()
    place.bring()
    assert place.files == {
        "eventlog_v2_a/events_1_a.compact": START,
        "eventlog_v2_a/events_2_a": job(1),
        "eventlog_v2_a/events_3_a": END,
        "eventlog_v2_a/appstatus_a": b"",
    }
    assert [key.rpartition("/")[2] for key, _ in place.s3.reads] == [
        "events_1_a.compact",
        "events_3_a",
        "appstatus_a",
    ]
    assert place.copies.state("eventlog_v2_a") is State.FINISHED


def test_a_file_and_a_folder_may_follow_each_other_under_one_name(place: Place) -> None:
    """A plain log called like a rolled one."""
    put(place.s3, "eventlog_v2_a", START)
    place.bring()
    place.s3.delete(BUCKET, SOURCE.prefix + "eventlog_v2_a")
    put(place.s3, "eventlog_v2_a/events_1_a", START)
    put(place.s3, "eventlog_v2_a/appstatus_a", b"")
    place.bring()
    assert place.files == {"eventlog_v2_a/events_1_a": START, "eventlog_v2_a/appstatus_a": b""}
    for name in ("events_1_a", "appstatus_a"):
        place.s3.delete(BUCKET, f"{SOURCE.prefix}eventlog_v2_a/{name}")
    put(place.s3, "eventlog_v2_a", START + END)
    place.bring()
    assert place.files == {"eventlog_v2_a": START + END}


def test_names_and_size_tell_what_is_here(place: Place) -> None:
    """Partial ones too."""
    put(place.s3, "app", START)
    put(place.s3, "eventlog_v2_a/events_1_a", START)
    put(place.s3, "eventlog_v2_a/appstatus_a", b"")
    place.bring()
    (place.partial / "other").write_bytes(b"1234")
    assert place.copies.names() == {"app", "eventlog_v2_a", "other"}
    assert place.copies.size() == 2 * len(START) + 4


def test_a_removed_log_leaves_nothing(place: Place) -> None:
    """Whatever its kind."""
    put(place.s3, "app", START)
    put(place.s3, "eventlog_v2_a/events_1_a", START)
    put(place.s3, "eventlog_v2_a/appstatus_a", b"")
    place.bring()
    for name in ("app", "eventlog_v2_a", "never there"):
        place.copies.remove(name)
    assert place.copies.names() == set()
    assert place.copies.state("app") is None

import errno
import os
import re
import threading
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.mirror import fetching
from cdk_sagemaker_processing.history_server.mirror.copies import Copies
from cdk_sagemaker_processing.history_server.mirror.mirroring import Mirror
from cdk_sagemaker_processing.history_server.mirror.settings import Source
from tests.history_server.mirror.fake_s3 import (
    BUCKET,
    END,
    SOURCE,
    START,
    FakeS3,
    job,
    put,
    refusal,
)

_MIB = 1 << 20
_OTHER = Source("other", "")


class Place:
    """A mirror that is driven by hand."""

    def __init__(self, folder: Path, *, room: int = 10 * _MIB) -> None:
        self.s3 = FakeS3()
        self.logs = folder / "logs"
        self.partial = folder / "mirror"
        self.logs.mkdir()
        self.partial.mkdir()
        self.room = room
        self.now = 0.0
        self.said: list[str] = []
        self.restart()

    def restart(self, *sources: Source) -> None:
        """Forget all that is not on the disk."""
        self.mirror = Mirror(
            self.s3,
            Copies(self.s3, self.logs, self.partial),
            sources or (SOURCE,),
            room=self.room,
            tell=lambda level, text: self.said.append(f"{level} {text}"),
            clock=lambda: self.now,
        )

    def go_round(self) -> list[str]:
        """Look once and bring all; return what was brought, in this order."""
        brought = []
        self.mirror.look()
        while log := self.mirror.take():
            brought.append(log.name)
            self.mirror.carry_out(log)
        return brought

    @property
    def files(self) -> dict[str, bytes]:
        """All files of the logs."""
        return {each.name: each.read_bytes() for each in self.logs.iterdir()}

    def heard(self) -> list[str]:
        """What was said since the last call, but for the first synchronisation."""
        said = [each for each in self.said if "first sync" not in each]
        self.said.clear()
        return said


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_newest_come_first(place: Place) -> None:
    """Over all pages of the listing."""
    for name, modified in {"a": 1, "b": 5, "c": 3, "d": 4, "e": 2}.items():
        put(place.s3, name, START, modified)
    assert place.go_round() == ["b", "d", "c", "e", "a"]


def test_a_second_look_reads_only_what_has_changed(place: Place) -> None:
    """Nothing, or the part that is new."""
    put(place.s3, "a", START)
    put(place.s3, "b", START)
    place.go_round()
    assert place.go_round() == []
    put(place.s3, "b", START + END)
    assert place.go_round() == ["b"]
    assert place.files == {"a.inprogress": START, "b": START + END}


def test_an_empty_prefix_is_fine(place: Place) -> None:
    """There may be logs later."""
    assert place.go_round() == []
    assert place.said == ["INFO first sync done: 0 logs (0.0 MiB) in 0 s"]
    put(place.s3, "a", START + END)
    assert place.go_round() == ["a"]
    assert place.heard() == ["INFO new log a is finished"]


def test_the_first_sync_tells_how_far_it_is(place: Place) -> None:
    """Every ten seconds or so."""
    put(place.s3, "a", bytes(3 * _MIB))
    put(place.s3, "b", bytes(2 * _MIB))
    place.mirror.look()
    log = place.mirror.take()
    assert log
    place.mirror.carry_out(log)
    for place.now in (3, 11, 12):
        place.mirror.look()
    place.go_round()
    place.now = 15
    place.mirror.look()
    place.mirror.look()
    assert place.said == [
        "INFO first sync: 2 logs (5.0 MiB), to be fetched 2 logs (5.0 MiB)",
        "INFO first sync: still to come 1 log (3.0 MiB)",
        "INFO first sync done: 2 logs (5.0 MiB) in 15 s",
    ]


def test_a_log_that_comes_and_ends_is_told(place: Place) -> None:
    """Its growth is not."""
    place.go_round()
    for content in (START, START + job(1), START + job(1) + END):
        put(place.s3, "app", content)
        place.go_round()
    assert place.heard() == ["INFO new log app is running", "INFO log app is finished"]


def test_a_log_that_left_s3_leaves_the_folder(place: Place) -> None:
    """And what is not known at all."""
    put(place.s3, "a", START)
    put(place.s3, "b", START + END)
    place.go_round()
    (place.logs / "stray").write_bytes(b"")
    for name in ("a", "b"):
        place.s3.delete(BUCKET, SOURCE.prefix + name)
    place.go_round()
    assert place.files == {}


def test_a_log_that_leaves_while_it_is_brought_leaves_nothing(place: Place) -> None:
    """Its bringer clears up."""
    put(place.s3, "a", START)
    place.mirror.look()
    log = place.mirror.take()
    assert log

    def leave_and_come_back(_: str) -> None:
        put(place.s3, "a", b"")
        place.mirror.look()
        put(place.s3, "a", START, modified=log.modified)

    place.s3.before_get = leave_and_come_back
    place.mirror.carry_out(log)
    assert place.s3.reads == [(SOURCE.prefix + "a", len(START))]
    assert place.files == {}


def test_a_log_that_leaves_and_comes_back_while_it_is_brought_is_whole(place: Place) -> None:
    """What is being written to is not removed."""
    put(place.s3, "a", START)
    place.go_round()
    put(place.s3, "a", START + END, modified=9_000)
    place.mirror.look()
    log = place.mirror.take()
    assert log

    def leave_and_come_back(_: str) -> None:
        for content in (b"", START + END):
            put(place.s3, "a", content, modified=9_000)
            place.mirror.look()

    place.s3.before_get = leave_and_come_back
    place.mirror.carry_out(log)
    assert place.files == {"a": START + END}


def test_a_log_is_brought_by_one_at_a_time(place: Place) -> None:
    """A look in between does not hand it out again."""
    put(place.s3, "a", START)
    place.mirror.look()
    log = place.mirror.take()
    assert log
    put(place.s3, "a", START + END)
    place.mirror.look()
    assert place.mirror.take() is None
    place.mirror.carry_out(log)
    assert place.go_round() == ["a"]
    assert place.files == {"a": START + END}


def test_who_waits_for_work_is_woken(place: Place) -> None:
    """By a look that found some."""
    put(place.s3, "a", START)
    found: list[object] = []
    waiting = threading.Thread(target=lambda: found.append(place.mirror.take(60)))
    waiting.start()
    place.mirror.look()
    waiting.join(30)
    assert found


def test_a_log_that_changes_while_it_is_listed_comes_with_the_next_look(place: Place) -> None:
    """Nothing is said about it."""
    put(place.s3, "a", START)
    place.go_round()
    place.heard()
    put(place.s3, "a", START + job(1))
    place.s3.before_get = lambda _: put(place.s3, "a", START + job(1) + job(2))
    assert place.go_round() == ["a"]
    assert place.files == {"a.inprogress": START}
    place.s3.before_get = lambda _: None
    place.go_round()
    assert place.files == {"a.inprogress": START + job(1) + job(2)}
    assert place.heard() == []


def test_a_source_that_may_not_be_listed_is_told_once(place: Place) -> None:
    """With action and resource; the others go on, and so does it when it may."""
    place.restart(_OTHER, SOURCE)
    put(place.s3, "a", START)
    place.s3.put("other", "b", START)
    place.s3.wrong = {"other": refusal("AccessDenied", "ListObjectsV2")}
    assert [place.go_round(), place.go_round()] == [["a"], []]
    assert place.heard() == [
        "ERROR s3:ListBucket on arn:aws:s3:::other is denied: the task's role must allow it"
    ]
    place.s3.wrong = {}
    assert place.go_round() == ["b"]
    assert place.heard() == [
        "INFO s3://other/: nothing is wrong any more",
        "INFO new log b is running",
    ]


def test_a_change_of_trouble_is_told(place: Place) -> None:
    """Denied first, then gone."""
    place.s3.wrong = {BUCKET: refusal("AccessDenied", "ListObjectsV2")}
    place.go_round()
    place.s3.wrong = {BUCKET: refusal("NoSuchBucket", "ListObjectsV2", status=404)}
    place.go_round()
    assert place.heard() == [
        (
            "ERROR s3:ListBucket on arn:aws:s3:::logs (prefix spark-events/) is denied: "
            "the task's role must allow it"
        ),
        "ERROR s3://logs/spark-events/ cannot be listed: there is no bucket logs",
    ]


def test_what_cannot_be_listed_any_more_stays(place: Place) -> None:
    """It has not been seen to go."""
    put(place.s3, "a", START)
    place.go_round()
    place.s3.wrong = {BUCKET: EndpointConnectionError(endpoint_url="https://s3")}
    place.go_round()
    assert place.files == {"a.inprogress": START}


def test_what_cannot_be_listed_after_a_restart_stays(place: Place) -> None:
    """Until every source was seen once."""
    place.restart(_OTHER, SOURCE)
    put(place.s3, "a", START)
    place.s3.put("other", "b", START)
    place.go_round()
    place.restart(_OTHER, SOURCE)
    place.s3.wrong = {"other": refusal("AccessDenied", "ListObjectsV2")}
    place.s3.delete("other", "b")
    place.go_round()
    assert set(place.files) == {"a.inprogress", "b.inprogress"}
    place.s3.wrong = {}
    place.go_round()
    assert set(place.files) == {"a.inprogress"}


def test_a_log_that_may_not_be_read_keeps_no_other_away(place: Place) -> None:
    """It is told with action and resource, once, and asked for again after a minute."""
    for name in ("a", "b", "c"):
        put(place.s3, name, START)
    denied = refusal("AccessDenied", "GetObject")
    place.s3.wrong = {SOURCE.prefix + "b": denied, SOURCE.prefix + "c": denied}
    assert place.go_round() == ["c", "b", "a"]
    for place.now in (3, 59):
        assert place.go_round() == []
    assert place.files == {"a.inprogress": START}
    assert place.heard() == [
        (
            "ERROR s3:GetObject on arn:aws:s3:::logs/spark-events/b is denied: "
            "the task's role must allow it (and 1 more logs)"
        )
    ]
    place.s3.wrong = {}
    place.now = 60
    assert place.go_round() == ["c", "b"]
    place.go_round()
    assert place.heard() == [
        "INFO new log c is running",
        "INFO new log b is running",
        "INFO logs of s3://logs/spark-events/: nothing is wrong any more",
    ]


def test_a_denied_log_that_changes_is_asked_for_at_once(place: Place) -> None:
    """It may be another object."""
    put(place.s3, "a", START)
    place.s3.wrong = {SOURCE.prefix + "a": refusal("AccessDenied", "GetObject")}
    place.go_round()
    place.s3.wrong = {}
    put(place.s3, "a", START + END)
    assert place.go_round() == ["a"]


def test_a_busy_s3_is_asked_again_with_the_next_look(place: Place) -> None:
    """After all of botocore's retries."""
    put(place.s3, "a", START)
    place.s3.wrong = {SOURCE.prefix + "a": refusal("SlowDown", "GetObject", "later", status=503)}
    place.go_round()
    place.s3.wrong = {}
    assert place.go_round() == ["a"]
    assert place.files == {"a.inprogress": START}


def test_a_connection_that_breaks_is_taken_up_with_the_next_look(place: Place) -> None:
    """From where it broke."""
    content = os.urandom(200_000)
    put(place.s3, "a.zstd", content)
    place.s3.breaks_after = {SOURCE.prefix + "a.zstd": 150_000}
    place.go_round()
    place.s3.breaks_after = {}
    place.go_round()
    assert place.files == {"a.zstd": content}
    assert [count for _, count in place.s3.reads] == [200_000, 50_000 + 65_536]


def test_a_log_that_cannot_be_written_keeps_no_other_away(place: Place) -> None:
    """It is told."""
    put(place.s3, "a", START)
    put(place.s3, "b", START)
    place.s3.wrong = {SOURCE.prefix + "b": OSError(5, "Input/output error")}
    place.go_round()
    place.go_round()
    assert place.files == {"a.inprogress": START}
    assert place.heard() == [
        "ERROR s3://logs/spark-events/b cannot be mirrored: [Errno 5] Input/output error"
    ]


def test_a_rolled_log_with_names_no_disk_takes_is_brought(place: Place) -> None:
    """S3 takes keys of 1,024 bytes, a disk names of 255."""
    name = "x" * 300
    for file, content in (
        (f"events_1_{name}.zstd", b"1"),
        (f"events_2_{name}.zstd", b"2"),
        (f"appstatus_{name}.inprogress", b""),
    ):
        put(place.s3, f"eventlog_v2_b/{file}", content)
    assert place.go_round() == ["eventlog_v2_b"]
    found = {each.name: each.read_bytes() for each in (place.logs / "eventlog_v2_b").iterdir()}
    assert sorted(found.values()) == [b"", b"1", b"2"]
    assert sorted(re.sub(r"x+-[0-9a-f]{8}", "x", each) for each in found) == [
        "appstatus_x.inprogress",
        "events_1_x.zstd",
        "events_2_x.zstd",
    ]
    assert place.mirror.take() is None
    assert place.go_round() == []
    assert place.heard() == []


def test_the_oldest_make_room_for_the_newest(place: Place) -> None:
    """And are named once."""
    place.room = 25
    place.restart()
    place.go_round()
    for number in range(4):
        put(place.s3, f"old{number}", b"x" * 10)
        place.go_round()
    assert set(place.files) == {"old2.inprogress", "old3.inprogress"}
    assert place.heard() == [
        "INFO new log old0 is running",
        "INFO new log old1 is running",
        "WARNING there is room for 0.0 MiB of logs, the oldest are left out: old0",
        "INFO new log old2 is running",
        "WARNING there is room for 0.0 MiB of logs, the oldest are left out: old1",
        "INFO new log old3 is running",
    ]


def test_many_that_are_left_out_are_one_line(place: Place) -> None:
    """It names the first five."""
    place.room = 10
    place.restart()
    for number in range(9):
        put(place.s3, f"log{number}", b"x" * 10)
    place.go_round()
    place.go_round()
    assert place.heard() == [
        (
            "WARNING there is room for 0.0 MiB of logs, the oldest are left out: "
            "log7, log6, log5, log4, log3 and 3 more"
        )
    ]


def test_a_log_larger_than_the_room_is_left_out(place: Place) -> None:
    """The others are here all the same."""
    put(place.s3, "a", START)
    put(place.s3, "huge", bytes(11 * _MIB))
    assert [place.go_round(), place.go_round()] == [["a"], []]
    assert place.heard() == [
        "WARNING log huge is left out: its 11.0 MiB are more than the 10.0 MiB there is room for"
    ]


def _disk_of(size: int, place: Place, patch: pytest.MonkeyPatch) -> None:
    """Make writing fail once the disk holds so much."""
    append = fetching.Continuation.append_to

    def append_to(self: fetching.Continuation, file: Path) -> None:
        copies = Copies(place.s3, place.logs, place.partial)
        if copies.size() + self.missing > size:
            with file.open("ab") as out:
                out.write(b"x" * max(0, size - copies.size()))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(self, file)

    patch.setattr(fetching.Continuation, "append_to", append_to)


def test_a_full_disk_loses_the_oldest(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until what is newer fits; from then on there is less room."""
    for number in range(4):
        put(place.s3, f"log{number}", bytes([number]) * _MIB)
    place.go_round()
    place.go_round()
    _disk_of(5 * _MIB, place, monkeypatch)
    put(place.s3, "new", b"n" * 2 * _MIB)
    for _ in range(3):
        place.go_round()
    assert {name: len(content) for name, content in place.files.items()} == {
        "new.inprogress": 2 * _MIB,
        "log3.inprogress": _MIB,
        "log2.inprogress": _MIB,
        "log1.inprogress": _MIB,
    }
    assert place.heard() == [
        "WARNING the disk is full: from now on 5.0 MiB of logs are kept",
        "WARNING there is room for 5.0 MiB of logs, the oldest are left out: log0",
        "INFO new log new is running",
    ]


def test_a_full_disk_keeps_what_fits_at_the_first_sync(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest, and no half of another."""
    for number in range(9):
        put(place.s3, f"log{number}", bytes([number]) * _MIB)
    _disk_of(3 * _MIB + 5, place, monkeypatch)
    for _ in range(3):
        place.go_round()
    assert set(place.files) == {f"log{number}.inprogress" for number in (8, 7, 6)}
    assert list(place.partial.iterdir()) == []


def test_a_full_disk_makes_room_for_a_log_beside_its_old_copy(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are there until the new one is whole."""
    put(place.s3, "old", bytes(_MIB))
    put(place.s3, "new.zstd", bytes(2 * _MIB))
    place.go_round()
    place.go_round()
    place.heard()
    _disk_of(4 * _MIB, place, monkeypatch)
    put(place.s3, "new.zstd", b"n" * 2 * _MIB)
    for _ in range(3):
        place.go_round()
    assert place.files == {"new.zstd": b"n" * 2 * _MIB}
    assert place.heard() == [
        "WARNING the disk is full: from now on 3.0 MiB of logs are kept",
        "WARNING there is room for 3.0 MiB of logs, the oldest are left out: old",
    ]


def test_a_full_disk_that_several_hit_at_once_is_told_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room made for one may do for the other."""
    for number in range(4):
        put(place.s3, f"log{number}", bytes([number]) * _MIB)
    place.go_round()
    place.go_round()
    _disk_of(4 * _MIB, place, monkeypatch)
    put(place.s3, "a", b"a" * _MIB)
    put(place.s3, "b", b"b" * _MIB)
    place.heard()
    place.mirror.look()
    first, second = place.mirror.take(), place.mirror.take()
    assert first
    assert second

    def meanwhile(_: str) -> None:
        place.s3.before_get = lambda _: None
        place.mirror.carry_out(second)
        _disk_of(0, place, monkeypatch)

    place.s3.before_get = meanwhile
    place.mirror.carry_out(first)
    assert [said for said in place.heard() if "full" in said] == [
        "WARNING the disk is full: from now on 4.0 MiB of logs are kept"
    ]


def test_names_that_collide_are_both_here(place: Place) -> None:
    """Two sources, one name."""
    place.restart(SOURCE, _OTHER)
    put(place.s3, "app", START)
    place.s3.put("other", "app", START + END)
    place.go_round()
    assert sorted(place.files.values()) == sorted([START, START + END])


_STEPS = st.one_of(
    st.tuples(st.just("grow"), st.integers(0, 400)),
    st.tuples(st.just("cut"), st.integers(0, 400)),
    st.tuples(st.just("end"), st.just(0)),
    st.tuples(st.just("replace"), st.integers(1, 9)),
    st.tuples(st.just("delete"), st.just(0)),
    st.tuples(st.just("change while read"), st.integers(1, 50)),
    st.tuples(st.just("break"), st.integers(1, 200)),
    st.tuples(st.just("restart"), st.just(0)),
)


def _written(run: int) -> bytes:
    """A whole log of an application's run."""
    return START + b"".join(job(run * 1000 + number) for number in range(8)) + END


class Story:
    """One object that lives through some steps; the mirror looks after each."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder)
        self.run = 0
        self.content = b""

    def write(self, size: int) -> None:
        """Upload so much of the run's log."""
        self.content = _written(self.run)[:size]
        put(self.place.s3, "app", self.content)

    def do(self, step: str, number: int) -> None:
        """Do one step, and look."""
        whole = len(_written(self.run))
        size = len(self.content)
        match step:
            case "grow":
                self.write(min(whole, size + number))
            case "cut":
                self.write(max(0, size - number))
            case "end":
                self.write(whole)
            case "replace":
                self.run += number
                self.write(size)
            case "delete":
                self.write(0)
            case "change while read":
                self.place.s3.before_get = lambda _: self.write(min(whole, size + number))
            case "break":
                self.place.s3.breaks_after = {SOURCE.prefix + "app": number}
                self.write(whole)
            case _:
                self.place.restart()
        self.place.go_round()
        self.check()
        self.place.s3.before_get = lambda _: None
        self.place.s3.breaks_after = {}

    def check(self) -> None:
        """No final name without an end and whole lines."""
        final = self.place.files.get("app")
        assert final is None or (END.strip() in final and final.strip().endswith(b"}"))


@given(steps=st.lists(_STEPS, max_size=12))
def test_whatever_happens_to_an_object_its_copy_becomes_the_same(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And never has its final name before its end."""
    story = Story(tmp_path_factory.mktemp("story"))
    for step, number in steps:
        story.do(step, number)
    story.place.go_round()
    ended = story.content.rstrip(b"\n") == _written(story.run).rstrip(b"\n")
    name = "app" if ended else "app.inprogress"
    assert story.place.files == ({name: story.content} if story.content else {})
    assert list(story.place.partial.iterdir()) == []

from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.mirror.event_logs import Kind, gather_logs
from cdk_sagemaker_processing.history_server.mirror.listing import Object
from cdk_sagemaker_processing.history_server.mirror.settings import Source

_SOURCE = Source("b", "spark-events/")


def _object(name: str, *, size: int = 1, modified: float = 0, source: Source = _SOURCE) -> Object:
    return Object(source, source.prefix + name, size, '"e"', modified)


def _local(*objects: Object) -> dict[str, dict[str, str]]:
    """Of each log its files' local names, and the keys behind them."""
    return {
        name: {file: each.key for file, each in log.files.items()}
        for name, log in gather_logs(objects).items()
    }


def test_a_plain_log_keeps_its_name() -> None:
    """As SageMaker writes it."""
    (log,) = gather_logs([_object("application_1_0001", size=7, modified=5)]).values()
    assert (log.name, log.kind, log.size, log.modified) == ("application_1_0001", Kind.PLAIN, 7, 5)


def test_nested_logs_become_flat() -> None:
    """The server lists one level."""
    assert _local(_object("2026/11/app-1"), _object("app-2")) == {
        "app-1": {"app-1": "spark-events/2026/11/app-1"},
        "app-2": {"app-2": "spark-events/app-2"},
    }


def test_a_running_log_is_known_by_its_name_without_the_ending() -> None:
    """So that it stays the same log when it is finished."""
    assert _local(_object("app-1.inprogress")) == {
        "app-1": {"app-1": "spark-events/app-1.inprogress"}
    }


def test_a_stale_running_log_is_dropped() -> None:
    """Beside the finished one, in the same folder only."""
    found = _local(_object("a/x"), _object("a/x.inprogress"), _object("b/x.inprogress"))
    assert [list(files.values()) for files in found.values()] == [
        ["spark-events/a/x"],
        ["spark-events/b/x.inprogress"],
    ]


def test_a_compressed_log_passes_as_it_is() -> None:
    """Its codec stands last but for the mark of a running one."""
    found = gather_logs([_object("a.zstd"), _object("b.lz4.inprogress")])
    assert {name: (log.kind, list(log.files)) for name, log in found.items()} == {
        "a.zstd": (Kind.COMPRESSED, ["a.zstd"]),
        "b.lz4": (Kind.COMPRESSED, ["b.lz4.inprogress"]),
    }


def test_a_rolled_log_stays_a_folder() -> None:
    """With its empty status, which comes last; the stale one is dropped."""
    found = gather_logs(
        [
            _object("x/eventlog_v2_app-1/appstatus_app-1", size=0),
            _object("x/eventlog_v2_app-1/appstatus_app-1.inprogress", size=0),
            _object("x/eventlog_v2_app-1/events_1_app-1.zstd", size=3, modified=1),
            _object("x/eventlog_v2_app-1/events_2_app-1.zstd", size=4, modified=9),
        ]
    )
    (log,) = found.values()
    assert (log.name, log.kind, log.size, log.modified, list(log.files)) == (
        "eventlog_v2_app-1",
        Kind.ROLLED,
        7,
        9,
        ["events_1_app-1.zstd", "events_2_app-1.zstd", "appstatus_app-1"],
    )


@given(
    st.sampled_from(["events_1_", "events_27_", "appstatus_", ""]),
    st.text(st.sampled_from("abc-_:ü."), min_size=1, max_size=400).filter(
        lambda text: not text.startswith(".")
    ),
    st.sampled_from(["", ".zstd", ".lz4"]),
    st.sampled_from(["", ".inprogress"]),
)
def test_a_file_of_a_rolled_log_has_a_name_that_disks_take(
    kind: str, middle: str, codec: str, running: str
) -> None:
    """With the beginning and the endings that the server reads."""
    folder = "eventlog_v2_a"
    odd = _object(f"{folder}/{kind}{middle}{codec}{running}")
    found = gather_logs(
        [odd, _object(f"{folder}/events_9_z"), _object(f"{folder}/appstatus_z", size=0)]
    )
    (file,) = (name for name, each in found[folder].files.items() if each is odd)
    assert len(file.encode()) <= 230
    assert file.startswith(kind)
    assert file.endswith(codec + running)


def test_long_names_of_one_beginning_stay_apart() -> None:
    """By a mark of the whole name."""
    files = ("events_1_" + "x" * 300, "events_1_" + "x" * 301, "appstatus_a")
    ((_, found),) = _local(*(_object(f"eventlog_v2_a/{each}") for each in files)).items()
    assert len(found) == 3


def test_a_rolled_log_without_events_or_status_is_none_yet() -> None:
    """The server cannot read it."""
    assert not _local(_object("eventlog_v2_a/appstatus_a", size=0))
    assert not _local(_object("eventlog_v2_a/events_1_a"))


def test_what_is_no_log_is_left_out() -> None:
    """Checksums, marks of folders, empty objects."""
    assert not _local(
        _object(".app-1.crc"),
        _object(".tmp/app-1"),
        _object(""),
        _object("sub/"),
        _object("app-1", size=0),
    )


def test_logs_of_one_name_are_told_apart() -> None:
    """The first keeps the name, the others get a mark of their place before the codec."""
    other = Source("c", "")
    found = _local(
        _object("app-1"),
        _object("z.zstd"),
        _object("app-1", source=other),
        _object("z.zstd", source=other),
    )
    assert found == {
        "app-1": {"app-1": "spark-events/app-1"},
        "z.zstd": {"z.zstd": "spark-events/z.zstd"},
        "app-1-6876e5a3": {"app-1-6876e5a3": "app-1"},
        "z-982d2020.zstd": {"z-982d2020.zstd": "z.zstd"},
    }


def test_sources_that_overlap_show_a_log_once() -> None:
    """A prefix within another."""
    inner = Source("b", "spark-events/2026/")
    assert len(_local(_object("2026/app-1"), _object("app-1", source=inner))) == 1


def test_names_are_made_safe() -> None:
    """A colon keeps Hadoop from listing anything, a dot would name a codec."""
    assert list(_local(_object("a:b ü/c"), _object("a:b ü.json"), _object("x" * 300))) == [
        "c",
        "a_b___json",
        "x" * 200 + "-84db2899",
    ]

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.settings import (
    OWNED,
    Sizes,
    properties_text,
    server_settings,
)

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
NAMES = TEXTS.filter(bool)


def test_a_task_of_4_gib_and_20_gib_is_divided_between_heap_logs_and_store() -> None:
    """60% of the memory; of the disk that images leave, 60% for logs and 30% for the store."""
    assert Sizes.of(4096, 20, 4) == Sizes(heap_mib=2457, logs_mib=9830, store_mib=4915)


@given(st.integers(512, 122_880), st.integers(20, 200))
def test_no_task_gives_away_more_than_it_has(memory_mib: int, ephemeral_gib: int) -> None:
    """Logs and store leave room for the images, the heap for what Java needs beside it."""
    sizes = Sizes.of(memory_mib, ephemeral_gib, 4)
    assert 0 < sizes.heap_mib < memory_mib
    assert 0 < sizes.logs_mib + sizes.store_mib <= (ephemeral_gib - 4) * 1024


def test_parsed_logs_are_kept_on_disk_and_half_the_heap_is_left_to_pages() -> None:
    """Every setting, in a task of 4 GiB."""
    assert server_settings(Sizes.of(4096, 20, 4)) == {
        "spark.history.store.hybridStore.enabled": "true",
        "spark.history.store.hybridStore.diskBackend": "ROCKSDB",
        "spark.history.store.hybridStore.maxMemoryUsage": "1228m",
        "spark.history.store.maxDiskUsage": "4915m",
        "spark.history.store.serializer": "PROTOBUF",
        "spark.history.fs.update.interval": "5s",
        "spark.history.fs.numReplayThreads": "4",
        "spark.history.fs.endEventReparseChunkSize": "64k",
        "spark.history.fs.inProgressOptimization.enabled": "false",
        "spark.history.fs.cleaner.enabled": "false",
    }


def test_redirects_name_the_load_balancers_address() -> None:
    """Behind one the server itself knows neither its name nor that it is reached by HTTPS."""
    settings = server_settings(Sizes.of(4096, 20, 4), "https://history.example.com")
    assert settings["spark.ui.proxyRedirectUri"] == "https://history.example.com"


def test_what_the_running_task_decides_is_set_by_none_of_them() -> None:
    """Where folder and port are, only `serve.sh` knows."""
    assert OWNED.isdisjoint(server_settings(Sizes.of(4096, 20, 4), "https://history.example.com"))


@given(st.dictionaries(NAMES, TEXTS, max_size=4))
def test_properties_are_read_as_they_were_meant(settings: Mapping[str, str]) -> None:
    """Blanks, colons, backslashes and line ends stay data; the reader is Java's rules, by hand."""
    assert read_properties(properties_text(settings)) == settings


def read_properties(text: str) -> dict[str, str]:
    """Read a properties file as `java.util.Properties.load(Reader)` documents it."""
    found = {}
    for line in text.split("\n"):
        if line.lstrip(" \t\f").startswith(("#", "!")) or not line.strip(" \t\f"):
            continue
        at = next(at for at, one in enumerate(line) if one in "=: " and not escaped(line, at))
        found[unescaped(line[:at])] = unescaped(line[at + 1 :].lstrip(" \t\f"))
    return found


def escaped(line: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before a character."""
    head = line[:at]
    return (len(head) - len(head.rstrip("\\"))) % 2 == 1


def unescaped(text: str) -> str:
    """Text without its backslashes."""
    named = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
    characters = iter(text)
    return "".join(
        named.get(after := next(characters), after) if one == "\\" else one for one in characters
    )

from cdk_sagemaker_processing.history_server.client.logs import TaskLog, is_trouble
from cdk_sagemaker_processing.history_server.mirror.event_logs import EventLog, Kind
from cdk_sagemaker_processing.history_server.mirror.listing import Object
from cdk_sagemaker_processing.history_server.mirror.progress import FirstSync
from cdk_sagemaker_processing.history_server.mirror.settings import Source
from tests.history_server.client.fakes import SERVER, Logs


def log(logs: Logs) -> TaskLog:
    return TaskLog(logs, SERVER.log_group, "mirror", "task1")


def test_a_log_is_read_on_as_it_grows() -> None:
    """Each line once, across pages; before there is a stream there is nothing."""
    logs = Logs()
    mirror = log(logs)
    assert mirror.read() == []
    logs.write("mirror", "task1", "INFO 1", "INFO 2", "INFO 3\nINFO 4", "")
    assert mirror.read() == ["INFO 1", "INFO 2", "INFO 3", "INFO 4", ""]
    assert mirror.read() == []
    logs.write("mirror", "task1", "ENDED idle for 30 minutes")
    assert mirror.ended == ""
    assert mirror.read() == ["ENDED idle for 30 minutes"]
    assert mirror.ended == "idle for 30 minutes"
    assert mirror.place == "/flights/history history/mirror/task1"


def test_a_log_that_may_not_be_read_says_so_once() -> None:
    """An opening goes on without it."""
    logs = Logs()
    logs.denied = True
    mirror = log(logs)
    (line,) = mirror.read()
    assert line.startswith("WARNING its log cannot be read: not allowed: User: ")
    assert mirror.read() == []


def test_trouble_is_what_a_person_should_see() -> None:
    """Warnings, errors and the end."""
    lines = ["INFO up", "WARNING slow", "ERROR denied", "ENDED too old", "WARNINGS", ""]
    assert list(filter(is_trouble, lines)) == ["WARNING slow", "ERROR denied", "ENDED too old"]


def test_the_mirror_s_words_say_how_far_it_is() -> None:
    """From its first line on logs to the one that says that all are there."""
    logs = Logs()
    mirror = log(logs)
    seconds = iter([0, 0, 20, 30])
    sync = FirstSync(
        lambda level, text: logs.write("mirror", "task1", f"{level} {text}"), lambda: next(seconds)
    )
    one = EventLog("a", Kind.PLAIN, {"a": Object(Source("b", "x/"), "x/a", 1, '"e"', 0)})
    assert not mirror.is_filling

    filling = []
    for missing in ([one], [one], []):
        sync.update([one], missing)
        mirror.read()
        filling.append(mirror.is_filling)

    assert filling == [True, True, False]

import json
from pathlib import Path

from benchmarks.event_logs import Application


def events(application: Application) -> list[dict[str, object]]:
    """The events of an application's log."""
    return [json.loads(line) for line in application.lines()]


def test_every_line_is_an_event_as_spark_writes_it() -> None:
    """Its name stands first and without a blank before it, where Spark looks for it."""
    for line in Application("app").lines():
        assert line.startswith('{"Event":"SparkListener')
        assert line.endswith("}\n")
        assert "%(" not in line
        json.loads(line)


def test_a_log_has_the_jobs_and_tasks_asked_for() -> None:
    """Every task starts and ends once, and each has a number of its own."""
    found = events(Application("app", jobs=3, tasks=5))

    names = [str(one["Event"]).removeprefix("SparkListener") for one in found]
    assert names[0] == "LogStart"
    assert names[-1] == "ApplicationEnd"
    assert names.count("JobStart") == names.count("JobEnd") == 3
    ended = [one["Task Info"] for one in found if one["Event"] == "SparkListenerTaskEnd"]
    assert [task["Task ID"] for task in ended] == list(range(15))  # type: ignore[index]  # JSON


def test_its_environment_holds_the_command() -> None:
    """By which a job's application is told from others."""
    (environment,) = [
        one
        for one in events(Application("app", command="clean.py --day x"))
        if one["Event"] == "SparkListenerEnvironmentUpdate"
    ]

    properties = environment["System Properties"]
    assert properties["sun.java.command"].endswith(" clean.py --day x")  # type: ignore[index]  # JSON


def test_tasks_are_as_large_as_spark_s(tmp_path: Path) -> None:
    """About four kilobytes a task: sixty thousand make a quarter of a gigabyte."""
    log = Application("app", jobs=2, tasks=500).write(tmp_path)

    assert log.name == "app"
    assert 4_200 < log.stat().st_size / 1000 < 5_000

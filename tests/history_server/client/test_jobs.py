from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.jobs import (
    Job,
    find_job,
    look_again,
    matching,
)
from cdk_sagemaker_processing.history_server.client.pages import Pages
from tests.history_server.client.fakes import (
    APP,
    DENIED,
    NOW,
    Api,
    SageMaker,
    command,
    refusal,
    serving,
)


def found(**described: object) -> Job:
    sagemaker = SageMaker()
    sagemaker.add("features-1", **described)
    return find_job(sagemaker, "features-1")


def specification(
    *words: str, image: str = "my-image", arguments: tuple[str, ...] = ()
) -> dict[str, object]:
    return {
        "AppSpecification": {
            "ImageUri": image,
            "ContainerEntrypoint": list(words),
            "ContainerArguments": list(arguments),
        }
    }


def test_a_job_is_found_by_its_name() -> None:
    """With its times, its application and where its event logs go."""
    job = found()
    assert (job.name, job.status, job.is_over, job.is_spark) == (
        "features-1",
        "Completed",
        True,
        True,
    )
    assert (job.started, job.ended) == (NOW, NOW + timedelta(minutes=10))
    assert job.application == (APP, "--day", "monday")
    assert job.event_logs == ("s3://logs/spark-events/",)


def test_a_beginning_names_the_newest_job_of_it() -> None:
    """Steps give their jobs names that begin alike."""
    sagemaker = SageMaker()
    for name in ("features-1", "features-2", "my-features-3"):
        sagemaker.add(name)
    assert find_job(sagemaker, "features").name == "features-2"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("eatures", "there are: features-2, features-1$"),
        ("faetures-1", "there are: features-1, features-2"),
        ("zzz", "there are: split-1, features-2, features-1$"),
    ],
)
def test_a_job_that_is_not_there_is_told_with_those_near(asked: str, told: str) -> None:
    """A slip in a name costs nobody a search."""
    sagemaker = SageMaker()
    for name in ("features-1", "features-2", "split-1"):
        sagemaker.add(name)
    with pytest.raises(
        HistoryError, match=f"no processing job is named {asked} or begins .*{told}"
    ):
        find_job(sagemaker, asked)


def test_without_any_job_that_is_told() -> None:
    """As in a region that nobody uses."""
    with pytest.raises(HistoryError, match=r"begins so in this region, nor any other$"):
        find_job(SageMaker(), "features")


def test_who_may_not_describe_jobs_is_told_so() -> None:
    """It is no missing job."""

    class Denied(SageMaker):
        def describe_processing_job(self, **_: object) -> dict[str, object]:
            told = DENIED.format("sagemaker:DescribeProcessingJob")
            raise refusal("DescribeProcessingJob", "AccessDeniedException", told)

    with pytest.raises(HistoryError, match=r"not allowed: .* sagemaker:DescribeProcessingJob"):
        find_job(Denied(), "features")


def test_a_job_is_looked_at_again() -> None:
    """It may have started or ended since."""
    sagemaker = SageMaker()
    sagemaker.add("features-1", ProcessingJobStatus="InProgress")
    job = find_job(sagemaker, "features-1")
    assert not job.is_over
    sagemaker.next_states = [{"ProcessingJobStatus": "Failed"}]
    assert look_again(sagemaker, job).is_over


def test_options_of_the_submission_are_not_the_application() -> None:
    """Whether their values stand apart or not, and flags have none."""
    words = ["/usr/bin/smspark-submit", "--verbose", "--class", "a.B", "--jars=s3://b/x.jar", "-v"]
    job = found(**specification(*words, "--", "app.jar", arguments=("--class", "other")))
    assert job.application == ("app.jar", "--class", "other")
    assert found(**specification("smspark-submit", "--verbose")).application == ()


def test_where_the_submission_writes_event_logs_counts() -> None:
    """The SDK's older way, beside an output of the logs' folder."""
    words = ["smspark-submit", "--spark-event-logs-s3-uri", "s3://old/logs/", "app.py"]
    job = found(ProcessingOutputConfig={}, **specification(*words))
    assert job.event_logs == ("s3://old/logs/",)


def test_a_job_of_another_image_runs_no_spark() -> None:
    """Unless its image's name says so: its command is then its own."""
    assert not found(**specification("python3", "split.py", image="sklearn:1")).is_spark
    own = found(**specification("run.sh", image="my-spark:1"))
    assert own.is_spark
    assert own.application == ()


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that answers."""
    with serving(Api()) as served:
        yield served


def names(job: Job, api: Api) -> list[str]:
    return [one.identity for one in matching(job, Pages(api.url))]


@pytest.mark.parametrize(
    ("began", "minutes", "fits"),
    [
        (timedelta(minutes=1), 5, True),
        (timedelta(seconds=-50), 5, True),
        (timedelta(minutes=-5), 3, False),
        (timedelta(minutes=-5), 9, False),
        (timedelta(minutes=9), 1.5, True),
        (timedelta(minutes=9), 5, False),
        (timedelta(minutes=12), 1, False),
        (timedelta(minutes=1), None, True),
        (timedelta(minutes=12), None, False),
    ],
)
def test_an_application_is_a_job_s_if_it_ran_within_its_time(
    api: Api, began: timedelta, minutes: int | None, fits: bool
) -> None:
    """To a minute: each has its own clock. One whose log has no end yet may still be it."""
    api.add("app-1", NOW + began, minutes)
    assert names(found(), api) == (["app-1"] if fits else [])


def test_an_application_is_a_job_s_if_it_ran_the_job_s_command(api: Api) -> None:
    """Jobs that run side by side differ in it."""
    api.add("tuesday", told=command(APP, "--day", "tuesday"))
    api.add("more", told=command(APP, "--day", "monday", "--fast"))
    api.add("other", told=command("/opt/ml/processing/input/code/old-features.py --day monday"))
    api.add("fetched", told=command("/opt/elsewhere/features.py", "--day", "monday"))
    assert names(found(), api) == ["fetched"]


def test_a_command_that_spark_hides_leaves_the_times(api: Api) -> None:
    """It hides all of a line in which it sees a secret; other images have lines of their own."""
    api.add("hidden", told="*********(redacted)")
    assert names(found(), api) == ["hidden"]
    api.add("mine", told=command("whatever.py"))
    own = found(**specification("run.sh", image="my-spark:1"))
    assert set(names(own, api)) == {"hidden", "mine"}


def test_the_nearest_of_the_same_comes_first(api: Api) -> None:
    """Of a Map's iterations that run the same at the same time."""
    for name, minute, minutes in (("late", 3, 6), ("near", 1, 8), ("short", 1, 2)):
        api.add(name, NOW + timedelta(minutes=minute), minutes)
    assert names(found(), api) == ["near", "late", "short"]


def test_a_job_that_has_not_started_has_no_application(api: Api) -> None:
    """Its machines are still being made."""
    api.add("app-1")
    waiting = found(ProcessingJobStatus="InProgress", ProcessingStartTime=None)
    assert names(waiting, api) == []
    running = found(ProcessingJobStatus="InProgress", ProcessingEndTime=None)
    assert names(running, api) == ["app-1"]


words = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=8)


@settings(deadline=None)  # a server answers over the network
@given(st.lists(words, max_size=4), st.lists(words, max_size=4))
def test_a_job_s_own_command_always_fits(arguments: list[str], others: list[str]) -> None:
    """Whatever its arguments; and another one's only if it ends in the same words."""
    job = found(**specification("smspark-submit", APP, arguments=tuple(arguments)))
    with serving(Api()) as api:
        api.add("own", told=command(APP, *arguments))
        api.add("other", told=command(APP, *others))
        fitting = names(job, api)
    assert "own" in fitting
    if "(redacted)" not in " ".join(others):
        assert ("other" in fitting) == (arguments == others)


def test_times_are_told_in_any_zone(api: Api) -> None:
    """boto3 gives this machine's zone."""
    local = datetime.fromisoformat("2026-01-05T13:00:00+01:00")
    api.add("app-1")
    assert names(found(ProcessingStartTime=local), api) == ["app-1"]

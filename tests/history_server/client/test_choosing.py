from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from cdk_sagemaker_processing.history_server.client.choosing import (
    application_named,
    application_of,
    check_job,
    list_page,
)
from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.jobs import find_job
from cdk_sagemaker_processing.history_server.client.reaching import Way, reach
from cdk_sagemaker_processing.history_server.client.starting import running_task
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError
from tests.history_server.client.fakes import NOW, SERVER, Api, Aws, reachable, serving


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that answers."""
    with serving(Api()) as served:
        yield served


@pytest.fixture
def aws(api: Api) -> Aws:
    """A task that runs the server."""
    made = Aws()
    made.ecs.add(**reachable(api.port))
    return made


@pytest.fixture
def way(aws: Aws) -> Way:
    """The way to the server."""
    return reach(aws.opening(), running_task(aws.opening()), 1)


def test_the_list_waits_for_a_first_log(aws: Aws, api: Api, way: Way) -> None:
    """A server that has just come up has read none."""
    aws.time.on_sleep = [lambda: None, lambda: api.add("app-1")]
    assert list_page(way) == f"{api.url}/"
    assert aws.time.seconds == 2


def test_where_there_are_no_logs_the_list_is_shown_all_the_same(aws: Aws, api: Api) -> None:
    """After a quarter of a minute."""
    assert list_page(reach(aws.opening(), running_task(aws.opening()), 1)) == f"{api.url}/"
    assert 15 <= aws.time.seconds <= 16


def test_an_application_is_waited_for(aws: Aws, api: Api, way: Way) -> None:
    """The mirror may be copying its log."""
    aws.time.on_sleep = [lambda: None, lambda: api.add("app-1")]
    assert application_named(way, "app-1").identity == "app-1"


def test_an_application_that_is_not_listed_is_told_with_those_that_are(
    aws: Aws, api: Api, way: Way
) -> None:
    """After a minute."""
    with pytest.raises(HistoryError, match=r"^no application app-2 is listed; nothing is listed$"):
        application_named(way, "app-2")
    assert 60 <= aws.time.seconds <= 61
    api.add("app-1")
    with pytest.raises(HistoryError, match=r"listed are: app-1 \(app-1's name\)$"):
        application_named(way, "app-2")


def test_a_log_is_waited_for_while_older_ones_are_copied(aws: Aws, api: Api, way: Way) -> None:
    """Ten gigabytes take minutes, the newest first; a minute after the last, it is not there."""
    (arn,) = aws.ecs.tasks
    aws.logs.write("mirror", arn, "INFO first sync: 9 logs (9,000.0 MiB), to be fetched 9 logs")
    way.watch.look()
    later = [lambda: None] * 149
    aws.time.on_sleep = [*later, lambda: api.add("app-1")]
    assert application_named(way, "app-1").identity == "app-1"
    assert aws.time.seconds == 150

    done = partial(aws.logs.write, "mirror", arn, "INFO first sync done: 9 logs in 200 s")
    aws.time.on_sleep = [*later, done]
    with pytest.raises(HistoryError, match="no application app-2 is listed"):
        application_named(way, "app-2")
    assert 150 + 60 <= aws.time.seconds - 150 <= 150 + 120


def test_the_application_of_a_job(aws: Aws, api: Api, way: Way) -> None:
    """That of others is passed over; of the same, those that fit less are told."""
    aws.sagemaker.add("features-1")
    job = find_job(aws.sagemaker, "features-1")
    api.add("other", told="SparkSubmit other.py")
    api.add("app-1")
    assert application_of(way, job).identity == "app-1"
    assert aws.told == []
    api.add("app-2", NOW + timedelta(minutes=2), 2)
    assert application_of(way, job).identity == "app-1"
    assert aws.told == ["app-1 fits job features-1 best by its times; the same ran as app-2."]


def test_the_log_of_a_running_job_is_waited_for(aws: Aws, api: Api, way: Way) -> None:
    """For however long it takes to start."""
    aws.sagemaker.add(
        "features-1",
        ProcessingJobStatus="InProgress",
        ProcessingStartTime=None,
        ProcessingEndTime=None,
    )
    job = find_job(aws.sagemaker, "features-1")
    aws.sagemaker.next_states = [*[{}] * 40, {"ProcessingStartTime": NOW}]
    aws.time.on_sleep = [*[lambda: None] * 200, lambda: api.add("app-1", minutes=None)]
    assert application_of(way, job).identity == "app-1"
    assert "job features-1 is InProgress: waiting for its event log" in aws.reported


def test_a_job_that_ends_without_a_log_is_given_up(aws: Aws, way: Way) -> None:
    """A minute after its end, with where its logs should be."""
    aws.sagemaker.add("features-1", ProcessingJobStatus="InProgress")
    job = find_job(aws.sagemaker, "features-1")
    aws.sagemaker.next_states = [{}, {}, {"ProcessingJobStatus": "Failed"}]
    told = (
        r"no event log of job features-1 came, which is Failed: .* in s3://logs/spark-events/; no"
    )
    with pytest.raises(HistoryError, match=told):
        application_of(way, job)
    assert 60 <= aws.time.seconds < 80


def test_a_task_that_ends_while_a_log_is_waited_for_is_told(aws: Aws, way: Way) -> None:
    """Whatever was waited for."""
    aws.sagemaker.add("features-1")
    job = find_job(aws.sagemaker, "features-1")
    aws.time.on_sleep = [lambda: aws.ecs.end(way.watch.task.arn, "too old")]
    with pytest.raises(TaskEndedError, match="too old"):
        application_of(way, job)


@pytest.mark.parametrize(
    ("described", "told"),
    [
        (
            {"AppSpecification": {"ImageUri": "sklearn:1", "ContainerEntrypoint": ["python3"]}},
            "job features-1 runs no Spark: it has no page in a History Server",
        ),
        ({"ProcessingOutputConfig": {}}, "job features-1 keeps no event logs: its step must not"),
    ],
)
def test_a_job_that_can_have_no_log_is_refused_before_anything_starts(
    described: dict[str, object], told: str
) -> None:
    """Waiting would be in vain."""
    aws = Aws()
    aws.sagemaker.add("features-1", **described)
    with pytest.raises(HistoryError, match=told):
        check_job(SERVER, find_job(aws.sagemaker, "features-1"))


def test_a_job_whose_logs_are_elsewhere_is_refused() -> None:
    """Both places are told."""
    aws = Aws()
    aws.sagemaker.add("features-1")
    job = find_job(aws.sagemaker, "features-1")
    check_job(SERVER, job)
    elsewhere = replace(SERVER, sources=("s3://a/", "s3://b/"))
    told = (
        r"leaves its event logs in s3://logs/spark-events/, and Flights/History shows those of s3:"
    )
    with pytest.raises(HistoryError, match=f"{told}//a/, s3://b/: add the place to its event_logs"):
        check_job(elsewhere, job)

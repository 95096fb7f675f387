import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import ProcessingService, ServiceError
from tests.local.jobs.conftest import NewService
from tests.local.jobs.fakes import FakeEnvironments, application, request
from tests.waiting import until

DAY = timedelta(days=1)


def test_create_answers_with_the_arn_and_the_job_completes(service: ProcessingService) -> None:
    """A job that succeeds is Completed, its four times set in order."""
    arn = service.create(request("first"))["ProcessingJobArn"]
    job = service.wait("first", 30)
    assert arn == "arn:aws:sagemaker:us-east-1:000000000000:processing-job/first"
    assert job["ProcessingJobArn"] == arn
    assert job["ProcessingJobStatus"] == "Completed"
    times = [job[f"{name}Time"] for name in ("Creation", "ProcessingStart", "ProcessingEnd")]
    assert times == sorted(times)
    assert job["LastModifiedTime"] == job["ProcessingEndTime"]
    assert all(moment.tzinfo for moment in times)


def test_describe_repeats_the_request_without_its_tags(service: ProcessingService) -> None:
    """It has no Tags; the rest is in it as it was given, and the default of the time limit."""
    given = request("described", Environment={"A": "1"}, Tags=[{"Key": "k", "Value": "v"}])
    service.create(given)
    job = service.wait("described", 30)
    assert "Tags" not in job
    assert {name: job[name] for name in given if name != "Tags"} == {
        name: value for name, value in given.items() if name != "Tags"
    }
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86_400}


def test_a_name_is_taken_for_ever(service: ProcessingService) -> None:
    """A second job of one name is ResourceInUse, even when the first is over."""
    service.create(request("twice"))
    service.wait("twice", 30)
    with pytest.raises(ServiceError, match="a job with this name already exists") as refused:
        service.create(request("twice"))
    assert refused.value.code == "ResourceInUse"


@pytest.mark.parametrize("operation", ["describe", "stop", "wait"])
def test_an_unknown_job_is_not_found(service: ProcessingService, operation: str) -> None:
    """Every operation on a job that does not exist is refused in the service's own words."""
    with pytest.raises(ServiceError) as refused:
        getattr(service, operation)("nobody")
    assert (refused.value.code, refused.value.message) == (
        "ValidationException",
        "Could not find requested job with name: nobody",
    )


def test_an_unknown_role_is_refused(service: ProcessingService) -> None:
    """A role that cannot be assumed is a ValidationException at once."""
    role = "arn:aws:iam::000000000000:role/Nobody"
    with pytest.raises(ServiceError, match=f"Could not assume role {role}") as refused:
        service.create(request(RoleArn=role))
    assert refused.value.code == "ValidationException"


def test_more_jobs_than_run_at_once_wait(new_service: NewService) -> None:
    """A job that waits is InProgress and has no start; it starts when another one is over."""
    service = new_service(max_jobs=1)
    service.create(request("long", AppSpecification=application("sleep", "60")))
    service.create(request("late"))
    waiting = service.describe("late")
    assert waiting["ProcessingJobStatus"] == "InProgress"
    assert "ProcessingStartTime" not in waiting
    service.stop("long")
    over = service.wait("late", 30)
    assert over["ProcessingJobStatus"] == "Completed"
    assert over["ProcessingStartTime"] >= service.describe("long")["ProcessingEndTime"]


def test_a_job_that_waits_can_be_stopped(new_service: NewService) -> None:
    """It is Stopped without a start, while the one that it waits for runs on."""
    service = new_service(max_jobs=1)
    service.create(request("long", AppSpecification=application("sleep", "60")))
    service.create(request("late"))
    service.stop("late")
    stopped = service.wait("late", 30)
    assert stopped["ProcessingJobStatus"] == "Stopped"
    assert "ProcessingStartTime" not in stopped
    assert service.describe("long")["ProcessingJobStatus"] == "InProgress"


def test_a_job_that_is_over_can_be_deleted(service: ProcessingService) -> None:
    """It is unknown then, its files are gone, and its name is free."""
    service.create(request("done"))
    service.wait("done", 30)
    service.delete("done")
    assert service.list({}) == {"ProcessingJobSummaries": []}
    assert not (service.home / "jobs" / "done").exists()
    service.create(request("done"))
    assert service.wait("done", 30)["ProcessingJobStatus"] == "Completed"


def test_a_job_that_runs_cannot_be_deleted(service: ProcessingService) -> None:
    """Only what is in a terminal state can; an unknown job is ResourceNotFound."""
    service.create(request("long", AppSpecification=application("sleep", "60")))
    with pytest.raises(ServiceError, match="is in status InProgress: only one that") as refused:
        service.delete("long")
    assert refused.value.code == "ResourceInUse"
    with pytest.raises(ServiceError, match="with name: nobody") as unknown:
        service.delete("nobody")
    assert unknown.value.code == "ResourceNotFound"


def test_each_change_of_status_is_announced(new_service: NewService) -> None:
    """In order, each with the description of that moment and the tags."""
    told: list[Mapping[str, Any]] = []
    service = new_service(announce=told.append)
    command = application("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done")
    tags = [{"Key": "team", "Value": "data"}]
    service.create(request("long", AppSpecification=command, Tags=tags))
    service.stop("long")
    service.stop("long")
    stopped = service.wait("long", 30)
    service.create(request("bad", AppSpecification=application("false")))
    failed = service.wait("bad", 30)
    assert [(one["ProcessingJobName"], one["ProcessingJobStatus"]) for one in told] == [
        ("long", "InProgress"),
        ("long", "Stopping"),
        ("long", "Stopped"),
        ("bad", "InProgress"),
        ("bad", "Failed"),
    ]
    assert told[2] == stopped | {"Tags": tags}
    assert told[4] == failed | {"Tags": []}


def test_an_instance_type_has_a_quota(new_service: NewService) -> None:
    """It counts the instances of running jobs; what goes beyond is refused in AWS's words."""
    service = new_service(quotas={"ml.m5.xlarge": 3})
    service.create(request("long", AppSpecification=application("sleep", "60"), **cluster(2)))
    with pytest.raises(ServiceError) as refused:
        service.create(request("late", **cluster(2)))
    assert refused.value.code == "ResourceLimitExceeded"
    assert refused.value.message.startswith(
        "The account-level service limit 'ml.m5.xlarge for processing job usage' is 3 Instances, "
        "with current utilization of 2 Instances and a request delta of 2 Instances. "
    )
    service.create(request("small", **cluster(1)))
    service.create(request("other", **cluster(9, InstanceType="ml.c5.xlarge")))
    for name in ("small", "other"):
        assert service.wait(name, 30)["ProcessingJobStatus"] == "Completed"
    service.stop("long")
    service.wait("long", 30)
    service.create(request("late", **cluster(2)))
    assert service.wait("late", 30)["ProcessingJobStatus"] == "Completed"


def test_the_first_preference_within_its_quota_is_taken(new_service: NewService) -> None:
    """As DescribeProcessingJob says; when there is none, the job is refused."""
    service = new_service(quotas={"ml.g5.xlarge": 0, "ml.m5.xlarge": 2})
    preferences = [
        {"InstanceType": "ml.g5.xlarge"},
        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
    ]
    given = {"VolumeSizeInGB": 30, "InstancePreferences": preferences}
    resources = {"ProcessingResources": {"ClusterConfig": given}}
    service.create(request("one", AppSpecification=application("sleep", "60"), **resources))
    chosen = service.describe("one")["ProcessingResources"]["ClusterConfig"]
    assert chosen == given | {"SelectedInstanceType": "ml.m5.xlarge", "SelectedInstanceCount": 2}
    with pytest.raises(ServiceError, match=r"'ml\.m5\.xlarge for processing job usage' is 2"):
        service.create(request("two", **resources))


def test_stop_goes_through_stopping(service: ProcessingService) -> None:
    """A stopped job is Stopping, then Stopped, without a FailureReason."""
    script = "trap 'sleep 0.3; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    service.create(request("stoppable", AppSpecification=application("sh", "-c", script)))
    _wait_for_line(service, "stoppable", "up")
    service.stop("stoppable")
    assert service.describe("stoppable")["ProcessingJobStatus"] == "Stopping"
    job = service.wait("stoppable", 30)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "FailureReason" not in job


def test_a_job_that_is_over_cannot_be_stopped(service: ProcessingService) -> None:
    """StopProcessingJob on a job that is over says in which status it is."""
    service.create(request("over"))
    service.wait("over", 30)
    with pytest.raises(ServiceError, match="in status Completed") as refused:
        service.stop("over")
    assert refused.value.code == "ValidationException"


def test_stop_reaches_a_job_whose_environment_is_being_made(
    service: ProcessingService, environments: FakeEnvironments
) -> None:
    """A build is given up when its job is stopped."""
    environments.hold = threading.Event()
    service.create(request("building"))
    assert environments.hold.wait(30)
    service.stop("building")
    job = service.wait("building", 30)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "ProcessingStartTime" not in job


def test_wait_gives_up_after_its_time(service: ProcessingService) -> None:
    """A wait with a timeout raises TimeoutError and leaves the job alone."""
    service.create(request("slow", AppSpecification=application("sleep", "60")))
    with pytest.raises(TimeoutError, match="slow is still InProgress"):
        service.wait("slow", 0.05)
    assert service.describe("slow")["ProcessingJobStatus"] == "InProgress"


def test_close_stops_every_job(new_service: NewService) -> None:
    """After close no job runs, none is left InProgress, and none can be created."""
    service = new_service()
    for name in ("one", "two"):
        service.create(request(name, AppSpecification=application("sleep", "60")))
    service.close()
    found = service.list({})["ProcessingJobSummaries"]
    assert [job["ProcessingJobStatus"] for job in found] == ["Stopped", "Stopped"]
    assert not [one for one in threading.enumerate() if one.name.startswith("job ")]
    with pytest.raises(ServiceError, match="shutting down"):
        service.create(request("three"))


def test_close_does_not_wait_for_the_whole_grace(new_service: NewService) -> None:
    """A job that ignores SIGTERM holds up the local cloud's end for two seconds, not for 120."""
    service = new_service(grace=120.0)
    script = "trap '' TERM; echo up; while :; do sleep 0.05; done"
    service.create(request("deaf", AppSpecification=application("sh", "-c", script)))
    _wait_for_line(service, "deaf", "up")
    started = time.monotonic()
    service.close()
    assert time.monotonic() - started < 30
    assert service.describe("deaf")["ProcessingJobStatus"] == "Stopped"


def test_list_filters_sorts_and_pages(service: ProcessingService) -> None:
    """ListProcessingJobs: by part of the name, by status, by time; sorted; page after page."""
    for name, command in (("b-good", "true"), ("a-bad", "false"), ("c-good", "true")):
        service.create(request(name, AppSpecification=application(command)))
        service.wait(name, 30)

    def names(**asked: object) -> list[str]:
        return [job["ProcessingJobName"] for job in service.list(asked)["ProcessingJobSummaries"]]

    now = datetime.now(UTC)
    assert names() == ["b-good", "a-bad", "c-good"]
    assert names(SortBy="Name", SortOrder="Descending") == ["c-good", "b-good", "a-bad"]
    assert names(NameContains="GOOD") == ["b-good", "c-good"]
    assert names(StatusEquals="Failed") == ["a-bad"]
    assert names(CreationTimeAfter=now + DAY) == names(LastModifiedTimeBefore=now - DAY) == []
    assert len(names(CreationTimeAfter=(now - DAY).timestamp())) == 3
    page = service.list({"MaxResults": 2, "SortBy": "Name"})
    assert [job["ProcessingJobName"] for job in page["ProcessingJobSummaries"]] == [
        "a-bad",
        "b-good",
    ]
    rest = service.list({"MaxResults": 2, "SortBy": "Name", "NextToken": page["NextToken"]})
    assert [job["ProcessingJobName"] for job in rest["ProcessingJobSummaries"]] == ["c-good"]
    assert "NextToken" not in rest


def test_list_refuses_what_the_api_refuses(service: ProcessingService) -> None:
    """A status that does not exist, a page of 101 and a made-up token are refused."""
    for asked in ({"StatusEquals": "Done"}, {"MaxResults": 101}, {"NextToken": "next"}):
        with pytest.raises(ServiceError) as refused:
            service.list(asked)
        assert refused.value.code == "ValidationException"


def test_tags_are_kept_and_overwritten(service: ProcessingService) -> None:
    """A job has the tags of its request; AddTags adds and overwrites, DeleteTags deletes."""
    given = request("tagged", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    arn = service.create(given)["ProcessingJobArn"]
    service.add_tags(arn, [{"Key": "b", "Value": "3"}])
    tags = {tag["Key"]: tag["Value"] for tag in service.list_tags(arn)["Tags"]}
    assert tags == {"a": "1", "b": "3"}
    service.delete_tags(arn, ["a", "absent"])
    assert service.list_tags(arn) == {"Tags": [{"Key": "b", "Value": "3"}]}


def cluster(count: int, **members: str) -> dict[str, Any]:
    """ProcessingResources of so many ml.m5.xlarge."""
    named = {"InstanceType": "ml.m5.xlarge", "InstanceCount": count, "VolumeSizeInGB": 30}
    return {"ProcessingResources": {"ClusterConfig": named | members}}


def _wait_for_line(service: ProcessingService, name: str, line: str) -> None:
    log = Path(service.home) / "jobs" / name / "log.txt"
    until(
        lambda: log.exists() and line in log.read_text().splitlines(),
        told=f"{name} never wrote {line}",
    )

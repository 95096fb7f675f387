"""Real jobs of the local AWS as the services around SageMaker see them: events, logs, remains."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.ministack.processes import descendants
from tests.local_aws import CREATE, IMAGE, REAL_CLOUD, Machines, RunningCloud, role, started
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

GROUP = "/aws/sagemaker/ProcessingJobs"
OVER = ("Completed", "Failed", "Stopped")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A local AWS that runs real jobs."""
    with started(tmp_path_factory.mktemp("cloud"), program=REAL_CLOUD) as running:
        yield running


@pytest.fixture(scope="module")
def sagemaker(cloud: RunningCloud) -> Any:
    return cloud.client("sagemaker")


@pytest.fixture(scope="module")
def logs(cloud: RunningCloud) -> Any:
    return cloud.client("logs")


@pytest.fixture(scope="module")
def machines(cloud: RunningCloud) -> Machines:
    return Machines(cloud.client("stepfunctions"))


@pytest.fixture(scope="module")
def request_for(cloud: RunningCloud) -> Callable[..., dict[str, Any]]:
    """A request for a job of a name that begins with the one given."""
    job_role = role(cloud, "sagemaker.amazonaws.com")

    def build(prefix: str, *command: str) -> dict[str, Any]:
        cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        return {
            "ProcessingJobName": f"{prefix}-{uuid.uuid4()}",
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": list(command)},
            "RoleArn": job_role,
        }

    return build


@pytest.fixture(scope="module")
def run_job(sagemaker: Any, request_for: Any) -> Callable[..., dict[str, Any]]:
    """Runs a job to its end, and describes it."""

    def run(prefix: str, *command: str, **members: Any) -> dict[str, Any]:
        request = request_for(prefix, *command) | members
        sagemaker.create_processing_job(**request)

        def described() -> Any:
            job = sagemaker.describe_processing_job(ProcessingJobName=request["ProcessingJobName"])
            return job if job["ProcessingJobStatus"] in OVER else None

        return dict(until(described, seconds=60))

    return run


@dataclass(frozen=True)
class Left:
    """What the process of a local AWS holds.

    Attributes:
        processes: How many processes descend from it.
        threads: How many threads it has.
        descriptors: How many files, pipes and connections it has open.
    """

    processes: int
    threads: int
    descriptors: int

    @classmethod
    def of(cls, cloud: RunningCloud) -> "Left":
        """Count what it holds now."""
        process = Path("/proc", str(cloud.process.pid))
        counts = (len(list((process / name).iterdir())) for name in ("task", "fd"))
        return cls(len(descendants(cloud.process.pid)), *counts)

    def no_more_than(self, other: "Left") -> bool:
        """Whether each count is at most the other's."""
        mine, others = astuple(self), astuple(other)
        return all(one <= most for one, most in zip(mine, others, strict=True))


def rule(cloud: RunningCloud, pattern: dict[str, Any]) -> tuple[Any, str]:
    """Deploy a rule with a queue as its target; return SQS and the queue's URL."""
    sqs, formation = cloud.client("sqs"), cloud.client("cloudformation")
    name = f"events-{uuid.uuid4()}"
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}
    target = {"Id": "Queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    found = {"Type": "AWS::Events::Rule"}
    properties = {"EventPattern": pattern, "State": "ENABLED", "Targets": [target]}
    resources = {"Queue": queue, "Rule": {**found, "Properties": properties}}
    formation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    return sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"]


def received(sqs: Any, url: str, count: int) -> list[dict[str, Any]]:
    """Return the first events that come to a queue."""
    events: list[dict[str, Any]] = []

    def enough() -> bool:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        events.extend(json.loads(message["Body"]) for message in answer.get("Messages", ()))
        return len(events) >= count

    until(enough)
    return events


def test_each_status_of_a_job_is_an_event(cloud: RunningCloud, run_job: Any) -> None:
    """A deployed rule gets the events that the developer guide shows, in order."""
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {"ProcessingJobName": [{"prefix": "told-"}]},
    }
    sqs, url = rule(cloud, pattern)
    run_job("untold", "true")
    job = run_job("told", "true", Tags=[{"Key": "team", "Value": "data"}])
    begun, ended = received(sqs, url, 2)
    assert [one["detail"]["ProcessingJobStatus"] for one in (begun, ended)] == [
        "InProgress",
        "Completed",
    ]
    assert ended["source"] == "aws.sagemaker"
    assert ended["detail-type"] == "SageMaker Processing Job State Change"
    assert ended["resources"] == [job["ProcessingJobArn"]]
    assert (ended["account"], ended["region"]) == ("000000000000", "us-east-1")
    times = ("CreationTime", "LastModifiedTime", "ProcessingStartTime", "ProcessingEndTime")
    plain = {name: value for name, value in job.items() if name not in {"ResponseMetadata", *times}}
    moments = {name: round(job[name].timestamp() * 1000) for name in times}
    assert ended["detail"] == plain | moments | {"Tags": {"team": "data"}}


def test_a_failed_job_starts_a_machine(
    cloud: RunningCloud, machines: Machines, run_job: Any
) -> None:
    """A rule on failures gives the event, with its FailureReason, to a state machine."""
    states, events = cloud.client("stepfunctions"), cloud.client("events")
    only = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}
    machine = machines.create(only)
    detail = {"ProcessingJobStatus": ["Failed"], "ProcessingJobName": [{"prefix": "bad-"}]}
    pattern = {"source": ["aws.sagemaker"], "detail": detail}
    events.put_rule(Name="failures", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="failures", Targets=[{"Id": "Machine", "Arn": machine}])
    job = run_job("bad", "false")
    (execution,) = until(
        lambda: states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")[
            "executions"
        ]
    )
    given = json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"])
    assert given["detail"]["FailureReason"] == job["FailureReason"]
    assert given["detail"]["FailureReason"].startswith("AlgorithmError: ")


def test_a_jobs_log_is_found_by_its_name_and_read_by_pages(logs: Any, run_job: Any) -> None:
    """The stream is named as SageMaker names it; GetLogEvents goes on where a page ended."""
    job = run_job("talker", "sh", "-c", "for n in 1 2 3 4 5; do echo line $n; done")
    name = job["ProcessingJobName"]
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")[
        "logStreams"
    ]
    host, _, created = stream["logStreamName"].removeprefix(f"{name}/algo-").partition("-")
    assert host == "1"
    assert abs(int(created) - job["CreationTime"].timestamp()) < 60
    place = {"logGroupName": GROUP, "logStreamName": stream["logStreamName"]}
    read: list[str] = []
    page = logs.get_log_events(**place, startFromHead=True, limit=2)
    while page["events"]:
        assert len(page["events"]) <= 2
        read += [event["message"] for event in page["events"]]
        page = logs.get_log_events(**place, limit=2, nextToken=page["nextForwardToken"])
    assert [line for line in read if line.startswith("line")] == [f"line {n}" for n in range(1, 6)]


def test_logs_are_filtered_by_prefix_and_page(logs: Any, run_job: Any) -> None:
    """FilterLogEvents takes the streams of a prefix; a page has a token while there is more."""
    script = "for n in 1 2 3 4 5 6 7; do echo part $n; done"
    names = [run_job("many", "sh", "-c", script)["ProcessingJobName"] for _ in range(2)]
    asked = {"logGroupName": GROUP, "filterPattern": "part"}
    pages = logs.get_paginator("filter_log_events").paginate(
        **asked, logStreamNamePrefix=f"{names[0]}/", PaginationConfig={"PageSize": 3}
    )
    found = [event for page in pages for event in page["events"]]
    assert [event["message"] for event in found] == [f"part {n}" for n in range(1, 8)]
    assert len({event["eventId"] for event in found}) == 7
    assert {event["logStreamName"].partition("/")[0] for event in found} == {names[0]}
    both = logs.filter_log_events(**asked, logStreamNamePrefix="many-")["events"]
    assert {event["logStreamName"].partition("/")[0] for event in both} == set(names)
    assert logs.filter_log_events(**asked, logStreamNamePrefix="none-")["events"] == []


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"nextToken": "x"}, "The specified nextToken is invalid."),
        (
            {"logStreamNamePrefix": "a", "logStreamNames": ["a"]},
            "Cannot specify both logStreamNames and logStreamNamePrefix.",
        ),
    ],
)
def test_a_wrong_filter_of_logs_is_refused(logs: Any, members: Any, message: str) -> None:
    """An InvalidParameterException, as from CloudWatch Logs."""
    with pytest.raises(logs.exceptions.InvalidParameterException, match=message):
        logs.filter_log_events(logGroupName=GROUP, **members)


def test_insights_still_shows_an_event_whole(logs: Any, run_job: Any) -> None:
    """A record of Logs Insights is made when it is asked for: GetLogRecord knows its pointer."""
    job = run_job("seen", "echo", "look at me")
    begun = int(job["CreationTime"].timestamp())
    query = logs.start_query(
        logGroupName=GROUP,
        startTime=begun - 5,
        endTime=begun + 60,
        queryString="fields @ptr, @message | filter @message like /look at me/",
    )
    result = until(
        lambda: (
            (found := logs.get_query_results(queryId=query["queryId"]))["status"] == "Complete"
            and found
        )
    )
    (row,) = result["results"]
    pointer = {cell["field"]: cell["value"] for cell in row}["@ptr"]
    record = logs.get_log_record(logRecordPointer=pointer)["logRecord"]
    assert record["@message"] == "look at me"
    assert record["@logStream"].startswith(f"{job['ProcessingJobName']}/algo-1-")


def task(request: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    name = request.pop("ProcessingJobName")
    named = {"ProcessingJobName.$": f"States.Format('{name[:20]}-{{}}', States.UUID())"}
    resource = {"Type": "Task", "Resource": f"{CREATE}.sync", "ResultPath": None}
    return {**resource, "Parameters": request | named, **after}


def test_many_executions_leave_nothing_behind(
    cloud: RunningCloud, machines: Machines, request_for: Any
) -> None:
    """After 12 at once, of three jobs each, no process, thread, descriptor or data is left."""
    names = ["A", "B", "C"]
    afters: list[dict[str, Any]] = [{"Next": "B"}, {"Next": "C"}, {"End": True}]
    definition = {
        "StartAt": "A",
        "States": {
            name: task(request_for("noop", "true"), after)
            for name, after in zip(names, afters, strict=True)
        },
    }
    machine = machines.create(definition)
    machines.end(machines.start_again(machine))
    before = Left.of(cloud)
    runs = [machines.start_again(machine) for _ in range(12)]
    assert {machines.end(run)["status"] for run in runs} == {"SUCCEEDED"}
    until(lambda: Left.of(cloud).no_more_than(before))
    jobs = cloud.home / "000000000000" / "us-east-1" / "jobs"
    left = {path.name for folder in jobs.glob("noop-*") for path in folder.iterdir()}
    assert left == {"log.txt"}
    assert not [
        line for line in Path("/proc/self/mounts").read_text().splitlines() if str(jobs) in line
    ]

"""The AWS that a History Server's client asks, and the server it reaches; and time that flies."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.history_server.client.found import Server
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.runs.clock import Clock

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
FAMILY = "Flights-History"
DEFINITION = f"arn:aws:ecs:eu-west-1:111122223333:task-definition/{FAMILY}:3"
SERVER = Server(
    path="Flights/History",
    stack="Flights",
    cluster="flights",
    family=FAMILY,
    subnets=("subnet-1",),
    security_groups=("sg-1",),
    assign_public_ip="ENABLED",
    log_group="/flights/history",
    newest=DEFINITION,
    sources=("s3://logs/spark-events/",),
    idle_minutes=30,
)
DENIED = "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: {}"


def output(server: Server, **other: Any) -> str:
    """The value of a stack's output that describes a server."""
    return json.dumps(
        {
            "historyServer": 1,
            "path": server.path,
            "cluster": server.cluster,
            "taskDefinition": server.family,
            "subnets": server.subnets,
            "securityGroups": server.security_groups,
            "assignPublicIp": server.assign_public_ip,
            "logGroup": server.log_group,
            "service": server.service,
            "url": server.url,
            "taskDefinitionArn": server.newest,
            "sources": server.sources,
            "idleMinutes": server.idle_minutes,
            **other,
        }
    )


def refusal(operation: str, code: str, message: str) -> ClientError:
    """What boto3 raises where AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Time:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.on_sleep: list[Callable[[], None]] = []

    def sleep(self, seconds: float) -> None:
        """Let it pass; what was to happen next happens."""
        self.seconds += seconds
        if self.on_sleep:
            self.on_sleep.pop(0)()

    @property
    def clock(self) -> Clock:
        """It, as the client takes it."""
        return Clock(now=lambda: self.seconds, sleep=self.sleep)


class CloudFormation:
    """Stacks with their outputs."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[str]] = {}
        self.denied = False

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return one stack."""
        if StackName not in self.stacks:
            told = f"Stack with id {StackName} does not exist"
            raise refusal("DescribeStacks", "ValidationError", told)
        return {"Stacks": [self._stack(StackName)]}

    def get_paginator(self, name: str) -> "CloudFormation":
        """Page all stacks."""
        assert name == "describe_stacks"
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Return a stack a page."""
        if self.denied:
            told = DENIED.format("cloudformation:DescribeStacks")
            raise refusal("DescribeStacks", "AccessDenied", told)
        for name in self.stacks:
            yield {"Stacks": [self._stack(name)]}

    def _stack(self, name: str) -> dict[str, Any]:
        values = self.stacks[name]
        if not values:
            # A stack without outputs has no such member.
            return {"StackName": name}
        outputs = [{"OutputKey": f"O{at}", "OutputValue": value} for at, value in enumerate(values)]
        return {"StackName": name, "Outputs": outputs}


class Ecs:
    """Tasks of one cluster, which ECS starts and stops as its documentation says.

    Attributes:
        tasks: The tasks by their ARNs, as DescribeTasks tells of them.
        next_states: What a task is at the coming looks, by its ARN.
        first_states: The same, for tasks to come.
        requests: The requests of RunTask.
        before_run: Called before each RunTask.
    """

    def __init__(self) -> None:
        self.meta = SimpleNamespace(endpoint_url="https://ecs.eu-west-1.amazonaws.com")
        self.tasks: dict[str, dict[str, Any]] = {}
        self.first_states: list[dict[str, Any]] = []
        self.next_states: dict[str, list[dict[str, Any]]] = {}
        self.requests: list[dict[str, Any]] = []
        self.before_run: Callable[[], Any] = lambda: None
        self.hidden: set[str] = set()
        self.failures: list[dict[str, str]] = []
        self.refused: ClientError | None = None
        self._by_token: dict[str, tuple[dict[str, Any], str]] = {}
        self._lock = threading.Lock()

    def add(self, **state: Any) -> str:
        """Add a task that runs, or is what the state says, and return its ARN."""
        number = len(self.tasks) + 1
        arn = f"arn:aws:ecs:eu-west-1:111122223333:task/flights/task{number}"
        self.tasks[arn] = {
            "taskArn": arn,
            "taskDefinitionArn": DEFINITION,
            "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING",
            "createdAt": NOW + timedelta(seconds=number),
            "containers": [
                {"name": "mirror", "lastStatus": "RUNNING"},
                {"name": "server", "lastStatus": "RUNNING"},
            ],
            **state,
        }
        return arn

    def end(self, arn: str, reason: str = "it ended", mirror: int = 0) -> None:
        """Let a task end."""
        self.tasks[arn] |= ended(reason, mirror)

    def get_paginator(self, name: str) -> "Ecs":
        """Page tasks."""
        assert name == "list_tasks"
        return self

    def paginate(self, *, cluster: str, desiredStatus: str, **of: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's name
        """Return a task a page."""
        assert cluster == SERVER.cluster
        assert list(of.values()) in ([FAMILY], ["history-service"])
        with self._lock:
            arns = [
                arn
                for arn, task in self.tasks.items()
                if task["desiredStatus"] == desiredStatus and arn not in self.hidden
            ]
        for arn in arns:
            yield {"taskArns": [arn]}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> dict[str, Any]:
        """Return tasks, each in its next state."""
        assert cluster == SERVER.cluster
        with self._lock:
            for arn in tasks:
                waiting = self.next_states.get(arn)
                if waiting:
                    self.tasks[arn] |= waiting.pop(0)
            return {"tasks": [dict(self.tasks[arn]) for arn in tasks if arn in self.tasks]}

    def run_task(self, *, clientToken: str, **request: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Start a task, or return the one that a token has started."""
        self.before_run()
        if self.refused:
            raise self.refused
        with self._lock:
            self.requests.append({"clientToken": clientToken, **request})
            if self.failures:
                return {"tasks": [], "failures": self.failures}
            known = self._by_token.get(clientToken)
            if known is None:
                arn = self.add(lastStatus="PROVISIONING", containers=[])
                self.next_states[arn] = [dict(state) for state in self.first_states]
                self._by_token[clientToken] = (request, arn)
            else:
                before, arn = known
                if before != request:
                    raise refusal("RunTask", "ConflictException", "the token is in use")
            task = self.tasks[arn]
            if task["lastStatus"] == "STOPPED":
                # Of such a one it says no more.
                told = ("taskArn", "lastStatus", "desiredStatus")
                return {"tasks": [{name: task[name] for name in told}], "failures": []}
            return {"tasks": [dict(task)], "failures": []}

    def stop_task(self, *, cluster: str, task: str, reason: str) -> dict[str, Any]:
        """Begin to stop a task."""
        assert cluster == SERVER.cluster
        with self._lock:
            self.tasks[task] |= {"desiredStatus": "STOPPED", "lastStatus": "DEACTIVATING"}
            self.next_states[task] = [{}, ended(reason, 0)]
        return {}


def ended(reason: str, mirror: int) -> dict[str, Any]:
    """The state of a task that has ended."""
    return {
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stoppedAt": NOW + timedelta(hours=1),
        "stoppedReason": reason,
        "containers": [
            {"name": "mirror", "lastStatus": "STOPPED", "exitCode": mirror},
            {"name": "server", "lastStatus": "STOPPED", "exitCode": 143},
        ],
    }


def reachable(port: int | None = None, **other: Any) -> dict[str, Any]:
    """The state of a task that runs, with a port of this machine's or by a tunnel."""
    bindings = {"networkBindings": [{"hostPort": port, "containerPort": 18080}]} if port else {}
    return {
        "lastStatus": "RUNNING",
        "startedAt": NOW + timedelta(minutes=1),
        "healthStatus": "HEALTHY",
        "containers": [
            {
                "name": "mirror",
                "lastStatus": "RUNNING",
                "runtimeId": "task1-0265927825",
                "managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}],
            },
            {"name": "server", "lastStatus": "RUNNING", **bindings},
        ],
        **other,
    }


class Logs:
    """Log streams, two events a page."""

    def __init__(self) -> None:
        self.streams: dict[str, list[str]] = {}
        self.denied = False

    def write(self, container: str, task: str, *lines: str) -> None:
        """Let a container of a task log lines."""
        stream = f"history/{container}/{task.rpartition('/')[2]}"
        self.streams.setdefault(stream, []).extend(lines)

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        """Return the page at a token."""
        assert request["logGroupName"] == SERVER.log_group
        assert request["startFromHead"]
        if self.denied:
            told = DENIED.format("logs:GetLogEvents")
            raise refusal("GetLogEvents", "AccessDeniedException", told)
        lines = self.streams.get(request["logStreamName"])
        if lines is None:
            told = "The specified log stream does not exist."
            raise refusal("GetLogEvents", "ResourceNotFoundException", told)
        start = int(request.get("nextToken", "0"))
        page = lines[start : start + 2]
        events = [{"message": line} for line in page]
        return {"events": events, "nextForwardToken": str(start + len(page))}


class Ssm:
    """Sessions of Systems Manager."""

    def __init__(self) -> None:
        self.meta = SimpleNamespace(
            region_name="eu-west-1", endpoint_url="https://ssm.eu-west-1.amazonaws.com"
        )
        self.refusals: list[ClientError] = []
        self.started: list[dict[str, Any]] = []
        self.terminated: list[str] = []

    def start_session(self, **request: Any) -> dict[str, Any]:
        """Start one."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.started.append(request)
        number = len(self.started)
        return {
            "SessionId": f"session-{number}",
            "TokenValue": "a secret",
            "StreamUrl": "wss://ssm",
            "ResponseMetadata": {"HTTPStatusCode": 200},
        }

    def terminate_session(self, *, SessionId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """End one."""
        self.terminated.append(SessionId)
        return {}


class SageMaker:
    """Processing jobs, oldest first."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.next_states: list[dict[str, Any]] = []

    def add(self, name: str, **described: Any) -> None:
        """Add a PySpark job that has ended, or is what the description says."""
        self.jobs[name] = job(name, **described)

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return a job, in its next state."""
        found = self.jobs.get(ProcessingJobName)
        if found is None:
            told = "Could not find requested job"
            raise refusal("DescribeProcessingJob", "ValidationException", told)
        if self.next_states:
            found |= self.next_states.pop(0)
        return dict(found)

    def list_processing_jobs(self, **request: Any) -> dict[str, Any]:
        """Return the jobs whose names contain a text, newest first."""
        assert (request["SortBy"], request["SortOrder"]) == ("CreationTime", "Descending")
        names = [name for name in reversed(self.jobs) if request.get("NameContains", "") in name]
        return {"ProcessingJobSummaries": [{"ProcessingJobName": name} for name in names]}


APP = "/opt/ml/processing/input/code/features.py"
SPARK_EVENTS = "/opt/ml/processing/spark-events"


def job(name: str, **described: Any) -> dict[str, Any]:
    """What DescribeProcessingJob says of a PySpark job that ran from 12:00 to 12:10."""
    return {
        "ProcessingJobName": name,
        "ProcessingJobStatus": "Completed",
        "CreationTime": NOW - timedelta(minutes=3),
        "ProcessingStartTime": NOW,
        "ProcessingEndTime": NOW + timedelta(minutes=10),
        "AppSpecification": {
            "ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-spark-processing:3.5",
            "ContainerEntrypoint": [
                "smspark-submit",
                "--local-spark-event-logs-dir",
                f"{SPARK_EVENTS}/",
                APP,
            ],
            "ContainerArguments": ["--day", "monday"],
        },
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "spark-events",
                    "S3Output": {"S3Uri": "s3://logs/spark-events/", "LocalPath": SPARK_EVENTS},
                }
            ]
        },
        **described,
    }


def command(app: str = APP, *arguments: str) -> str:
    """The command line of a driver, as Spark's log has it."""
    options = "org.apache.spark.deploy.SparkSubmit --master yarn --deploy-mode client"
    return " ".join([options, app, *arguments])


@dataclass(slots=True)
class Api:
    """What Spark's server answers.

    Attributes:
        url: Where it is.
        applications: What it lists.
        commands: The command line of each application's driver.
        answers: Whether it answers at all; else it says 503.
        asked: The paths that were asked.
        hidden_asks: How often it answers an empty list before it lists.
        page: What it answers to everything, if it is some other server.
    """

    url: str = ""
    applications: list[dict[str, Any]] = field(default_factory=list)
    commands: dict[str, str] = field(default_factory=dict)
    answers: bool = True
    asked: list[str] = field(default_factory=list)
    hidden_asks: int = 0
    page: str = ""

    @property
    def port(self) -> int:
        """Its port on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])

    def add(
        self,
        identity: str,
        began: datetime = NOW + timedelta(minutes=1),
        minutes: int | None = 5,
        told: str | None = None,
        attempt: str | None = None,
    ) -> None:
        """List an application, one that runs if it has no minutes."""
        ended = began + timedelta(minutes=minutes or 0)
        last: dict[str, Any] = {
            "startTimeEpoch": _milliseconds(began),
            "endTimeEpoch": _milliseconds(ended) if minutes else -1,
            "completed": minutes is not None,
            "duration": (minutes or 0) * 60_000,
            **({"attemptId": attempt} if attempt else {}),
        }
        first = {**last, "startTimeEpoch": last["startTimeEpoch"] - 1}
        self.applications.insert(
            0, {"id": identity, "name": f"{identity}'s name", "attempts": [last, first]}
        )
        self.commands[identity] = told or command(APP, "--day", "monday")

    def answer(self, path: str) -> Any:
        """Return what is at a path, None if nothing is."""
        self.asked.append(path)
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path.removeprefix("/api/v1").split("/")[1:]:
            case ["version"]:
                return {"spark": "3.5.8"}
            case ["applications"]:
                return self._listed(query)
            case ["applications", identity]:
                return next((one for one in self.applications if one["id"] == identity), None)
            case ["applications", identity, *_, "environment"]:
                return {"systemProperties": [["sun.java.command", self.commands[identity]]]}
        return None

    def _listed(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        if self.hidden_asks:
            self.hidden_asks -= 1
            return []
        since = datetime.min.replace(tzinfo=UTC)
        if "minDate" in query:
            since = datetime.strptime(query["minDate"], "%Y-%m-%dT%H:%M:%S.%fGMT").replace(
                tzinfo=UTC
            )
        found = [
            one
            for one in self.applications
            if one["attempts"][0]["startTimeEpoch"] >= _milliseconds(since)
            and (query.get("status") != "completed" or one["attempts"][0]["completed"])
        ]
        return found[: int(query.get("limit", len(found)))]


def _milliseconds(time: datetime) -> int:
    return int((time - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


@contextmanager
def serving(api: Api, port: int = 0) -> Iterator[Api]:
    """Let Spark's server answer on 127.0.0.1."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = api.answer(self.path) if api.answers else None
            status = 200 if answer is not None else 404 if api.answers else 503
            body = (api.page or json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Aws:
    """The services that a client asks, and who is told."""

    def __init__(self) -> None:
        self.cloudformation = CloudFormation()
        self.cloudformation.stacks = {"Flights": [output(SERVER)]}
        self.ecs = Ecs()
        self.logs = Logs()
        self.ssm = Ssm()
        self.sagemaker = SageMaker()
        self.time = Time()
        self.reported: list[str] = []
        self.told: list[str] = []

    def __call__(self, service: str) -> Any:
        """Return the fake of a service."""
        return getattr(self, service)

    def opening(self, server: Server = SERVER) -> Opening:
        """One person's opening of a server."""
        return Opening(self, server, self.reported.append, self.told.append, self.time.clock)

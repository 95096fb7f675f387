"""An account with workflows and their runs, as far as the commands ask of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.runs.clock import Clock
from tests.runs.fakes import DEFINITION, Aws
from tests.runs.histories import START, Event, History

MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:{}"


def refusal(operation: str, code: str, message: str = "") -> ClientError:
    """What boto3 raises where AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def output(path: str, machine: str) -> dict[str, str]:
    """The output of a stack that a workflow makes."""
    return {
        "OutputKey": "StateMachineArn",
        "OutputValue": MACHINE.format(machine),
        "Description": f"Step Functions state machine of workflow {path}",
    }


class CloudFormation:
    """Stacks with their outputs."""

    def __init__(self) -> None:
        self.stacks: dict[str, list[dict[str, str]]] = {}
        self.denied = False

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return one stack."""
        if StackName not in self.stacks:
            raise refusal("DescribeStacks", "ValidationError", f"{StackName} does not exist")
        return {"Stacks": [{"StackName": StackName, "Outputs": self.stacks[StackName]}]}

    def get_paginator(self, name: str) -> "CloudFormation":
        """Page all stacks."""
        assert name == "describe_stacks"
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Return a stack a page; one without outputs has no such member."""
        if self.denied:
            raise refusal("DescribeStacks", "AccessDenied", "no")
        for name, outputs in self.stacks.items():
            yield {"Stacks": [{"StackName": name} | ({"Outputs": outputs} if outputs else {})]}


class StepFunctions:
    """Machines of one definition and their executions, whose histories the test writes."""

    def __init__(self) -> None:
        self.definition = DEFINITION
        self.definitions: dict[str, str] = {}
        self.map_runs: dict[str, dict[str, Any]] = {}
        self.executions: dict[str, dict[str, Any]] = {}
        self.histories: dict[str, list[Event]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.on_start: list[Event] = []
        self.start_status = "RUNNING"
        self.on_stop: list[Event] = []

    def add(self, machine: str, name: str, status: str = "SUCCEEDED", **more: Any) -> str:
        """Add an execution, an hour after the one before, and return its ARN."""
        arn = f"{MACHINE.format(machine).replace(':stateMachine:', ':execution:')}:{name}"
        started = START + timedelta(hours=len(self.executions))
        ended = {} if status == "RUNNING" else {"stopDate": started + timedelta(minutes=1)}
        self.executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": MACHINE.format(machine),
            "name": name,
            "status": status,
            "startDate": started,
            "input": "{}",
            **ended,
            **more,
        }
        self.histories[arn] = []
        return arn

    def describe_state_machine(self, *, stateMachineArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return the definition."""
        self.asked.append(("describe_state_machine", {"stateMachineArn": stateMachineArn}))
        return {"definition": self.definition}

    def describe_state_machine_for_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return the definition."""
        if executionArn not in self.executions:
            raise refusal("DescribeStateMachineForExecution", "ExecutionDoesNotExist", executionArn)
        return {"definition": self.definitions.get(executionArn, self.definition)}

    def describe_map_run(self, *, mapRunArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return a Map Run."""
        self.asked.append(("describe_map_run", {"mapRunArn": mapRunArn}))
        return self.map_runs[mapRunArn]

    def list_executions(self, **request: Any) -> dict[str, Any]:
        """Return the first page of a Map Run's executions, latest first."""
        (page,) = self._list_executions(**request)
        return page

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return an execution."""
        if executionArn not in self.executions:
            raise refusal("DescribeExecution", "ExecutionDoesNotExist", executionArn)
        return self.executions[executionArn]

    def start_execution(self, **request: Any) -> dict[str, Any]:
        """Start an execution of which nothing happens but what the test writes."""
        self.asked.append(("start_execution", request))
        machine, name = request["stateMachineArn"].rpartition(":")[2], request["name"]
        if any(one["name"] == name for one in self.executions.values()):
            raise refusal("StartExecution", "ExecutionAlreadyExists", "taken")
        arn = self.add(machine, name, self.start_status, input=request["input"])
        self.histories[arn] = self.on_start
        return {"executionArn": arn, "startDate": self.executions[arn]["startDate"]}

    def stop_execution(self, **request: Any) -> dict[str, Any]:
        """Stop an execution."""
        self.asked.append(("stop_execution", request))
        arn = request["executionArn"]
        self.executions[arn] |= {"status": "ABORTED", "stopDate": datetime.now(tz=UTC)}
        self.histories[arn] += self.on_stop
        return {}

    def redrive_execution(self, **request: Any) -> dict[str, Any]:
        """Redrive an execution."""
        self.asked.append(("redrive_execution", request))
        if self.executions[request["executionArn"]].get("tooOld"):
            raise refusal("RedriveExecution", "ExecutionNotRedrivable", "It is too old")
        self.executions[request["executionArn"]] |= {"status": "RUNNING", "stopDate": None}
        return {}

    def get_paginator(self, name: str) -> Any:
        """Page histories and executions."""
        return SimpleNamespace(paginate=getattr(self, f"_{name}"))

    def _get_execution_history(
        self,
        *,
        executionArn: str,  # noqa: N803 - boto3's name
        reverseOrder: bool = False,  # noqa: N803 - boto3's name
        **_: Any,
    ) -> Iterator[dict[str, Any]]:
        yield {"events": self.histories[executionArn][:: -1 if reverseOrder else 1]}

    def _list_executions(self, **request: Any) -> Iterator[dict[str, Any]]:
        found = [
            one
            for one in self.executions.values()
            if one["stateMachineArn"] == request.get("stateMachineArn", one["stateMachineArn"])
            and one.get("mapRunArn") == request.get("mapRunArn")
            and request.get("statusFilter") in {None, one["status"]}
        ]
        most = request.get("PaginationConfig", {"MaxItems": 1000})["MaxItems"]
        # By their ends, as an emulator lists them.
        found.sort(key=lambda one: one.get("stopDate", one["startDate"]), reverse=True)
        yield {"executions": found[:most]}


class S3:
    """Objects of one bucket, by their keys."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_paginator(self, name: str) -> "S3":
        """Page the objects."""
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's names
        """Return an object a page, and an empty one."""
        assert Bucket == "outputs"
        for key, body in self.objects.items():
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "Size": len(body)}]}
        yield {}

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return the whole of an object."""
        body = self.objects[Key]
        return {"Body": SimpleNamespace(read=lambda: body)}

    def download_file(self, bucket: str, key: str, file: str) -> None:
        """Write an object to a file."""
        assert bucket == "outputs"
        with open(file, "wb") as to:  # noqa: PTH123 - as boto3 takes the file's name
            to.write(self.objects[key])


class Account(Aws):
    """An account with the workflows `Flights/Nightly`, `Shop/Nightly` and `Shop/Deep/Weekly`."""

    def __init__(self) -> None:
        super().__init__()
        self.cloudformation = CloudFormation()
        self.cloudformation.stacks = {
            "Bare": [],
            "Flights": [
                {"OutputKey": "Bucket", "OutputValue": "outputs"},
                output("Flights/Nightly", "flights"),
            ],
            "Shop": [output("Shop/Nightly", "nightly"), output("Shop/Deep/Weekly", "weekly")],
        }
        self.states = StepFunctions()
        self.s3 = S3()
        self.stopped: list[str] = []
        self.seconds = 0.0
        self.sagemaker.stop_processing_job = self._stop_job  # type: ignore[attr-defined] # a fake's call

    def __call__(self, service: str) -> Any:
        """Return the fake of a service."""
        services = {
            "cloudformation": self.cloudformation,
            "s3": self.s3,
            "stepfunctions": self.states,
        }
        return services.get(service) or super().__call__(service)

    @property
    def clock(self) -> Clock:
        """A clock that time passes on only while somebody waits."""
        return Clock(now=lambda: self.seconds, sleep=self._sleep)

    def run(self, name: str, status: str, history: History, **more: Any) -> str:
        """Add a run of `Flights/Nightly` with its history, and return its ARN."""
        arn = self.states.add("flights", name, status, **more)
        self.states.histories[arn] = history.events
        return arn

    def _sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def _stop_job(self, *, ProcessingJobName: str) -> None:  # noqa: N803 - boto3's name
        self.stopped.append(ProcessingJobName)
        self.sagemaker.jobs[ProcessingJobName]["ProcessingJobStatus"] = "Stopped"

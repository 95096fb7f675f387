"""The commands on runs whose jobs are in executions that they started."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.cli.workflows import logs
from cdk_sagemaker_processing.cli.workflows.run_view import RunView
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.report import report
from tests.runs.deployed import Account, refusal
from tests.runs.histories import History

Invoke = Callable[..., tuple[int, str]]

JOB = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync"}
PROCESSOR = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "Fit",
    "States": {"Fit": {**JOB, "End": True}},
}
FAN_OUT = json.dumps(
    {
        "StartAt": "Each",
        "States": {"Each": {"Type": "Map", "ItemProcessor": PROCESSOR, "End": True}},
    }
)
NESTING = json.dumps(
    {
        "StartAt": "Start",
        "States": {
            "Start": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "End": True,
            }
        },
    }
)
MAP_RUN = "arn:aws:states:us-east-1:111122223333:mapRun:flights/Each:1"
COUNTS = {"total": 3, "pending": 0, "succeeded": 1, "failed": 1, "timedOut": 0, "aborted": 0}


class SeenError(Exception):
    """A test has seen enough."""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """Two workflows."""
    made = Account()
    monkeypatch.setattr(boto3, "Session", lambda **_: SimpleNamespace(client=made))
    return made


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def add_item(account: Account, name: str, status: str, definition: str = FAN_OUT) -> str:
    """An item's execution, whose job wrote a line."""
    history = History()
    history.enter("Fit")
    history.submit(f"fit-{name}", history.schedule(f"fit-{name}"))
    job = {"SUCCEEDED": "Completed", "FAILED": "Failed", "RUNNING": "InProgress"}[status]
    if status == "SUCCEEDED":
        history.leave("Fit", after=history.succeed())
        history.end("ExecutionSucceeded")
    if status == "FAILED":
        history.fail(json.dumps({"FailureReason": "AlgorithmError: exit code: 1"}))
        history.end("ExecutionFailed", "States.TaskFailed", "it broke")
    arn = account.run(name, status, history, mapRunArn=MAP_RUN)
    account.states.definitions[arn] = definition
    account.sagemaker.jobs[f"fit-{name}"] = {"ProcessingJobStatus": job}
    account.logs.streams[f"fit-{name}/algo-1"] = [f"{status} {name}"]
    return arn


def add_map(account: Account, status: str, **counts: int) -> str:
    """A run of a distributed Map."""
    over = {"RUNNING": "RUNNING"}.get(status, status)
    account.states.map_runs[MAP_RUN] = {
        "status": over,
        "itemCounts": {**COUNTS, "running": 0, **counts},
        "executionCounts": {**COUNTS, "running": 0, **counts},
    }
    history = History()
    history.enter("Each", "Map")
    history.add("MapRunStarted", history.last, mapRunStartedEventDetails={"mapRunArn": MAP_RUN})
    if status == "FAILED":
        error = {"error": "States.ExceedToleratedFailureThreshold", "cause": "exceeded"}
        history.add("MapRunFailed", history.last, mapRunFailedEventDetails=error)
        history.end("ExecutionFailed", error["error"], error["cause"])
    arn = account.run("one", status, history)
    account.states.definitions[arn] = FAN_OUT
    return arn


@pytest.mark.parametrize(
    "definition", [FAN_OUT, json.dumps(PROCESSOR)], ids=["the whole machine", "the Map's"]
)
def test_a_map_s_failure_is_its_first_failed_item_s(account: Account, definition: str) -> None:
    """With the job's own error and log, and the execution to look at."""
    failed = add_item(account, "b", "FAILED", definition)
    add_item(account, "c", "FAILED", definition)
    add_map(account, "FAILED", failed=2)

    code, told = invoke("show", "one")

    assert (code, told.splitlines()) == (
        0,
        [
            "Flights/Nightly one",
            "failed, input {}",
            (
                "✗ Each (Map) failed after 3.0 s: 1 of 3 items done, 2 failed  "
                "States.ExceedToleratedFailureThreshold"
            ),
            "",
            "✗ Fit (Processing) failed: States.TaskFailed",
            "  AlgorithmError: exit code: 1",
            f"  in execution {failed}",
            "",
            "The end of its log, /aws/sagemaker/ProcessingJobs fit-b/algo-1",
            "  FAILED b",
        ],
    )
    _, document = invoke("show", "one", "--json")
    (failure,) = json.loads(document)["failures"]
    assert failure == {
        "state": "Fit",
        "executionArn": failed,
        "job": "fit-b",
        "error": "States.TaskFailed",
        "reason": "AlgorithmError: exit code: 1",
        "log": ["FAILED b"],
    }
    assert invoke("show", failed)[1].splitlines()[2:3] == [
        "✗ Fit (Processing) failed after 4.0 s: fit-b  States.TaskFailed"
    ]


def test_a_followed_map_tells_its_first_failed_item(account: Account) -> None:
    """And ends with 1."""
    failed = add_item(account, "b", "FAILED")
    arn = add_map(account, "FAILED")
    account.states.on_start = account.states.histories.pop(arn)
    del account.states.executions[arn]
    account.states.definition = FAN_OUT

    code, told = invoke("run", "Flights/Nightly", "--follow")

    assert code == 1
    assert f"  in execution {failed}\n" in told
    assert told.endswith("  FAILED b\n")


def test_a_map_s_items_are_counted_while_they_run(account: Account) -> None:
    """Its states are in other executions, and no row of this one."""
    add_map(account, "RUNNING", running=1)
    code, told = invoke("show", "one")
    assert (code, told.splitlines()[2:]) == (
        0,
        ["▸ Each (Map) running: 1 of 3 items done, 1 failed, 1 running"],
    )
    (state,) = json.loads(invoke("show", "one", "--json")[1])["states"]
    assert (state["mapRunArns"], state["executionArns"]) == ([MAP_RUN], [])
    assert state["items"] == {
        "total": 3,
        "succeeded": 1,
        "failed": 1,
        "running": 1,
        "aborted": 0,
        "executions": 3,
    }


def test_of_many_items_a_tenth_is_told_at_a_time(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a line for each of thousands."""
    arn = add_map(account, "RUNNING")
    done = iter([0, 1, 2, 50, 51, 99, 100, 1000])

    def describe(**_: object) -> dict[str, object]:
        succeeded = next(done, None)
        if succeeded is None:
            raise SeenError
        counts = {**COUNTS, "total": 1000, "failed": 0, "running": 0, "succeeded": succeeded}
        return {"status": "RUNNING", "itemCounts": counts, "executionCounts": counts}

    monkeypatch.setattr(account.states, "describe_map_run", describe)
    console = Console(file=io.StringIO(), width=60, highlight=False)
    with pytest.raises(SeenError):
        RunView(console, RunFollower(account, arn), poll_seconds=0).follow()

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        f"▸ Each (Map) running: {number} of 1,000 items done" for number in ("0", "100", "1,000")
    ]


def test_an_item_that_cannot_be_looked_at_leaves_the_map_s_own_error(account: Account) -> None:
    """An express execution has no history."""
    failed = add_item(account, "b", "FAILED")
    del account.states.executions[failed]
    add_map(account, "FAILED")
    told = invoke("show", "one")[1]
    assert "✗ Each (Map) failed: States.ExceedToleratedFailureThreshold\n  exceeded\n" in told


def test_a_refusal_to_look_at_items_is_told(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing permission must be seen."""
    add_map(account, "FAILED")

    def refuse(**_: object) -> None:
        error: ClientError = refusal("ListExecutions", "AccessDeniedException", "no")
        raise error

    monkeypatch.setattr(account.states, "list_executions", refuse)
    code, told = invoke("show", "one")
    assert (code, told.startswith("error: not allowed: ListExecutions: no")) == (1, True)


def test_logs_are_those_of_the_items_too(account: Account) -> None:
    """Or those of one state of them."""
    add_item(account, "a", "SUCCEEDED")
    add_item(account, "b", "FAILED")
    add_map(account, "FAILED")
    written = "Fit │ FAILED b\nFit │ SUCCEEDED a\n"
    assert invoke("logs", "one") == (0, written)
    assert invoke("logs", "one", "--state", "Fit") == (0, written)


def test_no_more_items_are_read_than_an_account_has_calls_for(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How to read those of another one is told."""
    monkeypatch.setattr(logs, "_MOST_CHILDREN", 2)
    for name in "abc":
        add_item(account, name, "SUCCEEDED")
    add_map(account, "SUCCEEDED")
    code, told = invoke("logs", "one")
    assert (code, told) == (
        0,
        (
            "Of 3 executions of items the newest 2 are told; of another one: "
            "sagemaker-processing logs EXECUTION_ARN\nFit │ SUCCEEDED c\nFit │ SUCCEEDED b\n"
        ),
    )


def test_a_workflow_in_a_workflow_is_looked_into(account: Account) -> None:
    """By the execution's ARN, which the task's failure names."""
    child = add_item(account, "b", "FAILED", json.dumps(PROCESSOR))
    history = History()
    history.enter("Start")
    history.fail(json.dumps({"ExecutionArn": child, "Status": "FAILED"}))
    history.end("ExecutionFailed", "States.TaskFailed", "it broke")
    parent = account.run("parent", "FAILED", history)
    account.states.definitions[parent] = NESTING

    told = invoke("show", "parent")[1]

    assert f"✗ Start (states:startExecution) failed after 2.0 s: {child}" in told
    assert f"failed: States.TaskFailed\n  AlgorithmError: exit code: 1\n  in execution {child}" in (
        told
    )
    assert invoke("logs", "parent") == (0, "Fit │ FAILED b\n")
    (state,) = json.loads(invoke("show", "parent", "--json")[1])["states"]
    assert (state["items"], state["executionArns"]) == (None, [child])


def test_a_report_counts_the_jobs_of_the_items(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of the newest ones; of how many others it does not know is told."""
    monkeypatch.setattr(report, "_MOST_CHILDREN", 2)
    account.states.meta = SimpleNamespace(  # type: ignore[attr-defined] # as boto3's clients have it
        endpoint_url="http://127.0.0.1:1"
    )
    for name, status in {"a": "SUCCEEDED", "b": "FAILED", "c": "SUCCEEDED"}.items():
        add_item(account, name, status)
    failed = next(arn for arn in account.states.executions if arn.endswith(":b"))
    add_map(account, "FAILED")

    figures = json.loads(invoke("report", "one", "--json")[1])

    (state,), (failure,) = figures["states"], figures["failures"]
    assert [job["job"] for job in state["jobs"]] == ["fit-c", "fit-b"]
    assert (state["items"]["failed"], state["untoldExecutions"]) == (1, 1)
    assert (failure["executionArn"], failure["log"]) == (failed, ["FAILED b"])
    page = tmp_path / "page.html"
    assert invoke("report", "one", "--no-browser", "--output", str(page))[0] == 0
    assert "Map, 1 of 3 items done, 1 failed" in page.read_text()
    assert "without 1 execution of items" in page.read_text()

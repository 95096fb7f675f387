"""The commands on deployed workflows, over an account that a test writes."""

import json
import re
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.cli.workflows import following, stop
from cdk_sagemaker_processing.runs.clock import Clock
from cdk_sagemaker_processing.runs.follower import RunFollower
from tests.runs.deployed import MACHINE, Account, refusal
from tests.runs.fakes import DEFINITION
from tests.runs.histories import START, History

Invoke = Callable[..., tuple[int, str, str]]

ARN = f"{MACHINE.format('flights').replace(':stateMachine:', ':execution:')}:one"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture
def account() -> Account:
    """Two workflows."""
    return Account()


@pytest.fixture
def invoke(account: Account, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run a command, and return its exit code, what it printed and its errors."""
    made = SimpleNamespace(client=account)
    monkeypatch.setattr(boto3, "Session", lambda **_: made)
    monkeypatch.setattr(stop, "Clock", lambda: account.clock)

    def run(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, arguments)
        assert not CONTROL.search(result.output)
        return result.exit_code, result.stdout, result.stderr

    return run


def succeeded(account: Account) -> History:
    """A run with one job, which left an output."""
    history = History()
    history.job("Clean", "clean-1")
    history.leave("Done", "Pass", after=history.enter("Done", "Pass"))
    history.end("ExecutionSucceeded")
    account.logs.streams["clean-1/algo-1"] = ["reading", "\x1b[31mwriting\x1b[0m"]
    account.s3.objects["run/train/a.csv"] = b"carrier,n\nAA,1\n"
    account.sagemaker.jobs["clean-1"] = {
        "ProcessingJobStatus": "Completed",
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "train",
                    "S3Output": {
                        "S3Uri": "s3://outputs/run/train",
                        "LocalPath": "/opt/ml/processing/output/train",
                    },
                }
            ]
        },
    }
    return history


def failed(account: Account) -> History:
    """A run whose job failed by an error of its script."""
    history = History()
    history.enter("Clean")
    history.submit("clean-1", history.schedule("clean-1"))
    history.fail(json.dumps({"FailureReason": "AlgorithmError: exit code: 1"}))
    history.end("ExecutionFailed", "States.TaskFailed", "it broke")
    account.logs.streams["clean-1/algo-1"] = ["reading", "Traceback", "ValueError: no tailnum"]
    account.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Failed"}
    return history


def running(account: Account) -> History:
    """A run whose job runs."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    account.logs.streams["clean-1/algo-1"] = ["reading"]
    account.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "InProgress"}
    return history


def test_a_run_is_started(account: Account, invoke: Invoke) -> None:
    """By its workflow's name; how to look at it is told."""
    code, told, _ = invoke("run", "Flights/Nightly", "--name", "one", "--input", "n=3")
    assert (code, told.splitlines()) == (
        0,
        ["Started Flights/Nightly one", "Look at it: sagemaker-processing show one"],
    )
    _, request = account.states.asked[-1]
    assert request["input"] == '{"n": 3}'


def test_the_input_may_be_a_file(account: Account, invoke: Invoke, tmp_path: Path) -> None:
    """Over which single members go."""
    file = tmp_path / "input.json"
    file.write_text('{"a": 1, "b": 1}')
    code, *_ = invoke("run", "Weekly", "--input-file", str(file), "--input", "b=2")
    assert code == 0
    assert account.states.asked[-1][1]["input"] == '{"a": 1, "b": 2}'


def test_a_followed_run_that_succeeds_ends_with_0(account: Account, invoke: Invoke) -> None:
    """Each state is told as it goes."""
    account.states.on_start = succeeded(account).events
    code, told, _ = invoke("run", "Flights/Nightly", "--name", "one", "--follow", "--logs")
    assert (code, told.splitlines()) == (
        0,
        [
            "Flights/Nightly one",
            "Clean │ reading",
            "Clean │ writing",
            "✓ Clean (SKLearn) succeeded after 4.0 s: clean-1",
            "✓ Done (Pass) succeeded after 1.0 s",
            "✓ Succeeded after 8.0 s",
        ],
    )


def test_a_followed_run_that_fails_ends_with_1_and_the_script_s_own_error(
    account: Account, invoke: Invoke
) -> None:
    """And where the whole log is."""
    account.states.on_start = failed(account).events
    code, told, _ = invoke("run", "Flights/Nightly", "--follow")
    assert (code, told.splitlines()[1:]) == (
        1,
        [
            "✗ Clean (SKLearn) failed after 4.0 s: clean-1  States.TaskFailed",
            "✗ Failed after 5.0 s",
            "",
            "✗ Clean (SKLearn) failed: States.TaskFailed",
            "  AlgorithmError: exit code: 1",
            "",
            "The end of its log, /aws/sagemaker/ProcessingJobs clean-1/algo-1",
            "  reading",
            "  Traceback",
            "  ValueError: no tailnum",
        ],
    )


@pytest.mark.parametrize("comes", [True, False])
def test_the_log_of_a_failed_job_may_come_late(
    account: Account, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, comes: bool
) -> None:
    """It is waited for, though not for long."""
    account.states.on_start = failed(account).events
    log = account.logs.streams.pop("clean-1/algo-1")
    account.sagemaker.jobs["clean-1"]["ProcessingStartTime"] = START

    def pass_time(seconds: float) -> None:
        account.seconds += seconds
        if comes and account.seconds >= 1:
            account.logs.streams["clean-1/algo-1"] = log

    clock = partial(Clock, now=lambda: account.seconds, sleep=pass_time)
    monkeypatch.setattr(following, "Clock", clock)
    code, told, _ = invoke("run", "Flights/Nightly", "--name", "one", "--follow")
    assert code == 1
    assert ("ValueError: no tailnum" in told) is comes
    assert account.seconds == (1 if comes else 5)


def test_a_followed_run_as_json_is_a_line_for_each_thing_that_happens(
    account: Account, invoke: Invoke
) -> None:
    """The last is all there is to know."""
    account.states.on_start = failed(account).events
    account.states.start_status = "FAILED"
    code, told, _ = invoke("run", "Flights/Nightly", "--name=one", "--follow", "--logs", "--json")
    begin, state, *logs, end = (json.loads(line) for line in told.splitlines())
    assert code == 1
    assert (begin["type"], begin["run"], begin["executionArn"]) == ("run", "one", ARN)
    assert (state["type"], state["state"], state["status"]) == ("state", "Clean", "failed")
    assert logs[0] == {"type": "log", "state": "Clean", "line": "reading"}
    assert (end["type"], end["status"]) == ("end", "FAILED")
    assert end["failures"] == [
        {
            "state": "Clean",
            "job": "clean-1",
            "error": "States.TaskFailed",
            "reason": "AlgorithmError: exit code: 1",
            "log": ["reading", "Traceback", "ValueError: no tailnum"],
        }
    ]


def test_ctrl_c_leaves_the_run_going(
    account: Account, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How to stop it is told, with the options that led to it."""
    account.states.on_start = running(account).events
    monkeypatch.setattr(time, "sleep", lambda _: signal.raise_signal(signal.SIGINT))
    options = ("--stack", "Flights", "--region", "eu-west-1")
    code, _, errors = invoke("run", "Nightly", "--name", "one", "--follow", "--json", *options)
    assert code == 130
    told = "sagemaker-processing stop one --stack Flights --region eu-west-1"
    assert errors == f"The run goes on. To stop it: {told}\n"
    assert [name for name, _ in account.states.asked] == [
        "describe_state_machine",
        "start_execution",
    ]


def test_a_run_that_can_no_longer_be_followed_may_go_on(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as when credentials expire; how to look again is told."""

    def expire(_: RunFollower) -> None:
        raise refusal("GetExecutionHistory", "ExpiredTokenException")

    monkeypatch.setattr(RunFollower, "poll", expire)
    code, _, errors = invoke("run", MACHINE.format("flights"), "--name", "one", "--follow")
    assert code == 1
    assert errors.startswith("error: the AWS credentials have expired: sign in again")
    assert errors.endswith(f"; the run may go on: sagemaker-processing show {ARN}\n")


def test_runs_are_listed(account: Account, invoke: Invoke) -> None:
    """Newest first, with status, start and duration."""
    account.run("one", "TIMED_OUT", History())
    account.run("second", "SUCCEEDED", History())
    code, told, _ = invoke("runs", "Flights/Nightly")
    title, second, first = told.splitlines()
    assert (code, title) == (0, "Flights/Nightly")
    assert re.fullmatch(r"✓ second  succeeded  2026-01-05 \d\d:00:00  1 min 00 s", second)
    assert re.fullmatch(r"✗ one     timed out  2026-01-05 \d\d:00:00  1 min 00 s", first)
    code, told, _ = invoke("runs", "Flights/Nightly", "--status", "timed_out", "--json")
    assert json.loads(told) == [
        {
            "run": "one",
            "workflow": "Flights/Nightly",
            "stack": "Flights",
            "executionArn": ARN,
            "stateMachineArn": MACHINE.format("flights"),
            "status": "TIMED_OUT",
            "started": "2026-01-05T12:00:00.000+00:00",
            "ended": "2026-01-05T12:01:00.000+00:00",
        }
    ]


def test_a_workflow_without_runs_says_so(invoke: Invoke) -> None:
    """And as JSON is an empty list."""
    assert invoke("runs", "Weekly")[:2] == (0, "Shop/Deep/Weekly\n  no runs\n")
    assert invoke("runs", "Weekly", "--json")[:2] == (0, "[]\n")


def test_a_run_is_shown(account: Account, invoke: Invoke) -> None:
    """State by state, whole lines where nobody's terminal is too narrow."""
    account.run("one", "RUNNING", running(account), input='{"day": "x"}')
    code, told, _ = invoke("show", "one")
    assert (code, told.splitlines()) == (
        0,
        [
            "Flights/Nightly one",
            'running, input {"day": "x"}',
            "▸ Clean (SKLearn) running: clean-1",
            "· Done (Pass) waiting",
        ],
    )


def test_a_failed_run_is_shown_with_its_log_s_end(account: Account, invoke: Invoke) -> None:
    """As when it was followed; and the exit code is that of the command, not of the run."""
    account.run("one", "FAILED", failed(account), error="States.TaskFailed", cause="it broke")
    code, told, _ = invoke("show", "Flights/Nightly")
    assert code == 0
    assert told.splitlines()[-1] == "  ValueError: no tailnum"
    code, told, _ = invoke("show", "Flights/Nightly", "--json")
    document = json.loads(told)
    assert (code, document["status"], document["cause"]) == (0, "FAILED", "it broke")
    assert [(one["state"], one["status"], one["jobs"]) for one in document["states"]] == [
        ("Clean", "failed", [{"job": "clean-1", "status": "Failed"}]),
        ("Done", "skipped", []),
    ]
    assert document["failures"][0]["log"][-1] == "ValueError: no tailnum"


@pytest.mark.parametrize("wanted", ["one", "Flights/Nightly", ARN])
def test_the_logs_of_a_run_are_told_with_their_states(
    account: Account, invoke: Invoke, wanted: str
) -> None:
    """Without what could steer a terminal."""
    account.run("one", "SUCCEEDED", succeeded(account))
    assert invoke("logs", wanted)[:2] == (0, "Clean │ reading\nClean │ writing\n")
    code, told, _ = invoke("logs", wanted, "--state", "Clean", "--json", "--follow")
    assert [json.loads(line) for line in told.splitlines()] == [
        {"state": "Clean", "job": "clean-1", "line": "reading"},
        {"state": "Clean", "job": "clean-1", "line": "writing"},
    ]
    assert code == 0


def test_the_log_of_a_job_is_told_by_the_job_s_name(account: Account, invoke: Invoke) -> None:
    """Of whichever workflow, or of none."""
    running(account)
    assert invoke("logs", "clean-1")[:2] == (0, "reading\n")


def test_a_job_s_log_is_followed_to_its_end(
    account: Account, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes last too."""
    running(account)

    def end(_: float) -> None:
        account.logs.streams["clean-1/algo-1"].append("done")
        account.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Completed"}

    monkeypatch.setattr(time, "sleep", end)
    assert invoke("logs", "clean-1", "-f")[:2] == (0, "reading\ndone\n")


def test_a_run_s_logs_are_followed_to_its_end(
    account: Account, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes last too; a job that is over is not read again."""
    history = running(account)
    arn = account.run("one", "RUNNING", history)

    def complete() -> None:
        account.logs.streams["clean-1/algo-1"].append("done")
        account.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Completed"}

    def end() -> None:
        account.logs.streams["clean-1/algo-1"].append("of another time")
        history.leave("Clean", after=history.succeed())
        history.end("ExecutionSucceeded")
        account.states.executions[arn]["status"] = "SUCCEEDED"

    coming = iter([complete, end])
    monkeypatch.setattr(time, "sleep", lambda _: next(coming)())
    assert invoke("logs", "one", "-f")[:2] == (0, "Clean │ reading\nClean │ done\n")


def test_a_job_that_one_may_not_look_at_is_told(account: Account, invoke: Invoke) -> None:
    """It is not taken for a run."""

    def refuse(**_: str) -> None:
        raise refusal("DescribeProcessingJob", "AccessDeniedException", "no such permission")

    account.sagemaker.describe_processing_job = refuse  # type: ignore[assignment, method-assign] # a fake's call
    code, told, errors = invoke("logs", "clean-1")
    assert (code, told) == (1, "")
    assert "no such permission" in errors


def test_a_state_that_runs_no_job_is_told(account: Account, invoke: Invoke) -> None:
    """With those that do."""
    account.run("one", "SUCCEEDED", succeeded(account))
    code, _, errors = invoke("logs", "one", "--state", "Done")
    assert (code, errors) == (1, "error: no state Done runs a processing job; there are: Clean\n")


def test_what_is_no_run_and_no_job_is_told(invoke: Invoke) -> None:
    """In one line."""
    code, _, errors = invoke("logs", "nothing")
    assert code == 1
    assert errors.startswith("error: no run and no workflow is named nothing in the stacks of")
    assert len(errors.splitlines()) == 1


def stoppable(account: Account) -> None:
    history = running(account)
    account.run("one", "RUNNING", history)
    history.end("ExecutionAborted")
    account.states.on_stop = [history.events.pop()]


def test_a_run_is_stopped_with_its_jobs(account: Account, invoke: Invoke) -> None:
    """What has ended is told."""
    stoppable(account)
    code, told, _ = invoke("stop", "one", "--cause", "enough")
    assert (code, told.splitlines()[-1].split("  ")[-1]) == (
        0,
        "one: 1 job ended, clean-1 Stopped",
    )
    assert account.states.asked[-1][1]["cause"] == "enough"


def test_a_stop_as_json_is_one_document(account: Account, invoke: Invoke) -> None:
    """How it goes is told beside it."""
    stoppable(account)
    code, told, errors = invoke("stop", "Flights/Nightly", "--json")
    document = json.loads(told)
    assert (code, document["status"], document["jobs"]) == (
        0,
        "ABORTED",
        [{"job": "clean-1", "status": "Stopped"}],
    )
    assert "✓ Stop" in errors


def test_a_run_is_retried(account: Account, invoke: Invoke) -> None:
    """And can be looked at."""
    account.run("one", "FAILED", failed(account))
    code, told, _ = invoke("retry", "one")
    assert (code, told.splitlines()) == (
        0,
        ["Started one again", "Look at it: sagemaker-processing show one"],
    )
    assert account.states.asked == [("redrive_execution", {"executionArn": ARN})]
    account.run("two", "FAILED", failed(account))
    code, told, _ = invoke("retry", "two", "--json")
    assert (json.loads(told)["run"], json.loads(told)["status"]) == ("two", "RUNNING")


def test_a_retried_run_is_followed(account: Account, invoke: Invoke) -> None:
    """To its own end, not to that of the first attempt."""
    history = failed(account)
    history.add("ExecutionRedriven", history.last)
    history.submit("clean-2", history.schedule("clean-2"))
    history.leave("Clean", after=history.succeed())
    history.end("ExecutionSucceeded")
    account.run("one", "FAILED", history)
    code, told, _ = invoke("retry", "one", "--follow")
    assert code == 0
    assert "✓ Clean (SKLearn) succeeded after 9.0 s: attempt 2  clean-2" in told


def test_what_cannot_be_retried_says_why(account: Account, invoke: Invoke) -> None:
    """Exit code 1."""
    account.run("one", "SUCCEEDED", History())
    code, _, errors = invoke("retry", "one")
    assert code == 1
    assert errors.startswith("error: run one succeeded, there is nothing to retry: start another")


def test_outputs_are_told(account: Account, invoke: Invoke) -> None:
    """Where, how much, and the first rows."""
    account.run("one", "SUCCEEDED", succeeded(account))
    code, told, _ = invoke("outputs", "one")
    assert (code, [line.rstrip() for line in told.splitlines()]) == (
        0,
        [
            "Clean → train  1 file, 15 B (csv)",
            "  s3://outputs/run/train",
            "    carrier  n",
            "    AA       1",
            "",
        ],
    )


def test_outputs_are_downloaded(account: Account, invoke: Invoke, tmp_path: Path) -> None:
    """To a folder of their state and name, which is told."""
    account.run("one", "SUCCEEDED", succeeded(account))
    code, told, _ = invoke("outputs", "one", "--download", str(tmp_path), "--json")
    assert (code, json.loads(told)) == (
        0,
        [
            {
                "state": "Clean",
                "job": "clean-1",
                "output": "train",
                "uri": "s3://outputs/run/train",
                "files": 1,
                "bytes": 15,
                "kinds": ["csv"],
                "cachedFrom": None,
                "folder": str(tmp_path / "Clean" / "train"),
            }
        ],
    )
    assert (tmp_path / "Clean" / "train" / "a.csv").read_text() == "carrier,n\nAA,1\n"
    assert "downloaded to" in invoke("outputs", "one", "--download", str(tmp_path))[1]


def test_a_run_without_outputs_says_so(account: Account, invoke: Invoke) -> None:
    """Such as one that failed."""
    account.run("one", "FAILED", failed(account))
    assert invoke("outputs", "one")[1] == "No job of one has completed with outputs.\n"


def test_jobs_of_one_state_have_folders_of_their_own(
    account: Account, invoke: Invoke, tmp_path: Path
) -> None:
    """And no state's name leads out of the folder."""
    definition: dict[str, Any] = json.loads(account.states.definition)
    definition["States"]["../up"] = definition["States"].pop("Clean")
    definition["StartAt"] = "../up"
    account.states.definition = json.dumps(definition)
    succeeded(account)
    history = History()
    history.job("../up", "clean-1")
    history.job("../up", "clean-2")
    history.end("ExecutionSucceeded")
    account.sagemaker.jobs["clean-2"] = account.sagemaker.jobs["clean-1"]
    account.run("one", "SUCCEEDED", history)
    invoke("outputs", "one", "--download", str(tmp_path / "to"))
    files = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.csv"))
    assert files == ["to/..-up/clean-1/train/a.csv", "to/..-up/clean-2/train/a.csv"]


@pytest.mark.parametrize(
    "command", [("run", "x"), ("runs", "x"), ("show", "x"), ("stop", "x"), ("retry", "x")]
)
def test_what_is_not_allowed_is_told_in_one_line(
    account: Account, invoke: Invoke, command: tuple[str, ...]
) -> None:
    """With the way out."""
    account.cloudformation.denied = True
    code, told, errors = invoke(*command)
    assert (code, told) == (1, "")
    assert errors == (
        "error: not allowed to list the stacks (cloudformation:DescribeStacks): name the stack by "
        "--stack\n"
    )


CACHED = json.dumps(
    {
        "StartAt": "Clean: read",
        "States": {
            "Clean: read": {"Type": "Task", "Comment": "Cache of Clean: a", "Next": "Clean"},
            "Clean": json.loads(DEFINITION)["States"]["Clean"] | {"Next": "Clean: cached"},
            "Clean: cached": {"Type": "Pass", "Comment": "Cache of Clean: b", "End": True},
        },
    }
)


def cached(record: str) -> History:
    """A run of which an earlier one's success stands for the job."""
    history = History()
    history.enter("Clean: read")
    output = json.dumps({"Body": record})
    history.add("TaskSucceeded", history.last, taskSucceededEventDetails={"output": output})
    history.leave("Clean: read")
    history.leave("Clean: cached", "Pass", after=history.enter("Clean: cached", "Pass"))
    history.end("ExecutionSucceeded")
    return history


@pytest.mark.parametrize("encode", [json.dumps, lambda record: json.dumps(json.dumps(record))])
def test_outputs_of_a_cached_state_are_those_of_the_run_that_it_stands_for(
    account: Account, invoke: Invoke, encode: Callable[[Any], str]
) -> None:
    """Its record in S3 names the run, and the history what was read."""
    account.states.definition = CACHED
    source = account.run("one", "SUCCEEDED", succeeded(account))
    account.run("two", "SUCCEEDED", cached(encode({"Run": source, "Name": "one"})))

    code, told, errors = invoke("outputs", "two")

    assert (code, told.splitlines()[0], errors) == (
        0,
        "Clean (cached, of run one) → train  1 file, 15 B (csv)",
        "",
    )
    (output,) = json.loads(invoke("outputs", "two", "--json")[1])
    assert (output["job"], output["cachedFrom"]) == ("clean-1", source)
    shown = invoke("show", "two")[1].splitlines()
    assert shown[2:] == ["≡ Clean (SKLearn) cached after 4.0 s: of one"]


def test_outputs_of_a_cached_state_whose_run_is_gone_are_looked_for_elsewhere(
    account: Account, invoke: Invoke
) -> None:
    """Step Functions keeps a history for 90 days, S3 the outputs for longer."""
    account.states.definition = CACHED
    source = f"{ARN}-old"
    account.run("two", "SUCCEEDED", cached(json.dumps({"Run": source, "Name": "one-old"})))
    code, told, errors = invoke("outputs", "two", "--json")
    assert (code, json.loads(told), errors) == (
        0,
        [],
        (
            "Clean was cached, and what it stands for is not known any more: look in S3 where its "
            f"outputs go, under the name of run one-old ({source})\n"
        ),
    )


def test_outputs_of_a_cached_state_without_a_record_say_where_its_run_is_named(
    account: Account, invoke: Invoke
) -> None:
    """A history may leave out what was read."""
    account.states.definition = CACHED
    account.run("two", "SUCCEEDED", cached("no record"))
    code, told, errors = invoke("outputs", "two")
    assert (code, told) == (0, "No job of two has completed with outputs.\n")
    assert "the step's result in the run's output names the source run as CachedFrom" in errors

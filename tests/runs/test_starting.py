import re

import pytest

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.runs.found import find_run
from cdk_sagemaker_processing.runs.starting import redrive, start
from cdk_sagemaker_processing.runs.workflows import find_workflow
from tests.runs.deployed import MACHINE, Account, refusal
from tests.runs.histories import History


def test_a_run_is_named_by_the_time_it_started() -> None:
    """So that names sort, and two in a second differ."""
    account = Account()
    workflow = find_workflow(account, "Flights/Nightly")
    run = start(account, workflow, {"day": "x"})
    assert re.fullmatch(r"20\d{6}-\d{6}-[0-9a-f]{4}", run.name)
    ((_, request),) = account.states.asked
    assert request == {
        "stateMachineArn": MACHINE.format("flights"),
        "name": run.name,
        "input": '{"day": "x"}',
    }
    assert find_run(account, run.name) == run


def test_a_name_that_is_taken_is_told() -> None:
    """With the option."""
    account = Account()
    account.states.add("flights", "one")
    with pytest.raises(DeployedError, match=r"^Flights/Nightly has a run one already: choose anot"):
        start(account, find_workflow(account, "Flights/Nightly"), {}, "one")


def test_a_failed_run_is_redriven() -> None:
    """By its ARN, in one call."""
    account = Account()
    arn = account.run("one", "FAILED", History(), redriveStatus="REDRIVABLE")
    redrive(account, find_run(account, "one"))
    assert account.states.asked == [("redrive_execution", {"executionArn": arn})]


@pytest.mark.parametrize(
    ("status", "more", "told"),
    [
        ("RUNNING", {}, "^run one still runs: stop it first, or wait$"),
        ("SUCCEEDED", {}, "^run one succeeded, there is nothing to retry: start another by"),
        (
            "FAILED",
            {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": "Too many events"},
            r"^run one cannot be redriven: Too many events \(it must be of a standard",
        ),
        ("FAILED", {"tooOld": True}, "^run one cannot be redriven: It is too old "),
    ],
)
def test_a_run_that_cannot_be_redriven_says_why(
    status: str, more: dict[str, object], told: str
) -> None:
    """And what can be done instead."""
    account = Account()
    account.run("one", status, History(), **more)
    with pytest.raises(DeployedError, match=told):
        redrive(account, find_run(account, "one"))


def test_a_refusal_of_another_kind_is_told_as_aws_tells_it() -> None:
    """Such as a missing permission, which is no matter of names or of what can be redriven."""
    account = Account()
    account.run("one", "FAILED", History(), redriveStatus="REDRIVABLE")
    run, workflow = find_run(account, "one"), find_workflow(account, "Flights/Nightly")

    def refuse(**_: object) -> None:
        raise refusal("StartExecution", "AccessDeniedException", "no such permission")

    account.states.start_execution = refuse  # type: ignore[assignment] # a fake's call
    account.states.redrive_execution = refuse  # type: ignore[assignment] # a fake's call
    with pytest.raises(DeployedError, match="no such permission"):
        start(account, workflow, {})
    with pytest.raises(DeployedError, match="no such permission"):
        redrive(account, run)

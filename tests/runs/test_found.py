import pytest

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.runs.found import NoRunError, find_run, list_runs, look_again
from tests.runs.deployed import MACHINE, Account, refusal


@pytest.fixture
def account() -> Account:
    """Three runs of a workflow, the first of which ended last, and one of another."""
    made = Account()
    first = made.states.add("flights", "first", "FAILED")
    made.states.add("flights", "second")
    last = made.states.add("flights", "third", "RUNNING")
    made.states.executions[first]["stopDate"] = made.states.executions[last]["startDate"]
    made.states.add("weekly", "first")
    return made


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Flights/Nightly", "third"),
        ("Flights/Nightly~0", "third"),
        ("Flights/Nightly~1", "second"),
        ("Flights/Nightly~2", "first"),
        ("second", "second"),
        (f"{MACHINE.format('flights').replace(':stateMachine:', ':execution:')}:first", "first"),
    ],
)
def test_a_run_is_named_by_its_workflow_its_name_or_its_arn(
    account: Account, wanted: str, name: str
) -> None:
    """The newest is the one that started last, whichever ended last."""
    found = find_run(account, wanted)
    assert (found.name, found.machine_arn) == (name, MACHINE.format("flights"))


def test_a_run_knows_its_workflow_unless_it_was_named_by_its_arn(account: Account) -> None:
    """A machine that is no workflow's has runs too."""
    named = find_run(account, "second")
    assert named.workflow is not None
    assert named.workflow.path == "Flights/Nightly"
    assert find_run(account, named.arn).workflow is None


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("Shop/Nightly", "^Shop/Nightly has no run ~0: it has none yet$"),
        ("Flights/Nightly~3", "^Flights/Nightly has no run ~3: it has 3 in all$"),
        ("x~1", "^no workflow x in the stacks of this account and region; there are: Fli"),
        ("fourth", "^no run and no workflow is named fourth in the stacks .*: Flights/Nightly, "),
        ("arn:aws:states:r:1:execution:m:e", "^no execution arn:.*:e in this account and region$"),
    ],
)
def test_a_run_that_is_not_there_is_told(account: Account, wanted: str, told: str) -> None:
    """With what was looked through."""
    with pytest.raises(DeployedError, match=told):
        find_run(account, wanted)


def test_a_name_that_no_run_can_have_is_none(account: Account) -> None:
    """AWS refuses the ARN that it makes."""

    def refuse(**_: str) -> None:
        raise refusal("DescribeExecution", "InvalidArn")

    account.states.describe_execution = refuse  # type: ignore[assignment,method-assign] # a fake's call
    with pytest.raises(NoRunError):
        find_run(account, "a b")


def test_a_name_that_several_workflows_runs_have_is_told_with_their_arns(account: Account) -> None:
    """Which can be copied."""
    with pytest.raises(
        DeployedError, match=r"several workflows have a run first, .*:weekly:first$"
    ):
        find_run(account, "first")
    assert find_run(account, "first", "Flights").machine_arn == MACHINE.format("flights")


def test_runs_are_listed_newest_first(account: Account) -> None:
    """As many as are wanted, of the status that is wanted."""
    machine = MACHINE.format("flights")
    assert [run.name for run in list_runs(account, machine)] == ["third", "second", "first"]
    assert [run.name for run in list_runs(account, machine, limit=1)] == ["third"]
    assert [run.name for run in list_runs(account, machine, "FAILED")] == ["first"]


def test_a_run_is_looked_at_again(account: Account) -> None:
    """Its status is that of now."""
    run = find_run(account, "Flights/Nightly")
    assert not run.is_over
    account.states.executions[run.arn]["status"] = "SUCCEEDED"
    again = look_again(account, run)
    assert (again.is_over, again.workflow) == (True, run.workflow)


def test_a_run_that_one_may_not_look_at_is_told(account: Account) -> None:
    """It is not taken for one that is not there."""

    def refuse(**_: str) -> None:
        raise refusal("DescribeExecution", "AccessDeniedException", "no such permission")

    arn = f"{MACHINE.format('flights').replace(':stateMachine:', ':execution:')}:first"
    account.states.describe_execution = refuse  # type: ignore[assignment, method-assign] # a fake's call
    with pytest.raises(DeployedError, match="no such permission"):
        find_run(account, arn)

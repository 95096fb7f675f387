import pytest

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.runs.workflows import Workflow, find_workflow, find_workflows
from tests.runs.deployed import MACHINE, Account

FLIGHTS = Workflow("Flights/Nightly", "Flights", MACHINE.format("flights"))
SHOP = Workflow("Shop/Nightly", "Shop", MACHINE.format("nightly"))
WEEKLY = Workflow("Shop/Deep/Weekly", "Shop", MACHINE.format("weekly"))


def test_workflows_are_found_by_their_stacks_outputs() -> None:
    """Of all stacks, or of the one that is named; other outputs are no hindrance."""
    account = Account()
    assert find_workflows(account) == (FLIGHTS, SHOP, WEEKLY)
    assert find_workflows(account, "Flights") == (FLIGHTS,)
    assert find_workflows(account, "Bare") == ()


@pytest.mark.parametrize(
    ("name", "stack", "meant"),
    [
        ("Flights/Nightly", None, FLIGHTS),
        ("/Flights/Nightly", None, FLIGHTS),
        ("Nightly", "Shop", SHOP),
        ("Weekly", None, WEEKLY),
        ("Deep/Weekly", None, WEEKLY),
    ],
)
def test_a_workflow_is_named_by_its_path_or_the_end_of_it(
    name: str, stack: str | None, meant: Workflow
) -> None:
    """As much of it as it takes to tell it from others."""
    assert find_workflow(Account(), name, stack) == meant


def test_a_whole_path_is_meant_though_another_ends_like_it() -> None:
    """Else it could not be named at all."""
    account = Account()
    account.cloudformation.stacks["Stage"] = [
        {
            **account.cloudformation.stacks["Flights"][1],
            "Description": "Step Functions state machine of workflow Stage/Flights/Nightly",
        }
    ]
    assert find_workflow(account, "Flights/Nightly") == FLIGHTS


def test_a_machine_s_arn_names_it_without_a_stack() -> None:
    """So does one that is no ProcessingWorkflow's."""
    account = Account()
    account.cloudformation.denied = True
    found = find_workflow(account, MACHINE.format("other"))
    assert found == Workflow("other", "", MACHINE.format("other"))
    assert found.execution_arn("e").endswith(":111122223333:execution:other:e")


@pytest.mark.parametrize(
    ("name", "stack", "told"),
    [
        (
            "Nightly",
            None,
            (
                r"Nightly is the end of several workflows' paths, .* --stack: Flights/Nightly "
                r"\(stack Flights\), Shop/Nightly \(stack Shop\)$"
            ),
        ),
        ("ightly", "Flights", r"no workflow ightly in stack Flights; there are: Flights/Nightly "),
        ("", None, "^no workflow  in the stacks of this account and region; there are: "),
        ("Nightly", "Bare", "^no workflow in stack Bare: deploy a stack that has a processing.P"),
        ("Nightly", "Bear", "^no stack Bear in this account and region$"),
    ],
)
def test_what_names_none_or_several_is_told_with_those_there_are(
    name: str, stack: str | None, told: str
) -> None:
    """Nobody must look them up elsewhere."""
    with pytest.raises(DeployedError, match=told):
        find_workflow(Account(), name, stack)


def test_who_may_not_list_stacks_can_name_one() -> None:
    """The option is told."""
    account = Account()
    account.cloudformation.denied = True
    with pytest.raises(DeployedError, match=r"DescribeStacks\): name the stack by --stack"):
        find_workflow(account, "Nightly")

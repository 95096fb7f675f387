"""How large inputs, results and variables may be.

Step Functions developer guide, "Service quotas" and "Passing data between states with variables";
"Handling errors", `States.DataLimitExceeded`.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.asl import chain, jsonata, parallel

pytestmark = pytest.mark.local_cloud

LARGEST = 262_144
DOUBLED = {"Type": "Pass", "Output": "{% $states.input.a & $states.input.a %}"}


def text(size: int) -> dict[str, str]:
    """An input whose text takes so many bytes."""
    return {"a": "x" * size}


def test_a_result_may_have_256_kib(machines: Any) -> None:
    """Its quotation marks count."""
    given = text(LARGEST // 2 - 1)
    assert len(machines.output(jsonata(DOUBLED), given)) == LARGEST - 2


def test_a_larger_result_fails_the_execution(machines: Any) -> None:
    """No wildcard catches it."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "S1"}]
    caught = parallel(chain(DOUBLED), Catch=catch)
    ended = machines.run(jsonata(caught, {"Type": "Pass"}), text(LARGEST // 2))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_the_cause_names_the_state(machines: Any) -> None:
    """In AWS's words."""
    ended = machines.run(jsonata(DOUBLED), text(LARGEST // 2))
    assert ended["cause"] == (
        "The state/task 'S0' returned a result with a size exceeding the maximum number of bytes "
        "service limit."
    )


def test_results_of_branches_count_together(machines: Any) -> None:
    """Two that are small enough alone may be too large in one array."""
    state = parallel(*[chain({"Type": "Pass"})] * 2)
    assert machines.error(chain(state), text(LARGEST // 2)) == "States.DataLimitExceeded"


@pytest.mark.parametrize("size", [LARGEST // 2 - 1, LARGEST // 2])
def test_variables_of_a_state_have_256_kib_together(machines: Any, size: int) -> None:
    """What one Assign sets, in all."""
    state = {"Type": "Pass", "Assign": {"x.$": "$.a", "y.$": "$.a"}, "OutputPath": None}
    ended = machines.run(chain(state), text(size - 1))
    fits = 2 * (size + 1) <= LARGEST
    assert ended["status"] == ("SUCCEEDED" if fits else "FAILED")
    assert ended.get("error") == (None if fits else "States.DataLimitExceeded")


def test_an_execution_may_not_start_with_a_larger_input(machines: Any, states: Any) -> None:
    """StartExecution refuses it."""
    machine = machines.create(chain({"Type": "Pass"}))
    with pytest.raises(ClientError) as caught:
        states.start_execution(stateMachineArn=machine, input=f'"{"x" * LARGEST}"')
    assert caught.value.response["Error"]["Code"] == "ValidationException"

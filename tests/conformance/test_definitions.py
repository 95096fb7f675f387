"""Definitions that AWS refuses, and some that it takes.

Step Functions API reference, "CreateStateMachine" and "ValidateStateMachineDefinition"; developer
guide, "Structure of an Amazon States Language state machine" and the pages of each state; States
Language specification.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.asl import chain, fail, item_map, jsonata, parallel
from tests.conformance.gaps import gap

pytestmark = pytest.mark.local_cloud

ROLE = "arn:aws:iam::000000000000:role/machine"
SCHEMA = "SCHEMA_VALIDATION_FAILED"
NOWHERE = "MISSING_TRANSITION_TARGET"
TASK = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:headObject"}
PASS = {"Type": "Pass"}
CATCHER = {"ErrorEquals": ["A"], "Next": "S1"}
RETRIER = {"ErrorEquals": ["A"]}
AT = "/States/S0"


def choosing(*rules: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A machine of a choice that leads to `S1`."""
    return chain({"Type": "Choice", "Choices": list(rules), **others}, {"Type": "Succeed"})


def caught(**catcher: Any) -> dict[str, Any]:
    return chain({**TASK, "Catch": [{**CATCHER, **catcher}]}, {"Type": "Succeed"})


def retried(**retrier: Any) -> dict[str, Any]:
    return chain({**TASK, "Retry": [{**RETRIER, **retrier}]})


def evaluated(expression: str) -> dict[str, Any]:
    return jsonata({**PASS, "Output": {"v": f"{{% {expression} %}}"}})


def looped(**others: Any) -> dict[str, Any]:
    """A machine that never ends."""
    states = {"A": {**PASS, "Next": "B"}, "B": {**PASS, "Next": "A"}}
    return {"StartAt": "A", "States": {**states, **others}}


WRONG: dict[str, tuple[Any, str, str | None]] = {
    "nothing": ("", SCHEMA, None),
    "no JSON": ("{", "INVALID_JSON_DESCRIPTION", None),
    "no object": ("[]", SCHEMA, None),
    "an empty object": ({}, SCHEMA, "/"),
    "no StartAt": ({"States": {"A": {"Type": "Succeed"}}}, SCHEMA, "/"),
    "no States": ({"StartAt": "A"}, SCHEMA, "/"),
    "no state": ({"StartAt": "A", "States": {}}, SCHEMA, "/States"),
    "an unknown field": ({**chain(PASS), "Foo": 1}, SCHEMA, "/"),
    "an unknown language": ({**chain(PASS), "QueryLanguage": "XPath"}, SCHEMA, "/"),
    "no time to run in": ({**chain(PASS), "TimeoutSeconds": 0}, SCHEMA, "/TimeoutSeconds"),
    "StartAt leads nowhere": ({**chain(PASS), "StartAt": "X"}, NOWHERE, "/StartAt"),
    "Next leads nowhere": (chain({**PASS, "Next": "X"}, PASS), NOWHERE, f"{AT}/Next"),
    "Default leads nowhere": (
        choosing({"Variable": "$.a", "IsNull": True, "Next": "S1"}, Default="X"),
        NOWHERE,
        f"{AT}/Default",
    ),
    "a rule leads nowhere": (
        choosing({"Variable": "$.a", "IsNull": True, "Next": "X"}, Default="S1"),
        NOWHERE,
        f"{AT}/Choices[0]/Next",
    ),
    "a catcher leads nowhere": (caught(Next="X"), NOWHERE, f"{AT}/Catch[0]/Next"),
    "a branch leads out of it": (
        chain(parallel({"StartAt": "A", "States": {"A": {**PASS, "Next": "S1"}}}), PASS),
        NOWHERE,
        f"{AT}/Branches[0]/States/A/Next",
    ),
    "not reachable": (
        {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}},
        NOWHERE,
        "/States/B",
    ),
    "reachable from itself only": (
        looped(C={"Type": "Pass", "Next": "D"}, D={"Type": "Succeed"}),
        NOWHERE,
        "/States/C",
    ),
    "no end": (looped(), "MISSING_END_STATE", None),
    "the same name in a branch": (
        {"StartAt": "S0", "States": {"S0": parallel(chain(PASS), End=True)}},
        "DUPLICATE_STATE_NAME",
        f"{AT}/Branches[0]{AT}",
    ),
    "the same name in two branches": (
        {"StartAt": "P", "States": {"P": parallel(chain(PASS), chain(PASS), End=True)}},
        "DUPLICATE_STATE_NAME",
        f"/States/P/Branches[1]{AT}",
    ),
    "a long name": (
        {"StartAt": "x" * 81, "States": {"x" * 81: {"Type": "Succeed"}}},
        SCHEMA,
        f"/States/{'x' * 81}",
    ),
    "an unknown type": (chain({"Type": "Pss"}), SCHEMA, AT),
    "no type": ({"StartAt": "S0", "States": {"S0": {"End": True}}}, SCHEMA, AT),
    "neither Next nor End": ({"StartAt": "S0", "States": {"S0": PASS}}, SCHEMA, AT),
    "both Next and End": (chain({**PASS, "Next": "S1", "End": True}, PASS), SCHEMA, AT),
    "End that is false": (
        {"StartAt": "S0", "States": {"S0": {**PASS, "End": False}, "S1": {"Type": "Succeed"}}},
        SCHEMA,
        AT,
    ),
    "Next of a Succeed": (chain({"Type": "Succeed", "Next": "S1"}, PASS), SCHEMA, AT),
    "Next of a Fail": (chain({**fail("A"), "Next": "S1"}, PASS), SCHEMA, AT),
    "Next of a Choice": (
        choosing({"Variable": "$.a", "IsNull": True, "Next": "S1"}, Next="S1"),
        SCHEMA,
        AT,
    ),
    "Catch of a Pass": (chain({**PASS, "Catch": [CATCHER]}, PASS), SCHEMA, AT),
    "Retry of a Wait": (chain({"Type": "Wait", "Seconds": 1, "Retry": [RETRIER]}), SCHEMA, AT),
    "TimeoutSeconds of a Parallel": (
        chain(parallel(chain(PASS), TimeoutSeconds=1)),
        SCHEMA,
        AT,
    ),
    "TimeoutSeconds of a Map": (chain(item_map(chain(PASS), TimeoutSeconds=1)), SCHEMA, AT),
    "a field of no state": (chain({**PASS, "Foo": 1}), SCHEMA, AT),
    "a task without a resource": (chain({"Type": "Task"}), SCHEMA, AT),
    "a resource that is no ARN": (chain({"Type": "Task", "Resource": "job"}), SCHEMA,
                                  f"{AT}/Resource"),
    "a job's unknown pattern": (
        chain({**TASK, "Resource": "arn:aws:states:::sagemaker:createProcessingJob.async"}),
        SCHEMA,
        f"{AT}/Resource",
    ),
    "a task without time": (chain({**TASK, "TimeoutSeconds": 0}), SCHEMA, f"{AT}/TimeoutSeconds"),
    "a task's time as text": (
        chain({**TASK, "TimeoutSeconds": "10"}), SCHEMA, f"{AT}/TimeoutSeconds"),
    "a slow heartbeat": (
        chain({**TASK, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}),
        SCHEMA,
        f"{AT}/HeartbeatSeconds",
    ),
    "two time limits": (
        chain({**TASK, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"}), SCHEMA, AT),
    "a Wait for nothing": (chain({"Type": "Wait"}), SCHEMA, AT),
    "a Wait for two things": (
        chain({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s"}), SCHEMA, AT),
    "a Wait for less than no time": (
        chain({"Type": "Wait", "Seconds": -1}), SCHEMA, f"{AT}/Seconds"),
    "a Choice without rules": (choosing(), SCHEMA, f"{AT}/Choices"),
    "a Choice without Choices": (chain({"Type": "Choice", "Default": "S1"}, PASS), SCHEMA, AT),
    "a rule without Next": (
        choosing({"Variable": "$.a", "IsNull": True}, Default="S1"), SCHEMA, f"{AT}/Choices[0]"),
    "a rule without a comparison": (
        choosing({"Variable": "$.a", "Next": "S1"}), SCHEMA, f"{AT}/Choices[0]"),
    "a rule with two comparisons": (
        choosing({"Variable": "$.a", "IsNull": True, "IsString": True, "Next": "S1"}),
        SCHEMA,
        f"{AT}/Choices[0]",
    ),
    "an unknown comparison": (
        choosing({"Variable": "$.a", "StringStarts": "x", "Next": "S1"}),
        SCHEMA,
        f"{AT}/Choices[0]",
    ),
    "a comparison of nothing": (
        choosing({"IsNull": True, "Next": "S1"}), SCHEMA, f"{AT}/Choices[0]"),
    "a comparison of no path": (
        choosing({"Variable": "a", "IsNull": True, "Next": "S1"}),
        SCHEMA,
        f"{AT}/Choices[0]/Variable",
    ),
    "Next of an inner rule": (
        choosing({"Not": {"Variable": "$.a", "IsNull": True, "Next": "S1"}, "Next": "S1"}),
        SCHEMA,
        f"{AT}/Choices[0]/Not",
    ),
    "a Parallel without branches": (chain(parallel()), SCHEMA, f"{AT}/Branches"),
    "a Map without a processor": (chain({"Type": "Map"}), SCHEMA, AT),
    "a Map of less than none": (
        chain(item_map(chain(PASS), MaxConcurrency=-1)), SCHEMA, f"{AT}/MaxConcurrency"),
    "more failures than all": (
        chain(item_map(chain(PASS), ToleratedFailurePercentage=101)),
        SCHEMA,
        f"{AT}/ToleratedFailurePercentage",
    ),
    "an error twice": (chain({**fail("A"), "ErrorPath": "$.e"}), SCHEMA, AT),
    "a retrier of no errors": (
        retried(ErrorEquals=[]), SCHEMA, f"{AT}/Retry[0]/ErrorEquals"),
    "a retrier without errors": (
        chain({**TASK, "Retry": [{"MaxAttempts": 1}]}), SCHEMA, f"{AT}/Retry[0]"),
    "no pause": (retried(IntervalSeconds=0), SCHEMA, f"{AT}/Retry[0]/IntervalSeconds"),
    "attempts below none": (retried(MaxAttempts=-1), SCHEMA, f"{AT}/Retry[0]/MaxAttempts"),
    "half an attempt": (retried(MaxAttempts=0.5), SCHEMA, f"{AT}/Retry[0]/MaxAttempts"),
    "ever shorter pauses": (retried(BackoffRate=0.5), SCHEMA, f"{AT}/Retry[0]/BackoffRate"),
    "an endless pause": (
        retried(MaxDelaySeconds=31_622_401), SCHEMA, f"{AT}/Retry[0]/MaxDelaySeconds"),
    "an unknown jitter": (retried(JitterStrategy="HALF"), SCHEMA, f"{AT}/Retry[0]/JitterStrategy"),
    "States.ALL beside another": (
        retried(ErrorEquals=["States.ALL", "A"]), SCHEMA, f"{AT}/Retry[0]/ErrorEquals"),
    "States.ALL before another": (
        chain({**TASK, "Retry": [{"ErrorEquals": ["States.ALL"]}, RETRIER]}),
        SCHEMA,
        f"{AT}/Retry[0]/ErrorEquals",
    ),
    "a catcher without Next": (
        chain({**TASK, "Catch": [{"ErrorEquals": ["A"]}]}), SCHEMA, f"{AT}/Catch[0]"),
    "an InputPath that is none": (chain({**PASS, "InputPath": "a"}), SCHEMA, f"{AT}/InputPath"),
    "an OutputPath that is none": (
        chain({**PASS, "OutputPath": "$.a["}), SCHEMA, f"{AT}/OutputPath"),
    "a ResultPath of the context": (
        chain({**PASS, "ResultPath": "$$.a"}), SCHEMA, f"{AT}/ResultPath"),
    "a ResultPath to several": (
        chain({**PASS, "ResultPath": "$.a[*]"}), SCHEMA, f"{AT}/ResultPath"),
    "an ItemsPath that is none": (
        chain(item_map(chain(PASS), ItemsPath="items")), SCHEMA, f"{AT}/ItemsPath"),
    "a template's path that is none": (
        chain({**PASS, "Parameters": {"a.$": "b"}}), SCHEMA, f"{AT}/Parameters"),
    "a template's number for a path": (
        chain({**PASS, "Parameters": {"a": {"b.$": 1}}}), SCHEMA, f"{AT}/Parameters/a"),
    "an unknown function": (
        chain({**PASS, "Parameters": {"a.$": "States.Foo()"}}), SCHEMA, f"{AT}/Parameters"),
    "a function that is not closed": (
        chain({**PASS, "Parameters": {"a.$": "States.Array(1"}}), SCHEMA, f"{AT}/Parameters"),
    "a function of a word": (
        chain({**PASS, "Parameters": {"a.$": "States.Array(a)"}}), SCHEMA, f"{AT}/Parameters"),
    "functions eleven deep": (
        chain({**PASS, "Parameters": {"a.$": "States.Array(" * 11 + ")" * 11}}),
        SCHEMA,
        f"{AT}/Parameters",
    ),
    "a member twice": (
        chain({**PASS, "Parameters": {"a": 1, "a.$": "$.a"}}), SCHEMA, f"{AT}/Parameters"),
    "a variable called states": (chain({**PASS, "Assign": {"states": 1}}), SCHEMA, f"{AT}/Assign"),
    "a variable called 1": (chain({**PASS, "Assign": {"1": 1}}), SCHEMA, f"{AT}/Assign"),
    "a variable with a long name": (
        chain({**PASS, "Assign": {"x" * 81: 1}}), SCHEMA, f"{AT}/Assign"),
    "Output in JSONPath": (chain({**PASS, "Output": 1}), SCHEMA, AT),
    "Arguments in JSONPath": (chain({**TASK, "Arguments": {}}), SCHEMA, AT),
    "Parameters in JSONata": (jsonata({**TASK, "Parameters": {}}), SCHEMA, AT),
    "InputPath in JSONata": (jsonata({**PASS, "InputPath": "$"}), SCHEMA, AT),
    "ResultPath in JSONata": (jsonata({**PASS, "ResultPath": "$"}), SCHEMA, AT),
    "a JSONPath state in JSONata": (
        jsonata({**PASS, "QueryLanguage": "JSONPath"}), SCHEMA, AT),
    "an inner state in its parent's language": (
        chain(parallel(chain({**PASS, "Output": 1}), QueryLanguage="JSONata")),
        SCHEMA,
        f"{AT}/Branches[0]/States/S0'",
    ),
    "a processor's language": (
        chain(item_map(chain(PASS, QueryLanguage="JSONata"))), SCHEMA, f"{AT}/ItemProcessor"),
    "an expression that is none": (
        evaluated("1 +"), "INVALID_JSONATA_EXPRESSION", f"{AT}/Output/v"),
    "an expression that is not closed": (
        evaluated("$string("), "INVALID_JSONATA_EXPRESSION", f"{AT}/Output/v"),
    "a name at the top": (
        evaluated("phone"), "UNSUPPORTED_JSONATA_EXPRESSION", f"{AT}/Output/v"),
    "$ at the top": (evaluated("$"), "UNSUPPORTED_JSONATA_EXPRESSION", f"{AT}/Output/v"),
    "$$": (evaluated("$$.a"), "UNSUPPORTED_JSONATA_EXPRESSION", f"{AT}/Output/v"),
    "an error where there is none": (
        evaluated("$states.errorOutput"), "UNSUPPORTED_JSONATA_EXPRESSION", f"{AT}/Output/v"),
}  # fmt: skip # a case a line


def text_of(definition: Any) -> str:
    return definition if isinstance(definition, str) else json.dumps(definition)


@pytest.fixture(scope="module")
def good(machines: Any) -> str:
    """A machine's ARN."""
    return str(machines.create(chain(PASS)))


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_definition_is_told(states: Any, name: str) -> None:
    """ValidateStateMachineDefinition names the code and the place."""
    definition, code, location = WRONG[name]
    found = states.validate_state_machine_definition(definition=text_of(definition) or " ")
    assert found["result"] == "FAIL"
    assert (code, location) in {
        (problem["code"], problem.get("location")) for problem in found["diagnostics"]
    }


def refusal(call: Callable[..., Any], **arguments: str) -> str:
    """What a definition is refused with."""
    with pytest.raises(ClientError) as caught_error:
        call(**arguments)
    error = caught_error.value.response["Error"]
    assert error["Code"] == "InvalidDefinition"
    return str(error["Message"])


def test_wrong_definitions_are_refused(states: Any, good: str) -> None:
    """CreateStateMachine and UpdateStateMachine refuse each, with the same code and place."""
    for definition, code, location in WRONG.values():
        text = text_of(definition) or " "
        created = refusal(
            states.create_state_machine,
            name=f"bad-{uuid.uuid4()}",
            roleArn=ROLE,
            definition=text,
        )
        updated = refusal(states.update_state_machine, stateMachineArn=good, definition=text)
        assert created == updated
        assert f"{code}: " in created
        assert f" at {location}" in created or location is None


def test_a_machine_without_an_end_tells_no_unreachable_states(states: Any) -> None:
    """One problem hides the other, as on AWS."""
    definition = json.dumps(looped(C={**PASS, "Next": "A"}))
    found = states.validate_state_machine_definition(definition=definition)
    assert found["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "MISSING_END_STATE",
            "message": "Workflow has no terminal state",
        }
    ]


RIGHT = {
    "no Default": choosing({"Variable": "$.a", "IsNull": True, "Next": "S1"}),
    "Comment and Version": chain({**PASS, "Comment": "c"}, Comment="c", Version="1.0"),
    "an end among loops": chain(
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "S0"}],
         "Default": "S1"},
        {"Type": "Succeed"},
    ),
    "reached by a catcher only": caught(),
    "every path there is": chain({**PASS, "InputPath": "$.a[?(@.b > 1)]['c','d']"}),
    "null paths": chain({**PASS, "InputPath": None, "ResultPath": None, "OutputPath": None}),
    "functions ten deep": chain(
        {**PASS, "Parameters": {"a.$": "States.Array(" * 10 + ")" * 10}}
    ),
    "ErrorPath by a function": chain({"Type": "Fail", "ErrorPath": "States.Format('a')"}),
    "states of JSONata in JSONPath": chain(
        {**PASS, "QueryLanguage": "JSONata", "Output": "{% $states.input %}"}, PASS
    ),
    "relative names": evaluated("$states.input.items[price > 1 and $ != 2].{'n': name}"),
    "names in functions": evaluated("$map($states.input.list, function($v) { $v.name })"),
    "an error in a catcher": jsonata(
        {**TASK, "Catch": [{**CATCHER, "Output": "{% $states.errorOutput.Error %}"}]}, PASS
    ),
    "expressions in numbers": jsonata(
        {**TASK, "TimeoutSeconds": "{% $states.input.t %}", "Arguments": {}}
    ),
    "no attempts": retried(MaxAttempts=0, MaxDelaySeconds=5, JitterStrategy="FULL"),
    "States.ALL last": chain({**TASK, "Retry": [RETRIER, {"ErrorEquals": ["States.ALL"]}]}),
    "a half share of failures": chain(item_map(chain(PASS), ToleratedFailurePercentage=12.5)),
    "an Iterator": chain({"Type": "Map", "Iterator": chain(PASS)}),
}  # fmt: skip # a case a line


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_definition_is_taken(machines: Any, states: Any, name: str) -> None:
    """By all three actions."""
    found = states.validate_state_machine_definition(definition=json.dumps(RIGHT[name]))
    assert (found["result"], found["diagnostics"]) == ("OK", [])
    machine = machines.create(RIGHT[name])
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(RIGHT[name]))


@gap("Operators of JSONata 2.1")
@pytest.mark.parametrize("operator", ["??", "?:"])
def test_later_operators_are_refused(states: Any, operator: str) -> None:
    """As any expression that cannot be read."""
    definition = json.dumps(evaluated(f"$states.input.a {operator} 1"))
    found = states.validate_state_machine_definition(definition=definition)
    assert [one["code"] for one in found["diagnostics"]] == ["INVALID_JSONATA_EXPRESSION"]

"""One parameter of a workflow: what it allows, what stands for it, how it is written wrong."""

import re
import subprocess
import sys
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import state_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
Parameter = processing.WorkflowParameter

DAY = Parameter("day", pattern=r"\d{4}-\d{2}-\d{2}")
COUNT = Parameter("instances", type="integer", minimum=1, maximum=10)
SHARE = Parameter("share", type="number", minimum=0.5)
LARGE = Parameter("bytes", type="number", minimum=1234567.5)
FULL = Parameter("full", type="boolean")
AIRPORTS = Parameter("airports", type="strings", allowed_values=["JFK", "LGA"])


def shown(value: object) -> str:
    """What a case is called; a parameter as text is a token, of which no two processes have one."""
    return value.name if isinstance(value, Parameter) else str(value)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (DAY, "2013-01-31"),
        (COUNT, 1),
        (COUNT, 10.0),
        (SHARE, 0.5),
        (SHARE, 7),
        (FULL, False),
        (AIRPORTS, []),
        (AIRPORTS, ["LGA", "JFK"]),
    ],
    ids=shown,
)
def test_a_value_of_its_kind_is_allowed(
    parameter: processing.WorkflowParameter, value: Any
) -> None:
    """Nothing is said of it."""
    assert parameter.problem(value) is None


@pytest.mark.parametrize(
    ("parameter", "value", "problem"),
    [
        (DAY, "2013-1-31", r'day must be text that matches \d{4}-\d{2}-\d{2}, got "2013-1-31"'),
        (
            DAY,
            "2013-01-31\n",
            r'day must be text that matches \d{4}-\d{2}-\d{2}, got "2013-01-31\n"',
        ),
        (DAY, 2013, r"day must be text that matches \d{4}-\d{2}-\d{2}, got 2013"),
        (DAY, None, r"day must be text that matches \d{4}-\d{2}-\d{2}, got null"),
        (COUNT, 0, "instances must be a whole number from 1 up to 10, got 0"),
        (COUNT, 11, "instances must be a whole number from 1 up to 10, got 11"),
        (COUNT, 10**400, f"instances must be a whole number from 1 up to 10, got {10**400}"),
        (LARGE, 0, "bytes must be a number from 1234567.5, got 0"),
        (COUNT, 2.5, "instances must be a whole number from 1 up to 10, got 2.5"),
        (COUNT, True, "instances must be a whole number from 1 up to 10, got true"),
        (COUNT, "3", 'instances must be a whole number from 1 up to 10, got "3"'),
        (SHARE, 0.4, "share must be a number from 0.5, got 0.4"),
        (FULL, "true", 'full must be true or false, got "true"'),
        (AIRPORTS, "JFK", 'airports must be a list of texts of "JFK", "LGA", got "JFK"'),
        (
            AIRPORTS,
            ["JFK", "X"],
            'airports must be a list of texts of "JFK", "LGA", got ["JFK", "X"]',
        ),
        (AIRPORTS, [1], 'airports must be a list of texts of "JFK", "LGA", got [1]'),
    ],
    ids=shown,
)
def test_another_value_is_told_with_what_is_allowed(
    parameter: processing.WorkflowParameter, value: Any, problem: str
) -> None:
    """In the words that an execution fails with."""
    assert parameter.problem(value) == problem


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": "a day"}, "name must be letters, digits and _, at most 80 of them"),
        ({"name": "1st"}, "no digit first, got '1st'"),
        ({"name": "a" * 81}, "at most 80"),
        ({"name": 5}, "got 5"),
        ({"name": "count"}, "name cannot be 'count', as the variable $count would hide"),
        ({"name": "states"}, "call it otherwise, such as 'given_states'"),
        ({"name": "workflow_page"}, "would hide what JSONata, Step Functions or the workflow has"),
        ({"name": "day", "type": "date"}, "type must be one of 'string', 'number', 'integer'"),
        ({"name": "day", "pattern": "("}, "pattern '(' is no regular expression"),
        *(
            ({"name": "day", "pattern": pattern}, f"has '{part}', which Step Functions does not")
            for pattern, part in (
                ("(?P<y>a)", "(?P"),
                ("(?i)fast|slow", "(?i)"),
                ("a(?i:b)", "(?i:"),
                ("(?>a)", "(?>"),
                ("[^/]++", "++"),
                ("a{,3}", "{,3"),
                ("\\Aa", r"\\A"),
            )
        ),
        ({"name": "day", "pattern": "[a-z&&[^b]]"}, "is no regular expression: Possible set"),
        ({"name": "day", "pattern": "[(]"}, "cannot be written in JSONata"),
        (
            {"name": "n", "type": "number", "pattern": "a"},
            "pattern is for type 'string' or 'strings', but the type is 'number'",
        ),
        ({"name": "day", "minimum": 1}, "minimum is for type 'number' or 'integer'"),
        ({"name": "n", "type": "number", "maximum": "9"}, "maximum must be a number, got '9'"),
        ({"name": "day", "allowed_values": "abc"}, "allowed_values must be a list, got 'abc'"),
        ({"name": "day", "allowed_values": [1]}, "allowed_values must each be text, got 1"),
        (
            {"name": "n", "type": "integer", "default": 0, "minimum": 1},
            "default: n must be a whole number from 1, got 0",
        ),
    ],
    ids=shown,
)
def test_one_that_could_not_be_checked_is_refused(given: dict[str, Any], problem: str) -> None:
    """Where it is made, with the way out."""
    with pytest.raises(processing.ValidationError, match=re.escape(problem)):
        Parameter(**given)


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Each in a line of its own, with the parameter's name."""
    with pytest.raises(processing.ValidationError) as raised:
        Parameter("day", type="boolean", pattern="a", minimum=1)

    name, kind = "parameter 'day' (WorkflowParameter)", "but the type is 'boolean'"
    assert str(raised.value).splitlines() == [
        f"{name}: pattern is for type 'string' or 'strings', {kind}",
        f"{name}: minimum is for type 'number' or 'integer', {kind}",
    ]


def test_a_default_may_be_filled_in_by_cloudformation(stack: cdk.Stack) -> None:
    """It cannot be checked then."""
    name = cdk.CfnParameter(stack, "Bucket").value_as_string

    assert Parameter("bucket", pattern="[a-z]+", default=name).default == name


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (DAY, "2013", "2013"),
        (COUNT, "3", 3),
        (COUNT, "3.0", 3),
        (COUNT, "3.5", "3.5"),
        (COUNT, "9" * 400, "9" * 400),
        (COUNT, "many", "many"),
        (SHARE, "0.5", 0.5),
        (FULL, "true", True),
        (FULL, "yes", "yes"),
        (AIRPORTS, "JFK,LGA", ["JFK", "LGA"]),
        (AIRPORTS, '["JFK"]', ["JFK"]),
        (AIRPORTS, "5", ["5"]),
    ],
    ids=shown,
)
def test_a_text_of_a_command_line_is_read_by_its_type(
    parameter: processing.WorkflowParameter, text: str, value: Any
) -> None:
    """What cannot be read stays text, of which the check then tells."""
    assert parameter.parse(text) == value


def request_of(stack: cdk.Stack, language: sfn.QueryLanguage | None) -> Any:
    """The request of a step that has parameters everywhere, as its state has it."""
    step = processing.ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        arguments=[
            DAY.value,
            f"--day={DAY}",
            f"{COUNT}",
            f"{COUNT.value}",
            f"{FULL}",
            f"{AIRPORTS}",
        ],
        instance_count=COUNT.value,
        enable_network_isolation=FULL.value,
    )
    state = state_of(step, language)
    request = state.get("Parameters") or state["Arguments"]
    return {
        "arguments": request["AppSpecification"].get("ContainerArguments")
        or request["AppSpecification"]["ContainerArguments.$"],
        "count": request["ProcessingResources"]["ClusterConfig"],
        "isolation": request["NetworkConfig"],
    }


def test_it_stands_in_any_argument_in_jsonpath(stack: cdk.Stack) -> None:
    """As a variable of the workflow, alone and within text."""
    assert request_of(stack, None) == {
        "arguments": "States.Array($day, States.Format('--day={}', $day), "
        "States.Format('{}', $instances), States.Format('{}', $instances), "
        "States.Format('{}', $full), States.JsonToString($airports))",
        "count": {
            "InstanceCount.$": "$instances",
            "InstanceType": "ml.m5.xlarge",
            "VolumeSizeInGB": 30,
        },
        "isolation": {
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation.$": "$full",
        },
    }


def test_it_stands_in_any_argument_in_jsonata(stack: cdk.Stack) -> None:
    """Likewise."""
    assert request_of(stack, sfn.QueryLanguage.JSONATA) == {
        "arguments": [
            "{% $day %}",
            "{% '--day=' & $day %}",
            "{% $string($instances) %}",
            "{% $string($instances) %}",
            "{% $string($full) %}",
            "{% $string($airports) %}",
        ],
        "count": {
            "InstanceCount": "{% $instances %}",
            "InstanceType": "ml.m5.xlarge",
            "VolumeSizeInGB": 30,
        },
        "isolation": {
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": "{% $full %}",
        },
    }


@pytest.mark.parametrize("language", [None, sfn.QueryLanguage.JSONATA], ids=["JSONPath", "JSONata"])
def test_a_list_is_all_arguments(stack: cdk.Stack, language: sfn.QueryLanguage | None) -> None:
    """Of the step, in either language."""
    step = processing.ProcessingStep(stack, "Clean", image_uri=IMAGE, arguments=AIRPORTS.value)

    state = state_of(step, language)

    app = (state.get("Parameters") or state["Arguments"])["AppSpecification"]
    arguments = app.get("ContainerArguments.$") or app["ContainerArguments"]
    assert arguments in {"$airports", "{% $airports %}"}


def test_states_of_other_kinds_take_it(stack: cdk.Stack) -> None:
    """By its value or path in JSONPath, by its jsonata in JSONata."""
    each = sfn.Map(stack, "Each", items_path=AIRPORTS.path).item_processor(sfn.Pass(stack, "One"))
    plain = sfn.Pass(stack, "Tell", parameters={"day": DAY.value, "count": COUNT.value})
    other = sfn.Pass.jsonata(stack, "TellJsonata", outputs={"day": DAY.jsonata})

    assert state_of(each)["ItemsPath"] == "$airports"
    assert state_of(plain)["Parameters"] == {"day.$": "$day", "count.$": "$instances"}
    assert state_of(other)["Output"] == {"day": "{% $day %}"}


def test_the_command_reads_parameters_without_the_cdk() -> None:
    """Loading it starts a Node process and takes seconds."""
    code = (
        "import sys, cdk_sagemaker_processing.parameters.in_definition as d; "
        "d.WorkflowParameter('day', default='x').problem(5); "
        "print('jsii' in sys.modules, 'aws_cdk' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert found.stdout.strip() == "False False"

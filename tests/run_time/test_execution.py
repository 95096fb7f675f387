"""Values of the running execution, by name, in either query language."""

from typing import Any

import aws_cdk as cdk
import jsonata  # type: ignore[import-untyped] # it ships no type information
import pytest
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing import run_time
from tests.support import state_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
JSONATA = sfn.QueryLanguage.JSONATA
Execution = processing.Execution
Input = processing.StateInput
CONTEXT = {
    "Execution": {
        "Id": "arn:aws:states:eu-west-1:111122223333:execution:nightly:run-1",
        "Name": "run-1",
        "StartTime": "2026-01-31T04:05:06.789Z",
        "Input": {"day": "2026-01-30", "a b": {"it's": "deep"}},
    }
}
STATE_INPUT = {"day": "2026-01-29", "range": {"from": "x"}, "count": 3, "a-b": ["1", "2"]}
VALUES: dict[str, tuple[Any, str, Any]] = {
    "id": (Execution.id, "$$.Execution.Id", CONTEXT["Execution"]["Id"]),
    "name": (Execution.name, "$$.Execution.Name", "run-1"),
    "start time": (Execution.start_time, "$$.Execution.StartTime", "2026-01-31T04:05:06.789Z"),
    "start date": (
        Execution.start_date,
        "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0)",
        "2026-01-31",
    ),
    "input": (lambda: Execution.input("day"), "$$.Execution.Input.day", "2026-01-30"),
    "deep input": (
        lambda: Execution.input("a b", "it's"),
        r"$$.Execution.Input['a b']['it\'s']",
        "deep",
    ),
    "text": (lambda: Input.text("day"), "$.day", "2026-01-29"),
    "deep text": (lambda: Input.text("range", "from"), "$.range.from", "x"),
}


def arguments_of(
    stack: cdk.Stack, arguments: Any, language: sfn.QueryLanguage | None = None, **options: Any
) -> Any:
    """The arguments of a job, as its state has them."""
    step = processing.ProcessingStep(
        stack, "Clean", image_uri=IMAGE, arguments=arguments, **options
    )
    state = state_of(step, language)
    app = (state.get("Parameters") or state["Arguments"])["AppSpecification"]
    return app.get("ContainerArguments.$") or app["ContainerArguments"]


def evaluated(written: str) -> Any:
    """What a JSONata expression gives in this execution."""
    whole = jsonata.Jsonata(written.removeprefix("{%").removesuffix("%}"))
    whole.assign("states", {"input": STATE_INPUT, "context": CONTEXT})
    return whole.evaluate(None)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_a_path_in_jsonpath(stack: cdk.Stack, name: str) -> None:
    """Alone and inside text."""
    make, path, _ = VALUES[name]

    found = arguments_of(stack, [make(), f"--of={make()}!"])

    assert found == f"States.Array({path}, States.Format('--of={{}}!', {path}))"


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_an_expression_in_jsonata(stack: cdk.Stack, name: str) -> None:
    """Alone and inside text."""
    make, _, value = VALUES[name]

    alone, inside = arguments_of(stack, [make(), f"--of={make()}!"], JSONATA)

    assert evaluated(alone) == value
    assert evaluated(inside) == f"--of={value}!"


@pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
def test_a_number_is_one_and_text_inside_text(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """As an argument it is written in an f-string."""
    step = processing.ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        instance_count=Input.number("count"),
        arguments=["--count", f"{Input.number('count')}"],
        max_runtime=cdk.Duration.seconds(Input.number("count")),
        task_timeout=cdk.Duration.seconds(Input.number("count")),
    )

    state = state_of(step, language)

    request = state.get("Parameters") or state["Arguments"]
    cluster = request["ProcessingResources"]["ClusterConfig"]
    if language is None:
        assert cluster["InstanceCount.$"] == "$.count"
        assert request["StoppingCondition"]["MaxRuntimeInSeconds.$"] == "$.count"
        assert state["TimeoutSecondsPath"] == "$.count"
        assert request["AppSpecification"]["ContainerArguments.$"] == (
            "States.Array('--count', States.Format('{}', $.count))"
        )
    else:
        assert evaluated(cluster["InstanceCount"]) == 3
        assert evaluated(request["StoppingCondition"]["MaxRuntimeInSeconds"]) == 3
        assert evaluated(state["TimeoutSeconds"]) == 3
        assert "TimeoutSecondsPath" not in state
        assert evaluated(request["AppSpecification"]["ContainerArguments"][1]) == "3"


def test_a_list_is_all_arguments(stack: cdk.Stack) -> None:
    """It cannot lie among others."""
    assert arguments_of(stack, Input.texts("a-b")) == "$['a-b']"
    with pytest.raises(processing.ValidationError, match="can only be the whole list"):
        processing.ProcessingStep(
            stack, "Other", image_uri=IMAGE, arguments=["--x", *Input.texts("a-b")]
        )


def test_a_list_is_all_arguments_in_jsonata(stack: cdk.Stack) -> None:
    """Likewise."""
    assert evaluated(arguments_of(stack, Input.texts("a-b"), JSONATA)) == ["1", "2"]


def test_other_states_take_them_in_jsonpath(stack: cdk.Stack) -> None:
    """They are tokens of the CDK's."""
    state = sfn.Pass(
        stack,
        "Tell",
        parameters={
            "day": Execution.start_date(),
            "count": Input.number("count"),
            "all": Input.texts("a-b"),
            "deep": Input.text("range", "from"),
        },
    )

    assert state_of(state)["Parameters"] == {
        "day.$": "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0)",
        "count.$": "$.count",
        "all.$": "$['a-b']",
        "deep.$": "$.range.from",
    }


def test_an_output_under_the_start_date_is_of_the_execution(stack: cdk.Stack) -> None:
    """And named up to it in permissions."""
    step = processing.ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        outputs=[
            processing.ProcessingOutput(
                "out", destination=f"s3://lake/day={Execution.start_date()}/"
            )
        ],
    )

    (output,) = state_of(step)["Parameters"]["ProcessingOutputConfig"]["Outputs"]

    assert output["S3Output"]["S3Uri.$"] == (
        "States.Format('s3://lake/day={}/', "
        "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0))"
    )


NAMES = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="`"), min_size=1
)


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_any_name_leads_to_its_value_in_jsonata(names: list[str]) -> None:
    """Whatever characters it has."""
    value: Any = "found"
    for name in reversed(names):
        value = {name: value}
    reference = run_time.text(Input.text(*names))
    assert not isinstance(reference, str)
    whole = jsonata.Jsonata(getattr(reference, "jsonata", ""))
    whole.assign("states", {"input": value})

    assert whole.evaluate(None) == "found"


@pytest.mark.parametrize("names", [(), ("",), (5,), ("a", None)], ids=str)
@pytest.mark.parametrize(
    "make", [Execution.input, Input.text, Input.number, Input.texts], ids=lambda one: one.__name__
)
def test_a_value_needs_a_name(make: Any, names: tuple[Any, ...]) -> None:
    """The message shows how to write it."""
    with pytest.raises(ValueError, match=r"names must be one or more names.*text\('range', 'from'"):
        make(*names)


@pytest.mark.parametrize("name", ["$.day", "$$.Execution.Name", "$['day']"])
@pytest.mark.parametrize(
    "make", [Execution.input, Input.text, Input.number, Input.texts], ids=lambda one: one.__name__
)
def test_a_path_is_no_name(make: Any, name: str) -> None:
    """It would be looked for as a member that is called so, when the workflow runs."""
    with pytest.raises(ValueError, match=r"no path around them: text\('day'\) for \$\.day, got"):
        make(name)


def test_a_name_may_begin_with_a_dollar_sign(stack: cdk.Stack) -> None:
    """As a JSON schema's do."""
    assert arguments_of(stack, Input.texts("$ref")) == "$['$ref']"


def test_a_backtick_is_in_no_name() -> None:
    """JSONata has no way to write it."""
    with pytest.raises(ValueError, match="cannot hold a backtick in JSONata, got 'a`b'"):
        Input.text("a`b")

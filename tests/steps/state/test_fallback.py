"""The same job on other instance types, when the service refuses the one before."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import definition, machine_of, statements_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
THROTTLED = "SageMaker.AmazonSageMakerException"
FULL = "SageMaker.ResourceLimitExceededException"
WAIT = {
    "IntervalSeconds": 30,
    "MaxAttempts": 6,
    "BackoffRate": 2,
    "MaxDelaySeconds": 600,
    "JitterStrategy": "FULL",
}
JSONATA = sfn.QueryLanguage.JSONATA
BOTH = pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
# What a catcher says to hand on the state's input rather than the error.
KEPT: Mapping[Any, dict[str, Any]] = {
    None: {"ResultPath": None},
    JSONATA: {"Output": "{% $states.input %}"},
}


def step_with(stack: cdk.Stack, *types: str, **options: Any) -> processing.ProcessingStep:
    """A step with fallbacks."""
    return processing.ProcessingStep(
        stack, "Clean", image_uri=IMAGE, fallback_instance_types=types, **options
    )


def states_of(
    chain: sfn.IChainable, language: sfn.QueryLanguage | None = None
) -> dict[str, dict[str, Any]]:
    """The states of a machine of a chain."""
    states: dict[str, dict[str, Any]] = definition(machine_of(chain, language))["States"]
    return states


def transitions(states: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Where each state goes on, None where it ends."""
    return {name: one.get("Next") for name, one in states.items()}


def own_words(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state without its instance type and without what leads away from it."""
    request = dict(state.get("Parameters") or state.get("Arguments") or {})
    cluster = dict(request.pop("ProcessingResources")["ClusterConfig"])
    cluster.pop("InstanceType")
    left = {key: state[key] for key in state if key not in ("Retry", "Catch")}
    return {**left, "Parameters": None, "Arguments": None, "request": request, "cluster": cluster}


@BOTH
def test_each_type_is_a_state_that_catches_what_the_service_refused_before(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """A full quota is waited out only at the last, throttling at each; the input is handed on."""
    step = step_with(stack, "ml.m5.2xlarge", "ml.m4.xlarge")

    states = states_of(step, language)

    first, second, last = states.values()
    assert list(states) == ["Clean", "Clean on ml.m5.2xlarge", "Clean on ml.m4.xlarge"]
    assert first["Retry"] == second["Retry"] == [{"ErrorEquals": [THROTTLED], **WAIT}]
    assert last["Retry"] == [{"ErrorEquals": [THROTTLED, FULL], **WAIT}]
    assert first["Catch"] == [
        {"ErrorEquals": [THROTTLED, FULL], "Next": "Clean on ml.m5.2xlarge", **KEPT[language]}
    ]
    assert second["Catch"] == [
        {"ErrorEquals": [THROTTLED, FULL], "Next": "Clean on ml.m4.xlarge", **KEPT[language]}
    ]
    assert "Catch" not in last


@BOTH
def test_it_is_the_same_job_but_for_its_instance_type(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """Result, timeout, comment, variables and all of the request."""
    step = step_with(
        stack,
        "ml.m5.2xlarge",
        outputs=[processing.ProcessingOutput("out")],
        arguments=[processing.StateInput.text("day")],
        environment={"DAY": processing.Execution.start_date()},
        tags={"team": "data"},
        result_name="clean",
        comment="cleans",
        task_timeout=cdk.Duration.hours(2),
        assign={"done": "yes"},
        volume_kms_key="1234",
    )

    states = states_of(step, language)

    first, last = states.values()
    assert own_words(first) == own_words(last)
    types = [
        (one.get("Parameters") or one["Arguments"])["ProcessingResources"]["ClusterConfig"]
        for one in states.values()
    ]
    assert [one["InstanceType"] for one in types] == ["ml.m5.xlarge", "ml.m5.2xlarge"]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@BOTH
def test_what_a_user_adds_holds_for_every_type(
    stack: cdk.Stack, language: sfn.QueryLanguage | None, *, before: bool
) -> None:
    """Retries, catchers and the next state, in whichever order they are added."""
    step = step_with(stack, "ml.m5.2xlarge", "ml.m4.xlarge")
    if before:
        step.next(sfn.Pass(stack, "Tell"))
    step.add_catch(sfn.Fail(stack, "Bad"), errors=["States.TaskFailed"])
    step.add_retry(errors=["States.Timeout"], max_attempts=1)
    step.add_catch(sfn.Fail(stack, "Lost"))
    if not before:
        step.next(sfn.Pass(stack, "Tell"))

    states = states_of(step, language)

    jobs = [one for name, one in states.items() if name.startswith("Clean")]
    assert [one["Next"] for one in jobs] == ["Tell"] * 3
    assert [one["Retry"][1:] for one in jobs] == [
        [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]
    ] * 3
    users = [
        {"ErrorEquals": ["States.TaskFailed"], "Next": "Bad"},
        {"ErrorEquals": ["States.ALL"], "Next": "Lost"},
    ]
    assert [one["Catch"][-2:] for one in jobs] == [users] * 3
    assert [len(one["Catch"]) for one in jobs] == [3, 3, 2]


def test_without_retries_each_refusal_leads_to_the_next_type_at_once(stack: cdk.Stack) -> None:
    """The user's own retries stay."""
    step = step_with(stack, "ml.m5.2xlarge", retry_on_service_errors=False)
    step.add_retry(errors=["States.Timeout"], max_attempts=1)

    retries = [one["Retry"] for one in states_of(step).values()]

    assert retries == [[{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]] * 2


def test_a_retry_of_the_users_making_is_each_types_own(stack: cdk.Stack) -> None:
    """Where it names no errors, a full quota is waited out only at the last."""
    step = step_with(stack, "ml.m5.2xlarge", retry_on_service_errors=sfn.RetryProps(max_attempts=2))

    retries = [one["Retry"] for one in states_of(step).values()]

    assert retries == [
        [{"ErrorEquals": [THROTTLED], "MaxAttempts": 2}],
        [{"ErrorEquals": [THROTTLED, FULL], "MaxAttempts": 2}],
    ]


def test_a_retry_of_every_error_comes_last_for_each_type(stack: cdk.Stack) -> None:
    """Step Functions wants it last, so the CDK puts it there."""
    step = step_with(
        stack,
        "ml.m5.2xlarge",
        retry_on_service_errors=sfn.RetryProps(errors=["States.ALL"], max_attempts=2),
    )
    step.add_retry(errors=["States.Timeout"], max_attempts=1)

    retries = [one["Retry"] for one in states_of(step).values()]

    assert (
        retries
        == [
            [
                {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1},
                {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2},
            ]
        ]
        * 2
    )


def test_a_chain_goes_on_after_each_type(stack: cdk.Stack) -> None:
    """A step with fallbacks is one link of a chain, with a choice behind it."""
    choice = sfn.Choice(stack, "Any").when(
        sfn.Condition.string_equals("$.day", "x"), sfn.Pass(stack, "Some")
    )
    chain = (
        sfn.Chain.start(sfn.Pass(stack, "Start"))
        .next(step_with(stack, "ml.m5.2xlarge"))
        .next(choice.otherwise(sfn.Pass(stack, "None")).afterwards())
        .next(sfn.Pass(stack, "End"))
    )

    assert transitions(states_of(chain)) == {
        "Start": "Clean",
        "Clean": "Any",
        "Clean on ml.m5.2xlarge": "Any",
        "Any": None,
        "Some": "End",
        "None": "End",
        "End": None,
    }


@pytest.mark.parametrize(
    "handlers",
    [False, True],
    ids=["ends", "ends and handlers"],
)
def test_a_choice_goes_on_after_each_type(stack: cdk.Stack, *, handlers: bool) -> None:
    """A step with fallbacks may be one of the ways of a choice."""
    choice = sfn.Choice(stack, "Any").when(
        sfn.Condition.string_equals("$.day", "x"), step_with(stack, "ml.m5.2xlarge")
    )
    chain = choice.otherwise(sfn.Pass(stack, "None")).afterwards(include_error_handlers=handlers)

    found = transitions(states_of(chain.next(sfn.Pass(stack, "End"))))

    assert found == {
        "Any": None,
        "Clean": "End",
        "Clean on ml.m5.2xlarge": "End",
        "None": "End",
        "End": None,
    }


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
@BOTH
def test_it_may_stand_in_a_branch_or_an_iteration(
    stack: cdk.Stack, kind: str, language: sfn.QueryLanguage | None
) -> None:
    """All of its states are inside; in JSONata the step says so, as the CDK does not tell."""
    step = step_with(stack, "ml.m5.2xlarge", query_language=language)
    outer: sfn.IChainable
    if kind == "Parallel":
        outer = sfn.Parallel(stack, "Outer").branch(step)
    else:
        outer = sfn.Map(stack, "Outer").item_processor(step)

    state = states_of(outer, language)["Outer"]

    inner = state["Branches"][0] if kind == "Parallel" else state["ItemProcessor"]
    assert inner["StartAt"] == "Clean"
    assert transitions(inner["States"]) == {"Clean": None, "Clean on ml.m5.2xlarge": None}
    told = {one.get("QueryLanguage") for one in inner["States"].values()}
    assert told == {None if language is None else "JSONata"}
    assert inner["States"]["Clean"]["Catch"][0].items() >= KEPT[language].items()


def test_a_prefix_of_a_fragment_goes_before_every_state(stack: cdk.Stack) -> None:
    """The CDK renames a fragment's states, and what leads to them."""

    class Fragment(sfn.StateMachineFragment):
        """A step with a fallback."""

        def __init__(self, scope: cdk.Stack, name: str) -> None:
            super().__init__(scope, name)
            self.step = processing.ProcessingStep(
                self, "Clean", image_uri=IMAGE, fallback_instance_types=["ml.m5.2xlarge"]
            )

        @property
        def start_state(self) -> sfn.State:
            """The step."""
            return self.step

        @property
        def end_states(self) -> list[sfn.INextable]:
            """The step, which takes its fallback with it."""
            return [self.step]

    chain = Fragment(stack, "Day").prefix_states("Day: ").next(sfn.Pass(stack, "End"))

    states = states_of(chain)

    assert transitions(states) == {
        "Day: Clean": "End",
        "Day: Clean on ml.m5.2xlarge": "End",
        "End": None,
    }
    assert states["Day: Clean"]["Catch"][0]["Next"] == "Day: Clean on ml.m5.2xlarge"


def test_its_permissions_are_those_of_one_step(stack: cdk.Stack) -> None:
    """All its jobs have the step's name and role."""
    step = step_with(stack, "ml.m5.2xlarge")

    machine_of(step)

    actions = [one["Action"] for one in statements_of(stack, "MachineCleanRole")]
    assert actions == [
        [
            "sagemaker:AddTags",
            "sagemaker:CreateProcessingJob",
            "sagemaker:DescribeProcessingJob",
            "sagemaker:ListTags",
            "sagemaker:StopProcessingJob",
        ],
        "iam:PassRole",
        ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
    ]


def test_a_type_known_only_at_run_time_is_counted_in_the_states_name(stack: cdk.Stack) -> None:
    """A state's name is known at synth."""
    step = step_with(stack, sfn.JsonPath.string_at("$.type"), "ml.m4.xlarge")

    states = states_of(step)

    assert list(states) == ["Clean", "Clean on fallback 1", "Clean on ml.m4.xlarge"]
    request = states["Clean on fallback 1"]["Parameters"]
    assert request["ProcessingResources"]["ClusterConfig"]["InstanceType.$"] == "$.type"


def test_a_type_in_jsonata_is_counted_in_the_states_name(stack: cdk.Stack) -> None:
    """An expression is no name."""
    step = step_with(stack, "{% $states.input.type %}")

    states = states_of(step, JSONATA)

    assert list(states) == ["Clean", "Clean on fallback 1"]
    request = states["Clean on fallback 1"]["Arguments"]
    cluster = request["ProcessingResources"]["ClusterConfig"]
    assert cluster["InstanceType"] == "{% $states.input.type %}"


def test_the_name_is_the_states_own(stack: cdk.Stack) -> None:
    """Not the construct's id, where the step has a state_name."""
    states = states_of(step_with(stack, "ml.m5.2xlarge", state_name="Clean the day"))

    assert list(states) == ["Clean the day", "Clean the day on ml.m5.2xlarge"]


def test_a_fallbacks_name_is_not_longer_than_a_states_may_be(stack: cdk.Stack) -> None:
    """The CDK takes it, and Step Functions refuses it at deploy; another name mends it."""
    with pytest.raises(processing.ValidationError, match="at most 80 characters, got 92"):
        step_with(stack, "ml.m5.2xlarge", state_name="x" * 75)


@pytest.mark.parametrize(
    "types", [["ml.m5.2xlarge", "ml.m5.2xlarge"], ["ml.m5.xlarge"]], ids=["twice", "the first"]
)
def test_each_type_is_tried_once(stack: cdk.Stack, types: list[str]) -> None:
    """A second try of one type is a retry."""
    with pytest.raises(processing.ValidationError, match=rf"fallback_instance_types.*{types[0]}"):
        step_with(stack, *types)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fallback_instance_types": "ml.m5.2xlarge"}, "must be a list known at synth"),
        (
            {"fallback_instance_types": sfn.JsonPath.list_at("$.types")},
            "must be a list known at synth, each of its items a state",
        ),
        ({"fallback_instance_types": [5]}, r"fallback_instance_types\[0\] must be a string, got 5"),
        (
            {"fallback_instance_types": ["ml.m5.nano"]},
            r"fallback_instance_types\[0\]: 'ml.m5.nano' is not one of .*InstanceType\]",
        ),
        (
            {"fallback_instance_types": ["ml.r5d.large"], "volume_size_in_gb": 500},
            r"fallback_instance_types\[0\]: .*VolumeSizeInGB\]",
        ),
    ],
    ids=["a string", "run time", "a number", "unknown", "does not fit"],
)
def test_a_wrong_type_is_named_with_its_place(
    stack: cdk.Stack, options: dict[str, Any], words: str
) -> None:
    """All the limits hold on each instance type."""
    with pytest.raises(processing.ValidationError, match=words):
        processing.ProcessingStep(stack, "Clean", image_uri=IMAGE, **options)


def test_a_problem_of_the_job_is_told_once(stack: cdk.Stack) -> None:
    """Not again for every instance type."""
    with pytest.raises(processing.ValidationError) as refused:
        step_with(stack, "ml.m5.2xlarge", "ml.m4.xlarge", instance_count=0)

    assert len(refused.value.problems) == 1


def test_an_override_of_the_instance_type_is_the_first_ones(stack: cdk.Stack) -> None:
    """The fallbacks stay what they are."""
    step = step_with(
        stack,
        "ml.m5.2xlarge",
        request_overrides={"ProcessingResources.ClusterConfig.InstanceType": "ml.c5.xlarge"},
    )

    clusters = [
        one["Parameters"]["ProcessingResources"]["ClusterConfig"]["InstanceType"]
        for one in states_of(step).values()
    ]

    assert clusters == ["ml.c5.xlarge", "ml.m5.2xlarge"]


def test_a_machine_that_the_service_has_not_is_told_once(stack: cdk.Stack) -> None:
    """With its reason."""
    with pytest.raises(processing.ValidationError, match="Graviton") as refused:
        processing.SKLearnStep(
            stack, "Clean", code="s3://code/a.py", fallback_instance_types=["ml.c6g.large"]
        )

    assert len(refused.value.problems) == 1


def test_a_step_belongs_to_one_machine(stack: cdk.Stack) -> None:
    """As every state of the CDK; its fallbacks go with it."""
    step = step_with(stack, "ml.m5.2xlarge")
    machine_of(step)

    with pytest.raises(RuntimeError, match="Every state can only be used in one graph"):
        sfn.StateMachine(stack, "Second", definition_body=sfn.DefinitionBody.from_chainable(step))


def test_two_machines_may_have_steps_of_one_name(stack: cdk.Stack) -> None:
    """Each is a construct of its own scope, with a role and a job name of its own."""
    steps = [
        processing.ProcessingStep(
            cdk.Stack(stack, name),
            "Clean",
            image_uri=IMAGE,
            fallback_instance_types=["ml.m4.xlarge"],
        )
        for name in ("A", "B")
    ]

    names = [list(states_of(step)) for step in steps]

    assert names == [["Clean", "Clean on ml.m4.xlarge"]] * 2
    assert steps[0].job_name_prefix != steps[1].job_name_prefix

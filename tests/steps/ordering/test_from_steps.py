"""``ProcessingWorkflow.from_steps``: what states it makes of steps that wait for each other."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from tests.steps.ordering.test_plan import Waits, graphs, levels, needed
from tests.support import definition, new_stack

JSONATA = sfn.QueryLanguage.JSONATA


def step(
    stack: cdk.Stack, script: Path, name: str, *reads: processing.ProcessingStep, **options: Any
) -> processing.SKLearnStep:
    """A step that reads the outputs of others, and has one of its own."""
    return processing.SKLearnStep(
        stack,
        name,
        code=script,
        inputs=[
            processing.ProcessingInput(one.output("out"), input_name=f"of-{one.node.id.lower()}")
            for one in reads
        ],
        outputs=[processing.ProcessingOutput("out")],
        **options,
    )


def rendered(stack: cdk.Stack, *steps: sfn.IChainable, **options: Any) -> dict[str, Any]:
    """The definition of a workflow of the steps."""
    workflow = processing.ProcessingWorkflow.from_steps(stack, "Flow", steps=steps, **options)
    return definition(workflow.state_machine)


def path_of(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The states of a machine or branch in the order in which they run."""
    name = machine["StartAt"]
    while name:
        yield name, machine["States"][name]
        name = machine["States"][name].get("Next")


def outline(machine: Mapping[str, Any]) -> list[Any]:
    """A machine in short: names in their order, the branches of a Parallel as lists in a list."""
    return [
        [outline(branch) for branch in state["Branches"]] if state["Type"] == "Parallel" else name
        for name, state in path_of(machine)
    ]


def simulated(
    machine: Mapping[str, Any], lasting: Mapping[str, int], start: int = 0
) -> dict[str, tuple[int, int]]:
    """When each job of a machine starts and ends, if they last so long."""
    found: dict[str, tuple[int, int]] = {}
    for name, state in path_of(machine):
        if state["Type"] == "Parallel":
            for branch in state["Branches"]:
                found |= simulated(branch, lasting, start)
        else:
            found[name] = (start, start + lasting[name])
        start = max(end for _, end in found.values())
    return found


def test_steps_wait_for_those_whose_outputs_they_read(stack: cdk.Stack, script: Path) -> None:
    """Listed in any order, run in that of their data, side by side where they may."""
    split = step(stack, script, "Split")
    train, test = step(stack, script, "Train", split), step(stack, script, "Test", split)
    report = step(stack, script, "Report", train, test)

    found = rendered(stack, report, test, train, split)

    assert outline(found) == ["Split", [["Test"], ["Train"]], "Report"]
    assert found["States"]["Parallel 1"] == {
        "Type": "Parallel",
        "ResultPath": None,
        "Next": "Report",
        "Branches": found["States"]["Parallel 1"]["Branches"],
    }


def test_an_output_named_in_arguments_or_written_to_is_waited_for_too(
    stack: cdk.Stack, script: Path
) -> None:
    """As it is by a job that finds its data by itself, or adds to it."""
    split = step(stack, script, "Split")
    asked = step(stack, script, "Asked", arguments=["--from", split.output("out")])
    adding = processing.SKLearnStep(
        stack,
        "Adding",
        code=script,
        outputs=[processing.ProcessingOutput("more", destination=f"{split.output('out')}more/")],
    )

    found = rendered(stack, adding, asked, split)

    assert outline(found) == ["Split", [["Adding"], ["Asked"]]]


def test_steps_wait_for_those_that_they_are_told_to(stack: cdk.Stack, script: Path) -> None:
    """Beside their data, as where one must not start before another has checked something."""
    check, load, tell = (step(stack, script, name) for name in ("Check", "Load", "Tell"))

    found = rendered(stack, load, tell, check, depends_on={load: [check]})

    assert outline(found) == [[["Check", "Load"], ["Tell"]]]


def test_one_step_is_a_machine_of_one_state(stack: cdk.Stack, script: Path) -> None:
    """With nothing around it."""
    assert outline(rendered(stack, step(stack, script, "Split"))) == ["Split"]


def test_fallbacks_of_a_step_go_on_where_it_does(stack: cdk.Stack, script: Path) -> None:
    """Whichever instance type the job found, the next step follows."""
    split = step(stack, script, "Split", fallback_instance_types=["ml.c5.xlarge"])
    train = step(stack, script, "Train", split)

    states = rendered(stack, train, split)["States"]

    assert {name: state.get("Next") for name, state in states.items()} == {
        "Split": "Train",
        "Split on ml.c5.xlarge": "Train",
        "Train": None,
    }


def test_results_that_are_kept_come_out_of_a_parallel(stack: cdk.Stack, script: Path) -> None:
    """As if the steps had run one after the other: the input, and each result under its name."""
    a, b, c = (step(stack, script, name, result_name=name.lower()) for name in "ABC")
    d = step(stack, script, "D")

    state = rendered(stack, a, d, b, c)["States"]["Parallel 1"]

    assert outline({"StartAt": "P", "States": {"P": state}}) == [[["A"], ["D"], ["B"], ["C"]]]
    assert state["ResultSelector"] == {
        "output.$": "States.JsonMerge($[0], States.JsonMerge($[2], $[3], false), false)"
    }
    assert state["OutputPath"] == "$.output"
    assert "ResultPath" not in state


def test_one_result_comes_out_as_it_is(stack: cdk.Stack, script: Path) -> None:
    """The output of its branch holds the input, too."""
    state = rendered(stack, step(stack, script, "A"), step(stack, script, "B", result_name="b"))

    assert state["States"]["Parallel 1"]["ResultSelector"] == {"output.$": "$[1]"}


@pytest.mark.parametrize(
    ("result_name", "output"),
    [(None, "{% $states.input %}"), ("b", "{% $merge([$states.result[1]]) %}")],
)
def test_a_jsonata_workflow_is_ordered_likewise(
    stack: cdk.Stack, script: Path, result_name: str | None, output: str
) -> None:
    """Its Parallel states are of its language."""
    a = step(stack, script, "A", query_language=JSONATA)
    b = step(stack, script, "B", query_language=JSONATA, result_name=result_name)
    c = step(stack, script, "C", a, b, query_language=JSONATA)

    found = rendered(stack, c, a, b, query_language=JSONATA)

    assert outline(found) == [[["A"], ["B"]], "C"]
    assert found["States"]["Parallel 1"]["Output"] == output
    assert found["QueryLanguage"] == "JSONata"


def test_other_states_take_part_if_it_is_told_what_they_wait_for(
    stack: cdk.Stack, script: Path
) -> None:
    """A Map, a wait or a chain, before and behind steps."""
    split = step(stack, script, "Split")
    each = sfn.Map(stack, "Each", items_path="$.days").item_processor(sfn.Pass(stack, "Day"))
    two = sfn.Pass(stack, "First").next(sfn.Pass(stack, "Second"))

    found = rendered(stack, each, two, split, depends_on={each: [split], two: []})

    assert outline(found) == [[["Split", "Each"], ["First", "Second"]]]


def test_the_names_of_parallel_states_leave_those_of_steps_alone(
    stack: cdk.Stack, script: Path
) -> None:
    """However a user names a step."""
    found = rendered(stack, step(stack, script, "Parallel 1"), step(stack, script, "B"))

    assert outline(found) == [[["Parallel 1"], ["B"]]]
    assert list(found["States"]) == ["Parallel 2"]


def test_two_workflows_of_a_scope_have_parallel_states_each(stack: cdk.Stack, script: Path) -> None:
    """Their constructs are not in each other's way."""
    for name in ("Nightly", "Weekly"):
        steps = [step(stack, script, f"{name}{at}") for at in range(2)]
        processing.ProcessingWorkflow.from_steps(stack, name, steps=steps)

    assert stack.node.try_find_child("Nightly Parallel 1")
    assert stack.node.try_find_child("Weekly Parallel 1")


def test_what_every_workflow_takes_is_handed_on(stack: cdk.Stack, script: Path) -> None:
    """Such as the time that an execution may take."""
    found = rendered(stack, step(stack, script, "A"), timeout=cdk.Duration.hours(2))

    assert found["TimeoutSeconds"] == 7200


def test_a_circle_is_refused_by_its_name(stack: cdk.Stack, script: Path) -> None:
    """The way round, as it would run; what is not on it is left out."""
    split = step(stack, script, "Split")
    train = step(stack, script, "Train", split)
    report = step(stack, script, "Report", train)

    with pytest.raises(
        processing.ValidationError,
        match=r"Prod/Flow \(ProcessingWorkflow\): the steps go in a circle, "
        "Train → Report → Train: take one of these out of depends_on$",
    ):
        rendered(stack, split, train, report, depends_on={train: [report]})


def test_every_mistake_about_steps_is_told(stack: cdk.Stack, script: Path) -> None:
    """Steps that are missing, there twice, or of another kind and without a word."""
    a, b = step(stack, script, "A"), step(stack, script, "B")

    with pytest.raises(processing.ValidationError) as caught:
        rendered(stack, a, a, sfn.Pass(stack, "Pass"), depends_on={a: [b]})

    assert [one.text for one in caught.value.problems] == [
        "steps[1]: 'A' is in steps already: name each step once",
        (
            "steps[2]: 'Pass' is no processing step, so whose outputs it reads is not known: "
            "say in depends_on what it waits for, [] if nothing"
        ),
        "depends_on: 'B' is not in steps: add it there too",
    ]


def test_what_is_no_state_is_told(stack: cdk.Stack, script: Path) -> None:
    """Such as a step's name, or a step where a list of them belongs."""
    a = step(stack, script, "A")
    name: Any = "B"
    wrong: Any = {a: a, "B": ["C"]}

    with pytest.raises(processing.ValidationError) as caught:
        rendered(stack, a, name, depends_on=wrong)

    assert [one.text for one in caught.value.problems] == [
        f"depends_on must be of lists of steps, got {a!r}",
        "steps[1] must be a step or another state, got 'B'",
        "depends_on must be a step or another state, got 'B'",
        "depends_on must be a step or another state, got 'C'",
    ]


def test_no_steps_are_no_workflow(stack: cdk.Stack) -> None:
    """There would be nothing to start at."""
    with pytest.raises(processing.ValidationError, match="steps must be one or more, got none"):
        rendered(stack)


@given(waits=graphs(most=8), data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_graph_the_rendered_machine_runs_in_its_order(
    waits: Waits, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No job starts before all it waits for have ended, nor later than level by level."""
    stack = new_stack(tmp_path_factory.mktemp("random"))
    steps = [sfn.Pass(stack, f"S{at}") for at in range(len(waits))]
    depends_on = {steps[at]: [steps[one] for one in of] for at, of in enumerate(waits)}
    lasting = {one.node.id: data.draw(st.integers(1, 100)) for one in steps}

    machine = rendered(stack, *steps, depends_on=depends_on)
    times = [simulated(machine, lasting)[one.node.id] for one in steps]

    level = levels(waits)
    for before, after in needed(waits):
        assert times[before][1] <= times[after][0]
    for at, (start, _) in enumerate(times):
        lower = [
            max(lasting[f"S{one}"] for one in range(len(waits)) if level[one] == below)
            for below in range(level[at])
        ]
        assert start <= sum(lower)

"""Steps inside Parallel and Map, where the CDK tells no state its machine's language."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import cx_api as cxapi

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.steps.state.machine_rules import overwriting
from tests.support import machine_of, new_stack, state_of, template_of


def parallel_of(
    stack: cdk.Stack, script: Path, query_language: sfn.QueryLanguage | None = None
) -> sfn.Parallel:
    """A Parallel with one step in its only branch."""
    step = processing.SKLearnStep(stack, "Clean", code=script, query_language=query_language)
    return sfn.Parallel(stack, "Both").branch(step)


def synthesize(stack: cdk.Stack) -> cxapi.CloudAssembly:
    """Synthesize the stack's app."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    return app.synth()


def test_a_step_in_a_jsonpath_machine_needs_nothing(stack: cdk.Stack, script: Path) -> None:
    """JSONPath is what the CDK and the step both take for given."""
    state = state_of(parallel_of(stack, script))

    assert "Parameters" in state["Branches"][0]["States"]["Clean"]
    synthesize(stack)


def test_a_number_that_cloudformation_fills_in_passes_the_check(
    stack: cdk.Stack, script: Path
) -> None:
    """It stands without quotation marks in the definition, which the check reads as JSON."""
    count = cdk.CfnParameter(stack, "Count", type="Number").value_as_number
    step = processing.SKLearnStep(stack, "Clean", code=script, instance_count=count)
    machine_of(sfn.Parallel(stack, "Both").branch(step))

    synthesize(stack)


@pytest.mark.parametrize("text", ['{"States": {"Wait": {"Seconds": ${seconds}}}}', "[]"])
def test_a_definition_of_the_users_own_is_left_alone(
    stack: cdk.Stack, script: Path, text: str
) -> None:
    """One with substitutions need not be JSON before CloudFormation fills them in."""
    machine_of(processing.SKLearnStep(stack, "Clean", code=script))
    role = "arn:aws:iam::111122223333:role/x"
    sfn.CfnStateMachine(stack, "Own", role_arn=role, definition_string=text)

    synthesize(stack)


def test_the_check_leaves_nothing_in_a_parent_stack(tmp_path: Path, script: Path) -> None:
    """A nested stack's image mapping is its own; a copy in the parent would be of no use."""
    parent = new_stack(tmp_path, environment=None)
    step = processing.SKLearnStep(parent, "Outer", code=script, image_uri="image")
    machine_of(step)
    nested = cdk.NestedStack(parent, "Nested")
    machine_of(processing.SKLearnStep(nested, "Inner", code=script))

    synthesize(parent)

    assert "Mappings" not in template_of(parent)


def test_a_step_with_the_machines_language_renders_in_it(stack: cdk.Stack, script: Path) -> None:
    """Told its language, the step is JSONata inside a JSONata machine."""
    jsonata = sfn.QueryLanguage.JSONATA

    state = state_of(parallel_of(stack, script, jsonata), jsonata)

    inner = state["Branches"][0]["States"]["Clean"]
    assert "Arguments" in inner
    assert "Parameters" not in inner
    synthesize(stack)


def test_a_step_that_was_not_told_is_refused_at_synth(stack: cdk.Stack, script: Path) -> None:
    """Rendered in JSONPath inside a JSONata machine, it would fail the deploy."""
    machine_of(parallel_of(stack, script), sfn.QueryLanguage.JSONATA)

    with pytest.raises(
        RuntimeError, match=r"state 'Clean' inside a Parallel or Map.*QueryLanguage\.JSONATA"
    ):
        synthesize(stack)


def warnings_of(stack: cdk.Stack) -> list[str]:
    """The warnings that the CDK's command line shows for the stack."""
    found = synthesize(stack).get_stack_by_name(stack.stack_name).messages
    return [str(one.entry.data) for one in found]


def written_in_a_map(stack: cdk.Stack, script: Path, output: processing.ProcessingOutput) -> None:
    """A machine with a Map over a step that has the output."""
    step = processing.SKLearnStep(stack, "Clean", code=script, outputs=[output])
    machine_of(sfn.Map(stack, "Each", items_path="$.items").item_processor(step))


def test_outputs_of_a_map_that_overwrite_each_other_are_told(
    stack: cdk.Stack, script: Path
) -> None:
    """Every iteration has the execution's name, so the default place is one for all."""
    written_in_a_map(stack, script, processing.ProcessingOutput("out"))

    (warning,) = warnings_of(stack)

    assert "'Clean' stands in a Map" in warning
    assert "$$.Map.Item.Index" in warning


def test_an_output_of_each_iteration_is_no_warning(stack: cdk.Stack, script: Path) -> None:
    """Its destination holds the iteration's number, as the warning says."""
    index = sfn.JsonPath.string_at("$$.Map.Item.Index")
    output = processing.ProcessingOutput("out", destination=f"s3://clean/{index}/")
    written_in_a_map(stack, script, output)

    assert not warnings_of(stack)


@pytest.mark.parametrize(
    ("mode", "found"), [("INLINE", ["Job"]), ("DISTRIBUTED", [])], ids=["inline", "distributed"]
)
def test_iterations_of_a_distributed_map_have_names_of_their_own(
    mode: str, found: list[str]
) -> None:
    """Each is an execution; in an inline one, JSONata is read as JSONPath is."""
    uri = "{% 's3://clean/' & $states.context.Execution.Name & '/' %}"
    outputs = [{"OutputName": "out", "S3Output": {"S3Uri": uri}}]
    job = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Arguments": {"ProcessingOutputConfig": {"Outputs": outputs}},
    }
    processor = {"ProcessorConfig": {"Mode": mode}, "States": {"Job": job}}

    assert overwriting({"States": {"Each": {"Type": "Map", "ItemProcessor": processor}}}) == found


@pytest.mark.parametrize(
    ("destination", "warned"), [(None, True), ("s3://clean/latest/", False)], ids=["own", "fixed"]
)
def test_an_output_of_another_machine_is_told(
    stack: cdk.Stack, script: Path, destination: str | None, *, warned: bool
) -> None:
    """It lies under the name of the other machine's execution, unless its place is fixed."""
    output = processing.ProcessingOutput("out", destination=destination)
    first = processing.SKLearnStep(stack, "First", code=script, outputs=[output])
    second = processing.SKLearnStep(
        stack, "Second", code=script, inputs=[processing.ProcessingInput(first.output("out"))]
    )
    machine_of(first)
    machine_of(second)

    found = warnings_of(stack)

    assert ["'Prod/Second' reads the output" in one for one in found] == [True] * warned


def test_an_output_of_the_same_machine_is_no_warning(stack: cdk.Stack, script: Path) -> None:
    """However deep the steps stand."""
    first = processing.SKLearnStep(
        stack, "First", code=script, outputs=[processing.ProcessingOutput("out")]
    )
    second = processing.SKLearnStep(
        stack, "Second", code=script, inputs=[processing.ProcessingInput(first.output("out"))]
    )
    machine_of(first.next(sfn.Parallel(stack, "Both").branch(second)))

    assert not warnings_of(stack)


def test_a_jsonpath_value_in_a_jsonata_machine_is_refused(stack: cdk.Stack, script: Path) -> None:
    """At the top level the step learns the machine's language when the machine is made."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, arguments=[sfn.JsonPath.string_at("$.day")]
    )

    with pytest.raises(
        RuntimeError, match=r"Prod/Clean \(SKLearnStep\): the value '\$\.day' is JSONPath"
    ):
        machine_of(step, sfn.QueryLanguage.JSONATA)

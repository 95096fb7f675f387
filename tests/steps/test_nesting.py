"""Steps inside Parallel and Map, where the CDK tells no state its machine's language."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, new_stack, state_of, template_of


def parallel_of(
    stack: cdk.Stack, script: Path, query_language: sfn.QueryLanguage | None = None
) -> sfn.Parallel:
    """A Parallel with one step in its only branch."""
    step = processing.SKLearnStep(stack, "Clean", code=script, query_language=query_language)
    return sfn.Parallel(stack, "Both").branch(step)


def synthesize(stack: cdk.Stack) -> None:
    """Synthesize the stack's app."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    app.synth()


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


def test_a_jsonpath_value_in_a_jsonata_machine_is_refused(stack: cdk.Stack, script: Path) -> None:
    """At the top level the step learns the machine's language when the machine is made."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, arguments=[sfn.JsonPath.string_at("$.day")]
    )

    with pytest.raises(
        RuntimeError, match=r"Prod/Clean \(SKLearnStep\): the value '\$\.day' is JSONPath"
    ):
        machine_of(step, sfn.QueryLanguage.JSONATA)

"""Steps in distributed Maps, whose iterations are executions, and in express executions."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import definition, statements_of

EXPRESS = sfn.StateMachineType.EXPRESS


def step(stack: cdk.Stack, script: Path, name: str, **options: Any) -> processing.SKLearnStep:
    """A step with one output."""
    options.setdefault("outputs", [processing.ProcessingOutput("out")])
    return processing.SKLearnStep(stack, name, code=script, **options)


def reading(one: processing.ProcessingStep) -> dict[str, Any]:
    """What has a step read another's output."""
    return {"inputs": [processing.ProcessingInput(one.output("out"), input_name="read")]}


def each_object(stack: cdk.Stack, inner: sfn.IChainable, **options: Any) -> sfn.DistributedMap:
    """A distributed Map over the objects of a bucket."""
    bucket = s3.Bucket.from_bucket_name(stack, "Raw", "raw-111122223333")
    return sfn.DistributedMap(
        stack,
        "Each",
        item_reader=sfn.S3ObjectsItemReader(bucket=bucket, prefix="flights/"),
        max_concurrency=10,
        **options,
    ).item_processor(inner)


def synthesize(stack: cdk.Stack) -> None:
    """Synthesize the stack's app."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    app.synth()


def test_a_step_runs_in_a_distributed_map(stack: cdk.Stack, script: Path) -> None:
    """A job for each object, with names of their own, and outputs under the iteration's name."""
    workflow = processing.ProcessingWorkflow(
        stack, "Flow", definition=each_object(stack, step(stack, script, "Clean"))
    )

    each = definition(workflow.state_machine)["States"]["Each"]
    job = each["ItemProcessor"]["States"]["Clean"]["Parameters"]

    assert each["MaxConcurrency"] == 10
    assert each["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    assert "States.UUID()" in job["ProcessingJobName.$"]
    (output,) = job["ProcessingOutputConfig"]["Outputs"]
    assert "$$.Execution.Name" in output["S3Output"]["S3Uri.$"]
    synthesize(stack)


def test_the_machine_may_start_its_own_iterations(stack: cdk.Stack, script: Path) -> None:
    """And list the objects, run the jobs and nothing else."""
    processing.ProcessingWorkflow(
        stack, "Flow", definition=each_object(stack, step(stack, script, "Clean"))
    )

    own = statements_of(stack, "DistributedMapPolicy")
    role = statements_of(stack, "StateMachineRoleDefaultPolicy")

    assert [one["Action"] for one in own] == [
        "states:StartExecution",
        ["states:DescribeExecution", "states:StopExecution"],
        "states:RedriveExecution",
    ]
    assert own[0]["Resource"] == "<FlowStateMachineD2BABC26>"
    lists = [one for one in role if "s3:ListBucket" in one["Action"]]
    assert [one["Resource"] for one in lists] == ["arn:<AWS::Partition>:s3:::raw-111122223333"]
    assert any("sagemaker:CreateProcessingJob" in one["Action"] for one in role)


def test_steps_of_one_iteration_read_each_others_outputs(stack: cdk.Stack, script: Path) -> None:
    """They are in one execution, side by side or one after another."""
    clean = step(stack, script, "Clean")
    tell = step(stack, script, "Tell", **reading(clean))
    processing.ProcessingWorkflow(stack, "Flow", definition=each_object(stack, clean.next(tell)))

    synthesize(stack)


@pytest.mark.parametrize("inwards", [True, False])
def test_no_step_reads_across_a_distributed_maps_border(
    stack: cdk.Stack, script: Path, inwards: bool
) -> None:
    """Neither into the Map nor out of it: the names of the executions differ."""
    first = step(stack, script, "First")
    second = step(stack, script, "Second", **reading(first))
    chain = (
        first.next(each_object(stack, second))
        if inwards
        else each_object(stack, first).next(second)
    )
    processing.ProcessingWorkflow(stack, "Flow", definition=chain)

    with pytest.raises(
        RuntimeError,
        match=r"Prod/Flow/StateMachine/Resource: the step 'Prod/Second' reads the output of a step "
        r"on the other side of a distributed Map's border",
    ):
        synthesize(stack)


def test_a_place_that_both_sides_know_is_read_across(stack: cdk.Stack, script: Path) -> None:
    """As the error advises: the run's name, handed in."""
    bucket = "s3://flights-111122223333/cleaned"
    first = step(
        stack,
        script,
        "First",
        outputs=[
            processing.ProcessingOutput(
                "out", destination=f"{bucket}/{processing.Execution.name()}/"
            )
        ],
    )
    place = f"{bucket}/{processing.StateInput.text('run')}/"
    second = step(stack, script, "Second", inputs=[processing.ProcessingInput(place)])
    each = each_object(stack, second, item_selector={"run": sfn.JsonPath.execution_name})
    processing.ProcessingWorkflow(stack, "Flow", definition=first.next(each))

    synthesize(stack)


def test_a_job_is_not_waited_for_in_an_express_iteration(stack: cdk.Stack, script: Path) -> None:
    """Step Functions would refuse the machine at deploy."""
    each = each_object(stack, step(stack, script, "Clean"), map_execution_type=EXPRESS)
    processing.ProcessingWorkflow(stack, "Flow", definition=each)

    with pytest.raises(RuntimeError, match="the step 'Clean' waits for its job, which express"):
        synthesize(stack)


@pytest.mark.parametrize("waits", [True, False])
def test_nor_in_an_express_machine(stack: cdk.Stack, script: Path, waits: bool) -> None:
    """One that only starts its job is at home there."""
    pattern = sfn.IntegrationPattern
    clean = step(
        stack,
        script,
        "Clean",
        integration_pattern=pattern.RUN_JOB if waits else pattern.REQUEST_RESPONSE,
    )
    sfn.StateMachine(
        stack,
        "Machine",
        definition_body=sfn.DefinitionBody.from_chainable(clean),
        state_machine_type=EXPRESS,
    )

    if waits:
        with pytest.raises(RuntimeError, match=r"integration_pattern=sfn\.IntegrationPattern\.REQ"):
            synthesize(stack)
    else:
        synthesize(stack)

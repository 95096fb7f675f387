"""A workflow of three jobs that do nothing, for measuring what is around them."""

import aws_cdk as cdk

import cdk_sagemaker_processing as processing

app = cdk.App()
stack = cdk.Stack(app, "Bench")
first, second, third = (
    processing.SKLearnStep(stack, name, framework_version="1.2-1", code="noop.py")
    for name in ("First", "Second", "Third")
)
workflow = processing.ProcessingWorkflow(
    stack, "Workflow", definition=first.next(second).next(third)
)
cdk.CfnOutput(stack, "Machine", value=workflow.state_machine.state_machine_arn)
app.synth()

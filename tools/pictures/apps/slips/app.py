"""A step with four slips of the pen."""

import aws_cdk as cdk

import cdk_sagemaker_processing as processing

app = cdk.App()
stack = cdk.Stack(app, "Nightly")
processing.SKLearnStep(
    stack,
    "Split",
    code="jobs/splt.py",
    framework_version="1.2",
    instance_count=0,
    outputs=[processing.ProcessingOutput("train"), processing.ProcessingOutput("train")],
)
app.synth()

"""Two steps, the second of which reads what the first writes."""

import aws_cdk as cdk

import cdk_sagemaker_processing as processing

app = cdk.App()
stack = cdk.Stack(app, "Nightly")
clean = processing.SKLearnStep(
    stack,
    "Clean",
    code="jobs/clean.py",
    outputs=[processing.ProcessingOutput("rows")],
)
count = processing.SKLearnStep(
    stack,
    "Count",
    code="jobs/count.py",
    inputs=[processing.ProcessingInput(clean.output("rows"))],
)
processing.ProcessingWorkflow(stack, "Pipeline", definition=clean.next(count))
app.synth()

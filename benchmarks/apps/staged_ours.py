"""A folder as the `source_dir` of a step: python staged_ours.py FOLDER OUTDIR."""

import sys

import aws_cdk as cdk

import cdk_sagemaker_processing as processing

folder, outdir = sys.argv[1:]
app = cdk.App(outdir=outdir)
processing.SKLearnStep(
    cdk.Stack(app, "Bench"), "Step", framework_version="1.2-1", code="job.py", source_dir=folder
)
app.synth()

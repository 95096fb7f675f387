"""A folder as an asset of the CDK's, zipped at deploy: python staged_asset.py FOLDER OUTDIR."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets

folder, outdir = sys.argv[1:]
app = cdk.App(outdir=outdir)
s3_assets.Asset(cdk.Stack(app, "Bench"), "Folder", path=folder)
app.synth()

"""The CDK app: the example stacks."""

import aws_cdk as cdk

from stacks.flights.stack import FlightsStack

app = cdk.App()
FlightsStack(app, "Flights")
app.synth()

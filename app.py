"""The CDK app: the example stacks.

cdk deploy                                              # to wherever the CLI is pointed
cdk deploy -c account=111122223333 -c region=eu-west-1  # checked for that region at synth
"""

import aws_cdk as cdk

from stacks.acknowledged import acknowledge
from stacks.flights.stack import FlightsStack

app = cdk.App()
environment = cdk.Environment(
    account=app.node.try_get_context("account"),
    region=app.node.try_get_context("region"),
)
flights = FlightsStack(app, "Flights", env=environment)
acknowledge(flights)  # what security tools find and is meant: see `make security`
app.synth()

"""The CDK app: the example stacks.

cdk deploy                                              # flights, to wherever the CLI is pointed
cdk deploy -c example=nightly                           # or fan_out, or all
cdk deploy -c account=111122223333 -c region=eu-west-1  # checked for that region at synth
"""

import sys

import aws_cdk as cdk

from stacks.acknowledged import acknowledge
from stacks.fan_out.stack import FanOutStack
from stacks.flights.stack import FlightsStack
from stacks.nightly.stack import NightlyStack

EXAMPLES: dict[str, type[cdk.Stack]] = {
    "flights": FlightsStack,
    "nightly": NightlyStack,
    "fan_out": FanOutStack,
}

app = cdk.App()
environment = cdk.Environment(
    account=app.node.try_get_context("account"),
    region=app.node.try_get_context("region"),
)
example = app.node.try_get_context("example") or "flights"
if example not in {*EXAMPLES, "all"}:
    sys.exit(f"there is no example {example!r}: choose {', '.join(EXAMPLES)} or all by -c example=")
for name, Stack in EXAMPLES.items():
    if example in {name, "all"}:
        stack = Stack(app, Stack.__name__.removesuffix("Stack"), env=environment)
        acknowledge(stack)  # what security tools find and is meant: see `make security`
app.synth()

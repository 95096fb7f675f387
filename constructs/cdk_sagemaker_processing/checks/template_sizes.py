"""Whether templates are of a size that CloudFormation takes; the CDK itself only warns."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import aws_cdk as cdk
import jsii

from cdk_sagemaker_processing.cdk.tree import path_of, stage_of

__all__ = ["LARGEST_TEMPLATE", "check_template_of"]

LARGEST_TEMPLATE = 1_000_000
"""Bytes of a template.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html,
"1 MB", which the service's own refusal gives as 1000000 bytes.
"""

_NAME = "SageMakerProcessingLimits"
_RULE = "TemplateSize"
_TEXT = "the template has {size:,} bytes, and CloudFormation takes {allowed:,}"
_WAY_OUT = (
    'Write templates without indentation, by "@aws-cdk/core:suppressTemplateIndentation": true in '
    "the context of the app, which is a third less; or put some of the steps, with a "
    "ProcessingWorkflow of their own, into a cdk.NestedStack, and run that by a WorkflowStep."
)


def check_template_of(stack: cdk.Stack) -> None:
    """Have a stack's template looked at once it is written, which is after all other checks."""
    stage = stage_of(stack)
    if stage is None:
        return
    plugin = _plugin_of(stage)
    plugin.stacks[path_of(stack)] = stack


def _plugin_of(stage: cdk.Stage) -> "_TemplateSizes":
    found = next((one for one in _plugins if one.stage == stage), None)
    if found is None:
        found = _TemplateSizes(stage)
        _plugins.append(found)
        cdk.Validations.of(stage).add_plugins(found)
    return found


@jsii.implements(cdk.IPolicyValidationPlugin)
class _TemplateSizes:
    def __init__(self, stage: cdk.Stage) -> None:
        self.stage = stage
        self.stacks: dict[str, cdk.Stack] = {}

    @property
    def name(self) -> str:
        return _NAME

    @property
    def version(self) -> str:
        return version("cdk-sagemaker-processing")

    @property
    def rule_ids(self) -> list[str]:
        return [_RULE]

    def validate(
        self,
        context: cdk.IPolicyValidationContext,  # noqa: ARG002 # the plugin knows its stacks
    ) -> cdk.PolicyValidationPluginReport:
        found = list(self._too_large())
        return cdk.PolicyValidationPluginReport(success=not found, violations=found)

    def _too_large(self) -> Iterator[cdk.PolicyViolation]:
        folder = Path(self.stage.outdir)
        for path, stack in self.stacks.items():
            size = (folder / stack.template_file).stat().st_size
            if size > LARGEST_TEMPLATE:
                yield cdk.PolicyViolation(
                    rule_name=_RULE,
                    description=_TEXT.format(size=size, allowed=LARGEST_TEMPLATE),
                    fix=_WAY_OUT,
                    severity="error",
                    violating_resources=[
                        cdk.PolicyViolatingResource(construct_path=path, locations=["Resources"])
                    ],
                )


_plugins: list[_TemplateSizes] = []

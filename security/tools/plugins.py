"""The CDK's own validation of templates, this project's checks, and the warnings of constructs."""

from collections.abc import Callable, Iterator
from functools import cache

import aws_cdk as cdk
import jsii
from constructs import IConstruct

import cdk_sagemaker_processing as processing
from security.findings import Evaluation, Finding
from security.intrinsics import ACCOUNT, REGION
from security.synthesis import Synthesized

__all__ = ["CLOUDFORMATION", "JOBS", "WARNINGS", "evaluate"]

CLOUDFORMATION = "CloudFormation-Validate"
JOBS = "SageMakerProcessing"
WARNINGS = "Annotation"


@jsii.implements(cdk.IPolicyValidationContext)
class _Context:
    """What the CDK gives a validation plugin, of one stack."""

    def __init__(self, stack: Synthesized) -> None:
        self._stack = stack

    @property
    def account_id(self) -> str:
        return ACCOUNT

    @property
    def region(self) -> str:
        return REGION

    @property
    def app_construct(self) -> IConstruct:
        return self._stack.construct.node.root

    @property
    def template_paths(self) -> list[str]:
        return [str(self._stack.file)]

    @property
    def stack_templates(self) -> list[cdk.PolicyValidationStack]:
        return [
            cdk.PolicyValidationStack(
                stack_construct_path=self._stack.path,
                template_path=str(self._stack.file),
                account_id=ACCOUNT,
                region=REGION,
            )
        ]


@cache
def _cloudformation() -> cdk.CloudFormationValidatePlugin:
    return cdk.CloudFormationValidatePlugin()


_PLUGINS: dict[str, Callable[[], cdk.CloudFormationValidatePlugin | processing.ProcessingChecks]]
_PLUGINS = {CLOUDFORMATION: _cloudformation, JOBS: processing.ProcessingChecks}


def evaluate(stack: Synthesized) -> list[Evaluation]:
    """Have both validation plugins look at a stack, and return its constructs' warnings too.

    CloudFormation validation, which is part of each synthesis, is run here once more: its report
    there is without what is acknowledged.

    Args:
        stack: The stack.
    """
    return [_evaluation(stack, tool, make()) for tool, make in _PLUGINS.items()]


def _evaluation(
    stack: Synthesized,
    tool: str,
    plugin: cdk.CloudFormationValidatePlugin | processing.ProcessingChecks,
) -> Evaluation:
    found = [
        Finding(
            tool,
            violation.rule_name,
            resource.construct_path or stack.path_of(resource.resource_logical_id or ""),
            violation.description,
        )
        for violation in plugin.validate(_Context(stack)).violations
        for resource in violation.violating_resources
    ]
    if tool == CLOUDFORMATION:
        found += _warnings(stack)
    return Evaluation(tool, stack.name, len(plugin.rule_ids or ()), found)


def _warnings(stack: Synthesized) -> Iterator[Finding]:
    for report in stack.validation["pluginReports"]:
        if report["pluginName"] == "Construct Annotations":
            for violation in report["violations"]:
                rule = str(violation["ruleName"]).removeprefix(f"{WARNINGS}::")
                for construct in violation["violatingConstructs"]:
                    path = construct["constructPath"]
                    if path == stack.path or path.startswith(f"{stack.path}/"):
                        yield Finding(WARNINGS, rule, path, violation["description"])

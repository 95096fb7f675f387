"""The checks as the CDK's validation plugin."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path

import aws_cdk as cdk
import jsii

from cdk_sagemaker_processing.checks.jobs import STATE_MACHINE, Job, UnreadableError, jobs_of
from cdk_sagemaker_processing.checks.literal_secrets import secrets_of
from cdk_sagemaker_processing.checks.policies import open_pass_roles
from cdk_sagemaker_processing.checks.report import ERROR, WARNING, Finding, Place, violation
from cdk_sagemaker_processing.checks.rules import (
    JOB_RULES,
    LITERAL_SECRET,
    NAMESPACE,
    PASSED_TO_SERVICE,
    RULES,
    UNREADABLE,
    Rule,
)
from cdk_sagemaker_processing.checks.secret_warnings import is_warned
from cdk_sagemaker_processing.checks.stacks import CheckedStack, Template

__all__ = ["ProcessingChecks"]


@jsii.implements(cdk.IPolicyValidationPlugin)
class ProcessingChecks:
    """Checks of what no tool sees: the processing jobs inside state machine definitions.

    Looks at every template of an app, so also at states that were not made by
    this package::

        cdk.Validations.of(app).add_plugins(processing.ProcessingChecks())

    A finding makes the synthesis fail, but for what only seems to be a secret,
    which is a warning. What is meant is acknowledged, on the step or any
    construct around it::

        cdk.Validations.of(step).acknowledge(
            cdk.Acknowledgment(id="SageMakerProcessing::NetworkIsolation", reason="...")
        )

    A state of a definition made as text has no construct: acknowledge it on
    the state machine, by ``SageMakerProcessing::NetworkIsolation[its name]``.

    Args:
        rules: The ids of the rules to check, beside ``LiteralSecret``, which is
            always checked; all by default: ``VolumeKey``,
            ``TrafficEncryption``, ``NetworkIsolation``, ``MaxRuntime``,
            ``ImageVersion``, ``PassedToService``.

    Raises:
        ValueError: There is no such rule.
    """

    def __init__(self, rules: Iterable[str] | None = None) -> None:
        self._rules = _chosen(rules)

    @property
    def name(self) -> str:
        """The plugin's name, which the ids of its rules begin with."""
        return NAMESPACE

    @property
    def version(self) -> str:
        """The version of this package."""
        return version("cdk-sagemaker-processing")

    @property
    def rule_ids(self) -> list[str]:
        """The ids of the rules that are checked."""
        return [one.id for one in self._rules]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the app; the CDK calls it at synth."""
        app = context.app_construct
        found = [
            violation
            for one in context.stack_templates
            for violation in self._of_stack(
                CheckedStack(app, one.stack_construct_path, Path(one.template_path))
            )
        ]
        failed = any(one.severity == ERROR for one in found)
        return cdk.PolicyValidationPluginReport(success=not failed, violations=found)

    def _of_stack(self, stack: CheckedStack) -> Iterator[cdk.PolicyViolation]:
        for template in stack.templates():
            for logical_id, machine in template.of_type(STATE_MACHINE):
                try:
                    jobs = jobs_of(machine, template.resources, template.path.parent)
                except UnreadableError as error:
                    text = f"the definition {error}: it was not checked"
                    place = Place(template, logical_id)
                    yield violation(Finding(UNREADABLE, text, WARNING), place)
                    continue
                yield from self._of_machine(stack, template, logical_id, jobs)
            yield from self._of_policies(template)

    def _of_machine(
        self, stack: CheckedStack, template: Template, logical_id: str, jobs: Sequence[Job]
    ) -> Iterator[cdk.PolicyViolation]:
        found = {job.state: list(self._of_job(job)) for job in jobs}
        if not any(found.values()):
            return
        machine = stack.machine(template, logical_id)
        places = [
            Place(template, logical_id, state, stack.state(state, machine), machine)
            for state in found
        ]
        for place in places:
            told = [
                one for other in places if place.is_part_of(other) for one in found[other.state]
            ]
            for finding in found[place.state]:
                by_itself = finding.rule == LITERAL_SECRET and is_warned(place.construct)
                if finding not in told and not by_itself:
                    yield violation(finding, place)

    def _of_job(self, job: Job) -> Iterator[Finding]:
        for rule, check in JOB_RULES.items():
            if rule in self._rules:
                yield from (Finding(rule, text) for text in check(job.request))
        for one in secrets_of(job.request):
            severity = ERROR if one.secret.certain else WARNING
            yield Finding(LITERAL_SECRET, str(one), severity)

    def _of_policies(self, template: Template) -> Iterator[cdk.PolicyViolation]:
        if PASSED_TO_SERVICE not in self._rules:
            return
        for logical_id, resource in template.resources.items():
            for one in open_pass_roles(resource, template.resources):
                finding = Finding(PASSED_TO_SERVICE, str(one))
                yield violation(finding, Place(template, logical_id), one.location)


def _chosen(ids: Iterable[str] | None) -> list[Rule]:
    known = {one.id: one for one in RULES}
    if ids is None:
        return list(RULES)
    asked = {one.removeprefix(f"{NAMESPACE}::") for one in ids}
    for one in sorted(asked - known.keys()):
        near = get_close_matches(one, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"rules: there is no rule {one!r}; {hint}")
    return [rule for name, rule in known.items() if name in asked or rule == LITERAL_SECRET]

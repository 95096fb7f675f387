"""What is told of a finding: where, what and why, how to mend it and how to acknowledge it."""

import re
from dataclasses import dataclass

import aws_cdk as cdk

from cdk_sagemaker_processing.checks.rules import NAMESPACE, Rule
from cdk_sagemaker_processing.checks.sites import Site
from cdk_sagemaker_processing.checks.stacks import Template

__all__ = ["ERROR", "WARNING", "Finding", "Place", "violation"]

ERROR = "error"
WARNING = "warning"
# What would be read as part of an id's structure.
_NO_ID = re.compile(r"[\[\](){}\s]")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule finds in one place."""

    rule: Rule
    text: str
    severity: str = ERROR


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is found.

    Attributes:
        template: The template.
        logical_id: The resource in it.
        state: The state's name; empty if it is no state's.
        construct: The state's construct, if it has one.
        machine: The construct of the state machine, if it has one.
    """

    template: Template
    logical_id: str
    state: str = ""
    construct: Site | None = None
    machine: Site | None = None

    def is_part_of(self, other: "Place") -> bool:
        """Whether the state is part of another's construct, as the fallbacks of a step are."""
        own = self.construct
        return own is not None and own != other.construct and other.construct in own.within


def violation(finding: Finding, place: Place, location: str = "Properties") -> cdk.PolicyViolation:
    """A finding as the CDK reports it.

    Args:
        finding: What is found.
        place: Where.
        location: Where in the resource.
    """
    rule, construct = _named(finding.rule, place)
    return cdk.PolicyViolation(
        rule_name=rule,
        description=f"{_state(place)}{finding.text}. {_sentence(finding.rule.reason)}",
        fix=f"{_sentence(finding.rule.mend)}{_alone(finding.rule, place)}",
        severity=finding.severity,
        violating_resources=[
            cdk.PolicyViolatingResource(construct_path=construct.path, locations=[location])
            if construct
            else cdk.PolicyViolatingResource(
                resource_logical_id=place.logical_id,
                template_path=str(place.template.path),
                locations=[location],
            )
        ],
    )


def _named(rule: Rule, place: Place) -> tuple[str, Site | None]:
    """Under which name and of which construct the CDK looks for the acknowledgement.

    It knows one name and one construct with those around it, but a state is in
    its step and in its state machine.
    """
    choices = [
        (rule.id, place.construct),
        (_of_state(rule, place), place.machine),
        (rule.id, place.machine),
    ]
    for name, construct in choices:
        if construct and f"{NAMESPACE}::{name}" in construct.acknowledged:
            return name, construct
    return rule.id, place.construct or place.machine


def _of_state(rule: Rule, place: Place) -> str:
    return f"{rule.id}[{_NO_ID.sub('-', place.state)}]"


def _state(place: Place) -> str:
    if not place.state:
        return ""
    machine = place.machine.path.removesuffix("/Resource") if place.machine else ""
    return f"state {place.state!r} of {machine or place.logical_id}: "


def _alone(rule: Rule, place: Place) -> str:
    """How to acknowledge a state that has no construct; the CDK tells it of constructs."""
    if not place.state or place.construct:
        return ""
    return (
        f" Acknowledge it for this state alone by '{NAMESPACE}::{_of_state(rule, place)}' on the "
        "state machine."
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."

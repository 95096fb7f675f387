"""The app that is checked: its templates, and the constructs that the findings are about."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import IConstruct

from cdk_sagemaker_processing.checks.sites import Site, Sites

__all__ = ["CheckedStack", "Template"]

_NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class Template:
    """A stack's template, as it is deployed.

    Attributes:
        path: Where it lies.
        resources: Its resources.
    """

    path: Path
    resources: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Template":
        """The template that lies at a path."""
        resources = json.loads(path.read_text()).get("Resources", {})
        # Fn::ForEach stands among them as a list.
        return cls(path, {key: one for key, one in resources.items() if isinstance(one, Mapping)})

    def of_type(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The resources of a type, by their logical ids."""
        for logical_id, resource in self.resources.items():
            if resource.get("Type") == kind:
                yield logical_id, resource


class CheckedStack:
    """A stack of the app with those nested in it.

    Its constructs are asked for only where there is something to say of them:
    each is a question to the CDK's process.

    Args:
        app: The app.
        path: The stack's construct path.
        template: Where its template lies.
    """

    def __init__(self, app: IConstruct, path: str, template: Path) -> None:
        self._app = app
        self._path = path
        self._template = template
        self._sites = Sites()

    def templates(self) -> Iterator[Template]:
        """The stack's template, and those of the stacks nested in it."""
        own = Template.read(self._template)
        yield own
        if any(own.of_type(_NESTED)):
            for one in self._constructs:
                if isinstance(one, cdk.NestedStack):
                    yield Template.read(self._template.parent / one.template_file)

    def state(self, name: str, machine: Site | None) -> Site | None:
        """The construct of a state, None where there is none: as in a definition made as text.

        Args:
            name: The state's name, which several state machines may have.
            machine: The state machine: of several states the nearest is taken,
                None if that is not one.
        """
        found = list(map(self._sites.of, self._states.get(name, ())))
        near = machine.path if machine else self._path
        most = max((_common(one.path, near) for one in found), default=0)
        nearest = [one for one in found if _common(one.path, near) == most]
        return nearest[0] if len(nearest) == 1 else None

    def machine(self, template: Template, logical_id: str) -> Site | None:
        """The construct of a state machine."""
        for one in self._constructs:
            if isinstance(one, sfn.CfnStateMachine) or type(one) is cdk.CfnResource:
                stack = cdk.Stack.of(one)
                is_in_it = stack.template_file == template.path.name
                if is_in_it and stack.resolve(one.logical_id) == logical_id:
                    return self._sites.of(one)
        return None

    @cached_property
    def _constructs(self) -> list[IConstruct]:
        stack: IConstruct = self._app
        for name in self._path.split("/"):
            found = stack.node.try_find_child(name)
            if found is None:
                return []
            stack = found
        return stack.node.find_all()

    @cached_property
    def _states(self) -> dict[str, list[sfn.State]]:
        found: dict[str, list[sfn.State]] = {}
        for one in self._constructs:
            if isinstance(one, sfn.State):
                found.setdefault(one.state_id, []).append(one)
        return found


def _common(path: str, other: str) -> int:
    """How many names two construct paths begin with alike."""
    alike = 0
    for one, two in zip(path.split("/"), other.split("/"), strict=False):
        if one != two:
            break
        alike += 1
    return alike

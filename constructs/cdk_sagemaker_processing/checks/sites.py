"""Constructs as the places of findings: their paths, and what users said of them."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import IConstruct

__all__ = ["Site", "Sites"]

_WARNING = "aws:cdk:warning"


@dataclass(frozen=True, slots=True)
class Site:
    """A construct of the app.

    Attributes:
        path: Its path.
        scope: The construct around it; None at the app.
        own_acknowledged: The rules that are acknowledged at itself.
        warnings: What it warns of.
    """

    path: str
    scope: Site | None
    own_acknowledged: frozenset[str]
    warnings: tuple[str, ...]

    @property
    def within(self) -> list[Site]:
        """The construct and the ones around it, up to the app."""
        return [self, *(self.scope.within if self.scope else ())]

    @property
    def acknowledged(self) -> frozenset[str]:
        """The rules that are acknowledged at the construct or around it."""
        return frozenset().union(*(one.own_acknowledged for one in self.within))


class Sites:
    """The constructs that were asked for: each question to the CDK crosses into its process."""

    def __init__(self) -> None:
        self._known: dict[IConstruct, Site] = {}

    def of(self, construct: IConstruct) -> Site:
        """A construct's site."""
        if construct not in self._known:
            self._known[construct] = self._asked(construct)
        return self._known[construct]

    def _asked(self, construct: IConstruct) -> Site:
        node = construct.node
        scope, entries = node.scope, node.metadata
        key = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY
        return Site(
            path=node.path,
            scope=self.of(scope) if scope else None,
            own_acknowledged=frozenset(
                rule for one in entries if one.type == key for rule in one.data
            ),
            warnings=tuple(str(one.data) for one in entries if one.type == _WARNING),
        )

"""The variables of a workflow, where a request holds them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from cdk_sagemaker_processing.request.values import Reference

__all__ = ["VARIABLE", "variables_in"]

VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
# A variable, alone or as the text of one.
_OF_VARIABLE = re.compile(rf"(?:States\.(?:Format\('{{}}', |JsonToString\())?{VARIABLE.pattern}\)?")


def variables_in(request: object) -> frozenset[str]:
    """The names of the workflow variables that a request holds."""
    return frozenset(_variables(request))


def _variables(value: object) -> Iterator[str]:
    if isinstance(value, Reference):
        found = _OF_VARIABLE.fullmatch(value.jsonpath or value.jsonata or "")
        yield from found.groups() if found else ()
    elif isinstance(value, Mapping):
        yield from _variables(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _variables(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _variables(getattr(value, field.name))

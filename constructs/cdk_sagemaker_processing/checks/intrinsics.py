"""CloudFormation's intrinsic functions, as far as text can be read through them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.checks.unknown import REPOSITORY, UNKNOWN

__all__ = ["Resources", "is_intrinsic", "plain", "quoted_outside", "text"]

Resources = Mapping[str, Any]

_REPOSITORY = "AWS::ECR::Repository"
_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")
_STRING_EDGE = re.compile(r'\\.|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Hole:
    """A piece of text that CloudFormation fills in."""

    mark: str


_Piece = str | _Hole


def is_intrinsic(value: Any) -> bool:
    """Whether a value of a template is an intrinsic function."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    name = next(iter(value))
    return name == "Ref" or str(name).startswith("Fn::")


def text(value: Any, resources: Resources) -> str:
    """The text of a template's value, with marks for what CloudFormation fills in."""
    return "".join(
        one.mark if isinstance(one, _Hole) else one for one in _pieces(value, resources, {})
    )


def plain(value: Any, resources: Resources) -> Any:
    """A value of a template in which intrinsic functions are text, as by `text`."""
    if is_intrinsic(value):
        return text(value, resources)
    if isinstance(value, Mapping):
        return {key: plain(one, resources) for key, one in value.items()}
    return [plain(one, resources) for one in value] if isinstance(value, list) else value


def quoted_outside(value: Any, resources: Resources, substitutions: Mapping[str, Any]) -> str:
    """JSON as text, in which marks outside its strings are strings of their own.

    CloudFormation may fill in a number, or a whole object.

    Args:
        value: What the template has.
        resources: The template's resources.
        substitutions: What ``${name}`` stands for in it.
    """
    is_inside = False
    made: list[str] = []
    for piece in _pieces(value, resources, substitutions):
        if isinstance(piece, _Hole):
            made.append(piece.mark if is_inside else f'"{piece.mark}"')
            continue
        edges = sum(edge == '"' for edge in _STRING_EDGE.findall(piece))
        is_inside ^= bool(edges % 2)
        made.append(piece)
    return "".join(made)


def _pieces(value: Any, resources: Resources, substitutions: Mapping[str, Any]) -> Iterator[_Piece]:
    match value:
        case str():
            yield from _substituted(value, resources, substitutions)
        case {"Fn::Join": [str() as joint, [*items]]} if len(value) == 1:
            for at, item in enumerate(items):
                yield from [joint] if at and joint else []
                yield from _pieces(item, resources, substitutions)
        case {"Fn::Sub": [str() as template, dict() as names]}:
            yield from _filled(template, resources, names)
        case {"Fn::Sub": str() as template}:
            yield from _filled(template, resources, {})
        case _ if is_intrinsic(value):
            yield _Hole(REPOSITORY if _is_repository(value, resources) else UNKNOWN)
        case _:
            yield str(value)


def _substituted(
    template: str, resources: Resources, substitutions: Mapping[str, Any]
) -> Iterator[_Piece]:
    """Text with ``${name}`` for what a state machine's DefinitionSubstitutions hold."""
    end = 0
    for found in _SUBSTITUTION.finditer(template):
        if found[2] in substitutions and not found[1]:
            yield template[end : found.start()]
            yield from _pieces(substitutions[found[2]], resources, {})
            end = found.end()
    yield template[end:]


def _filled(template: str, resources: Resources, names: Mapping[str, Any]) -> Iterator[_Piece]:
    """The text of an Fn::Sub."""
    end = 0
    for found in _SUBSTITUTION.finditer(template):
        yield template[end : found.start()]
        if found[1]:
            yield f"${{{found[2]}}}"
        elif found[2] in names:
            yield from _pieces(names[found[2]], resources, {})
        else:
            yield _Hole(_mark_of(found[2], resources))
        end = found.end()
    yield template[end:]


def _is_repository(value: Mapping[str, Any], resources: Resources) -> bool:
    match value:
        case {"Ref": str() as name} | {"Fn::GetAtt": [str() as name, "RepositoryUri"]}:
            return _mark_of(name, resources) == REPOSITORY
    return False


def _mark_of(name: str, resources: Resources) -> str:
    resource = name.removesuffix(".RepositoryUri")
    is_repository = resources.get(resource, {}).get("Type") == _REPOSITORY
    return REPOSITORY if is_repository else UNKNOWN

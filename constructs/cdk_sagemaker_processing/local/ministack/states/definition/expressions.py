"""JSONPaths, payload templates and JSONata expressions in a definition.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
    https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import intrinsics, paths
from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems

_OF_PATH = "Value must be a valid JSONPath."


def path(value: Any, location: str) -> Problems:
    """Yield that a value is no JSONPath, if it is none.

    Args:
        value: The value; None stands for no input or no output.
        location: Where it is.
    """
    if value is not None and not is_path(value):
        yield Problem(_OF_PATH, location)


def result_path(value: Any, location: str) -> Problems:
    """Yield that a value is no path along names, if it is none."""
    if value is None:
        return
    if not is_path(value):
        yield Problem(_OF_PATH, location)
    elif value.startswith("$$") or paths.parse(value).names is None:
        yield Problem("Value is not a Reference Path to a member of the input", location)


def is_path(value: Any) -> bool:
    """Whether a value is a JSONPath, of the input, the context object or a variable."""
    if not isinstance(value, str):
        return False
    try:
        paths.parse(value)
    except paths.PathError:
        return False
    return True


def is_path_or_call(value: Any) -> bool:
    """Whether a value is a JSONPath or a call of an intrinsic function."""
    if not isinstance(value, str) or not value.startswith("States."):
        return is_path(value)
    try:
        intrinsics.parse(value)
    except intrinsics.CallError:
        return False
    return True


def template(value: Any, location: str) -> Problems:
    """Yield what is wrong in a payload template.

    Args:
        value: The template.
        location: Where it is.
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from template(item, f"{location}[{index}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith(".$"):
                yield from _reference(name, inner, value, location)
            yield from template(inner, f"{location}/{name}")


def _reference(name: str, value: Any, siblings: Mapping[str, Any], location: str) -> Problems:
    if not is_path_or_call(value):
        yield Problem(
            f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic "
            "function call",
            location,
        )
    if name[:-2] in siblings:
        yield Problem(f"The field '{name[:-2]}' is there twice, once as '{name}'", location)


def jsonata(value: Any, location: str, *, in_catcher: bool = False) -> Problems:
    """Yield what is wrong in the JSONata expressions within a value.

    Args:
        value: The value of a JSONata state's field.
        location: Where it is.
        in_catcher: Whether `$states.errorOutput` is there.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from jsonata(inner, f"{location}/{name}", in_catcher=in_catcher)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from jsonata(inner, f"{location}[{index}]", in_catcher=in_catcher)
    elif is_jsonata(value):
        yield from _expression(value[2:-2].strip(), location, in_catcher=in_catcher)


def is_jsonata(value: Any) -> bool:
    """Whether a value is an expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def _expression(text: str, location: str, *, in_catcher: bool) -> Problems:
    try:
        tree = sfn.jsonata.Jsonata.jsonata(text).ast
    except Exception as error:  # noqa: BLE001 - the library raises whatever Python raises
        yield Problem(str(error), location, "INVALID_JSONATA_EXPRESSION")
        return
    for name in dict.fromkeys(_top_level_references(tree, at_top=True)):
        yield Problem(
            f"Reference to '{name}' at the top level is not supported.",
            location,
            "UNSUPPORTED_JSONATA_EXPRESSION",
        )
    if not in_catcher and _reads_error_output(tree):
        yield Problem(
            "Reference to '$states.errorOutput' is only supported in a Catch.",
            location,
            "UNSUPPORTED_JSONATA_EXPRESSION",
        )


def _top_level_references(node: Any, *, at_top: bool) -> Iterator[str]:
    """What reads the value that expressions are evaluated against: Step Functions gives none."""
    if at_top and node.type == "name":
        yield str(node.value)
    if node.type == "variable" and (node.value == "$" or (at_top and node.value == "")):
        yield f"${node.value}"
    relative = [one for name in _RELATIVE for one in _nodes(getattr(node, name, None))]
    if node.type == "path":
        relative += node.steps[1:]
    for inner in _parts(node):
        stays = not any(inner is one for one in relative)
        yield from _top_level_references(inner, at_top=at_top and stays)


# What of an expression is evaluated against what another part of it finds.
_RELATIVE = ("predicate", "stages", "group", "terms", "pattern", "update", "delete")


def _parts(node: Any) -> Iterator[Any]:
    for value in vars(node).values():
        yield from _nodes(value)


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _nodes(one)
    elif isinstance(value, sfn.jsonata.parser.Parser.Symbol):
        yield value


def _reads_error_output(node: Any) -> bool:
    if node.type == "path" and len(node.steps) > 1:
        first, second = node.steps[:2]
        if (first.type, first.value, second.value) == ("variable", "states", "errorOutput"):
            return True
    return any(_reads_error_output(inner) for inner in _parts(node))

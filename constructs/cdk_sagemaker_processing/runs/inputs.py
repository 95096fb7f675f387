"""An execution's input, as a person writes it on a command line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.parameters.in_definition import STARTED_BY, read_parameters
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter

__all__ = ["read_input"]


def read_input(definition: str, document: str, given: Sequence[str]) -> dict[str, Any]:
    """Return an execution's input.

    Args:
        definition: The machine's definition, which says the types of its parameters.
        document: A JSON object to begin with.
        given: What is set in it, in order: `name=value`, whose value is read as the parameter's
            type says, or for a name that is no parameter as JSON where it is some and as text
            else; or a JSON object, each of whose members is set.

    Raises:
        DeployedError: If something of it cannot be read, or the workflow would refuse it.
    """
    parameters = read_parameters(definition)
    read = _object(document, "the input file")
    for text in given:
        if text.lstrip().startswith("{"):
            read |= _object(text, "--input")
            continue
        name, is_set, value = text.partition("=")
        if not is_set or not name:
            raise DeployedError(f"--input is name=value or a JSON object, got {text!r}")
        read[name] = parameters[name].parse(value) if name in parameters else _json_or_text(value)
    if told := "; ".join(_problems(parameters, read)):
        raise DeployedError(f"the input would be refused: {told}")
    return read


def _problems(
    parameters: Mapping[str, WorkflowParameter], read: Mapping[str, Any]
) -> Iterator[str]:
    for name, parameter in parameters.items():
        if name in read:
            problem = parameter.problem(read[name])
            yield from [problem] if problem else []
        elif parameter.required:
            yield f"{name} is missing, it must be {parameter.allowed}"
    if parameters:
        known = ", ".join(parameters)
        unknown = [name for name in read if name not in {*parameters, STARTED_BY}]
        yield from (f"{name} is no parameter, the parameters are {known}" for name in unknown)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _object(text: str, place: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise DeployedError(f"{place} is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise DeployedError(f"{place} must be a JSON object, got {text[:60]}")
    return read

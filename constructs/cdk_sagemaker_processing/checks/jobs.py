"""The states of a template that run processing jobs, and what they ask for."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.checks import intrinsics
from cdk_sagemaker_processing.checks.expressions import from_jsonata, from_jsonpath
from cdk_sagemaker_processing.checks.intrinsics import Resources
from cdk_sagemaker_processing.checks.unknown import UNKNOWN

__all__ = ["STATE_MACHINE", "Job", "UnreadableError", "jobs_of", "member"]

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
# The optimized integration, and that of the AWS SDK:
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
_RESOURCE = re.compile(r":states:::(?:aws-sdk:)?sagemaker:createProcessingJob(?:$|[.])")


class UnreadableError(ValueError):
    """A state machine's definition cannot be looked at; the message goes on from its name."""


@dataclass(frozen=True, slots=True)
class Job:
    """A state that runs processing jobs.

    Attributes:
        state: The state's name.
        request: What it asks CreateProcessingJob for, as JSON; ``UNKNOWN``
            stands for what is not known at synth.
    """

    state: str
    request: Any


def jobs_of(machine: Mapping[str, Any], resources: Resources, folder: Path) -> list[Job]:
    """The states of a state machine that run processing jobs.

    Args:
        machine: The resource in its template.
        resources: The template's resources.
        folder: Where the template lies, and beside it the assets.

    Raises:
        UnreadableError: The definition is not there, or is no JSON.
    """
    definition = _definition(machine.get("Properties", {}), resources, folder)
    return [
        Job(name, _request(state))
        for name, state in _states(definition)
        if _RESOURCE.search(str(state.get("Resource", "")))
    ]


def member(of: Any, *names: str) -> Any:
    """A member of a request, or of one in it; None where it is missing.

    ``UNKNOWN`` stands for all the members of what is not known.
    """
    for name in names:
        if isinstance(of, str):
            return UNKNOWN
        of = of.get(name) if isinstance(of, Mapping) else None
    return of


def _definition(properties: Mapping[str, Any], resources: Resources, folder: Path) -> Any:
    written = _written(properties, resources, folder)
    substitutions = _mapping(properties.get("DefinitionSubstitutions"))
    try:
        read = json.loads(intrinsics.quoted_outside(written, resources, substitutions))
    except ValueError as error:
        raise UnreadableError(f"is no JSON ({error})") from error
    if not isinstance(read, Mapping):
        raise UnreadableError("is filled in at deploy")
    return read


def _written(properties: Mapping[str, Any], resources: Resources, folder: Path) -> Any:
    """The definition's text, or an intrinsic function that makes it."""
    if (as_object := properties.get("Definition")) is not None:
        return json.dumps(intrinsics.plain(as_object, resources))
    if (as_text := properties.get("DefinitionString")) is not None:
        return as_text
    return _asset(properties.get("DefinitionS3Location"), resources, folder)


def _asset(location: Any, resources: Resources, folder: Path) -> str:
    key = intrinsics.text(member(location, "Key") or "", resources)
    # The CDK puts an asset's file beside the app's templates, which may be those of a stage.
    for place in (folder, folder.parent):
        path = place / f"asset.{Path(key).name}"
        if path.is_file():
            return path.read_text()
    raise UnreadableError("lies in S3 and is no asset of the app")


def _states(machine: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a machine, those of branches and iterations too."""
    for name, state in _mapping(member(machine, "States")).items():
        if not isinstance(state, Mapping):
            continue
        yield name, state
        branches = state.get("Branches", ())
        inner = branches if isinstance(branches, Sequence) else ()
        for one in (*inner, state.get("ItemProcessor"), state.get("Iterator")):
            yield from _states(one)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _request(state: Mapping[str, Any]) -> Any:
    if "Arguments" in state:
        return from_jsonata(state["Arguments"])
    # With neither, the state's input is the request.
    return from_jsonpath(state.get("Parameters", UNKNOWN))

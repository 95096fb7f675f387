"""The definitions of the state machines in a cloud assembly's templates."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.deploying.assembly import Stack, Workflow
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.synthesized.intrinsics import (
    Intrinsic,
    Marked,
    mark_joined,
    mark_tree,
)

__all__ = ["read_machine"]

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def read_machine(workflow: Workflow) -> Marked:
    """Return the definition of a state machine, in the Amazon States Language.

    Args:
        workflow: The state machine.

    Raises:
        LocalCloudError: If the definition is nowhere in the assembly, or cannot be read.
    """
    template = json.loads(workflow.stack.template.read_text(encoding="utf-8"))
    properties = template["Resources"][workflow.logical_id]["Properties"]
    try:
        return _machine(workflow.stack, properties)
    except ValueError as error:
        raise LocalCloudError(
            f"the definition of {workflow.path} cannot be read: {error}"
        ) from error


def _machine(stack: Stack, properties: Mapping[str, Any]) -> Marked:
    if "Definition" in properties:
        return mark_tree(properties["Definition"])
    if "DefinitionS3Location" in properties:
        parts: list[str | Intrinsic] = [_asset(stack, properties["DefinitionS3Location"])]
    else:
        parts = _parts(properties.get("DefinitionString"))
    return mark_joined(_substituted(parts, properties.get("DefinitionSubstitutions", {})))


def _parts(definition: Any) -> list[str | Intrinsic]:
    if isinstance(definition, str):
        return [definition]
    if isinstance(definition, dict) and "Fn::Join" in definition:
        separator, pieces = definition["Fn::Join"]
        parts: list[str | Intrinsic] = []
        for at, piece in enumerate(pieces):
            parts += [separator, piece] if at and separator else [piece]
        return parts
    raise ValueError(f"it must be text or a Fn::Join of text, it is {json.dumps(definition)}")


def _substituted(
    parts: list[str | Intrinsic], values: Mapping[str, str | Intrinsic]
) -> list[str | Intrinsic]:
    """Return the text with what the machine's `DefinitionSubstitutions` say in its places."""
    if not values:
        return parts
    found: list[str | Intrinsic] = []
    for part in parts:
        if not isinstance(part, str):
            found.append(part)
            continue
        pieces = _PLACEHOLDER.split(part)
        for at, piece in enumerate(pieces):
            found.append(values.get(piece, f"${{{piece}}}") if at % 2 else piece)
    return found


def _asset(stack: Stack, location: Mapping[str, Any]) -> str:
    """Return the text of a definition that the deployment uploads."""
    key = location.get("Key")
    manifest = stack.template.parent / stack.template.name.replace(".template.", ".assets.")
    assets = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    for asset in assets.get("files", {}).values():
        if key in [place["objectKey"] for place in asset.get("destinations", {}).values()]:
            file: Path = manifest.parent / asset["source"]["path"]
            return file.read_text(encoding="utf-8")
    raise ValueError(f"it lies in S3, at {json.dumps(location)}, and is no asset of the app")

"""Apps, synthesized as the CDK CLI does it, and what their assemblies say."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import cloud_assembly_schema as cx_schema
from constructs import Construct

from security.environment import ROOT
from security.findings import Acknowledgement

__all__ = ["Subject", "Synthesized", "context", "synthesize"]

_PATH = "aws:cdk:path"


@dataclass(frozen=True, slots=True)
class Subject:
    """An app whose stacks are looked at.

    Attributes:
        name: What the table calls it.
        build: Makes the app, which puts its assembly into the folder.
    """

    name: str
    build: Callable[[Path], cdk.App]


@dataclass(frozen=True, slots=True, eq=False)
class Synthesized:
    """A stack and what it was synthesized to.

    Attributes:
        name: What the table calls it.
        construct: The stack itself.
        path: Its path.
        file: Where its template was written.
        template: Its template.
        acknowledgements: Those on the constructs in it.
        validation: The CDK's own report on its app.
    """

    name: str
    construct: Construct
    path: str
    file: Path
    template: Mapping[str, Any] = field(repr=False)
    acknowledgements: Sequence[Acknowledgement]
    validation: Mapping[str, Any] = field(repr=False)

    @property
    def resources(self) -> Mapping[str, Any]:
        """The template's resources by logical id."""
        found: Mapping[str, Any] = self.template.get("Resources", {})
        return found

    def path_of(self, logical_id: str) -> str:
        """The path of the construct that a resource is of; the stack's where none is."""
        resource = self.resources.get(logical_id, {})
        return str(resource.get("Metadata", {}).get(_PATH, self.path))


def context() -> dict[str, Any]:
    """Return the context of the apps: that of cdk.json, and what the CDK CLI adds to it."""
    given: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return given | {
        "aws:cdk:enable-path-metadata": True,
        # The findings of CloudFormation validation are told with those of the other tools, where
        # each fails the run; as errors they would end the synthesis before the others come.
        "@aws-cdk/core:validateAgainstDefaultRules": False,
    }


def synthesize(subject: Subject, folder: Path) -> Iterator[Synthesized]:
    """Synthesize an app and return its stacks.

    Args:
        subject: The app.
        folder: An empty folder for its assembly.
    """
    # The CDK prints its report as well, which would tear the progress that is shown.
    with contextlib.redirect_stderr(io.StringIO()):
        app = subject.build(folder)
        assembly = app.synth()
    validation = json.loads((folder / "validation-report.json").read_text())
    stacks = list(assembly.stacks_recursively)
    for artifact in stacks:
        file = Path(artifact.template_full_path)
        yield Synthesized(
            name=subject.name if len(stacks) == 1 else f"{subject.name} {artifact.hierarchical_id}",
            construct=_construct(app, artifact.hierarchical_id),
            path=artifact.hierarchical_id,
            file=file,
            template=json.loads(file.read_text()),
            acknowledgements=list(_acknowledgements(folder, artifact.manifest)),
            validation=validation,
        )


def _acknowledgements(
    folder: Path, manifest: cx_schema.ArtifactManifest
) -> Iterator[Acknowledgement]:
    """Those in a stack's metadata, which the CDK's classes cannot give to Python whole."""
    written = json.loads((folder / str(manifest.additional_metadata_file)).read_text())
    for path, entries in written.items():
        for entry in entries:
            if entry["type"] == cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                for rule, reason in entry["data"].items():
                    yield Acknowledgement(path.removeprefix("/"), rule, reason)


def _construct(app: cdk.App, path: str) -> Construct:
    found: Any = app
    for name in path.split("/"):
        found = found.node.find_child(name)
    construct: Construct = found
    return construct

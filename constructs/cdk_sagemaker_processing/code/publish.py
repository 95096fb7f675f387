"""A bundle as assets of the CDK, each file under its own name.

The key of every file is ``<hash>.d/<name>``. The dot is there for ``cdk gc``,
which keeps an object only while a deployed template holds its key up to the
first dot: the definition holds ``<hash>``, so a running pipeline keeps its code.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from cdk_sagemaker_processing.cdk.pseudo import as_text
from cdk_sagemaker_processing.cdk.tree import path_of, stage_of
from cdk_sagemaker_processing.cdk.unanswered_calls import call_unanswered
from cdk_sagemaker_processing.code.bundle import Bundle
from cdk_sagemaker_processing.code.sources import note_sources
from cdk_sagemaker_processing.code.staging import stage, staged_name
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known

__all__ = ["Published", "publish", "published_folder"]

_FOLDER = re.compile(r"(.*/)?[0-9a-f]{32}\.d/")


@dataclass(frozen=True, slots=True)
class Published:
    """Where a bundle lies once the app is deployed.

    Attributes:
        bucket: The bootstrap bucket's name.
        prefix: The key prefix of all its files, with a slash at the end.
    """

    bucket: str
    prefix: str

    def uri(self, name: str) -> str:
        """The S3 URI of a file or folder of the bundle."""
        return f"s3://{self.bucket}/{self.prefix}{name}"


def published_folder(key: str) -> str | None:
    """The prefix of a bundle's files that a key lies in, None if it is no published file's."""
    found = _FOLDER.match(key)
    return found[0] if found else None


def publish(stack: cdk.Stack, bundle: Bundle) -> Published | Problem:
    """Stage a bundle's files in the cloud assembly and have the CDK publish them.

    Returns:
        Where the files will lie, or why the stack's synthesizer cannot do it.
    """
    publisher = _publisher(stack)
    if isinstance(publisher, Problem):
        return publisher
    digest = bundle.digest()
    note_sources(digest, bundle)
    if digest not in publisher.published:
        found = _add(stack, publisher, bundle, digest)
        if isinstance(found, Problem):
            return found
        publisher.published[digest] = found
    return publisher.published[digest]


@dataclass(slots=True)
class _Publisher:
    """What publishes a stack's files.

    Attributes:
        synthesizer: The stack's.
        staging: The folder that files are staged in.
        start: The same, as the cloud assembly names it.
        published: What it published already, by the bundles' digests.
        home: Where it publishes all files, once that is known.
    """

    synthesizer: cdk.IStackSynthesizer
    staging: Path
    start: str
    published: dict[str, Published] = field(default_factory=dict)
    home: Published | None = None


def _publisher(stack: cdk.Stack) -> _Publisher | Problem:
    if stack not in _publishers:
        synthesizer = _bound_synthesizer(stack)
        if isinstance(synthesizer, Problem):
            return synthesizer
        around = stage_of(stack)
        assert around is not None  # noqa: S101 # a stack is always in a stage: the app is one
        staging = Path(around.asset_outdir)
        _publishers[stack] = _Publisher(
            synthesizer, staging, os.path.relpath(staging, around.outdir)
        )
    return _publishers[stack]


# Each question to the CDK crosses into Node: ask once a stack, and publish once a bundle.
_publishers: WeakKeyDictionary[cdk.Stack, _Publisher] = WeakKeyDictionary()


def _add(
    stack: cdk.Stack, publisher: _Publisher, bundle: Bundle, digest: str
) -> Published | Problem:
    folder = f"asset.{digest}.d"
    stage(bundle, publisher.staging / folder)
    home: Published | Problem | None = None
    for name in bundle.files:
        asset = cdk.FileAssetSource(
            source_hash=f"{digest}.d/{name}",
            file_name=f"{publisher.start}/{folder}/{staged_name(name)}",
            packaging=cdk.FileAssetPackaging.FILE,
        )
        if publisher.home:
            home = publisher.home
            call_unanswered(publisher.synthesizer, "addFileAsset", asset)
        else:
            home = _home(stack, publisher.synthesizer, asset)
            if isinstance(home, Problem):
                return home
            # What is of others may answer otherwise for each.
            publisher.home = home if _is_the_cdks(publisher.synthesizer) else None
    assert isinstance(home, Published)  # noqa: S101 # a bundle that is published has files
    return Published(home.bucket, f"{home.prefix}{digest}.d/")


def _home(
    stack: cdk.Stack, synthesizer: cdk.IStackSynthesizer, asset: cdk.FileAssetSource
) -> Published | Problem:
    """Where a synthesizer publishes files: the bucket, and what comes before their names."""
    location = synthesizer.add_file_asset(
        source_hash=asset.source_hash, file_name=asset.file_name, packaging=asset.packaging
    )
    name = asset.source_hash
    if not location.object_key.endswith(name):
        return Problem(
            f"the stack's synthesizer publishes {name.partition('/')[2]!r} as "
            f"{location.object_key!r}, but a job needs its files under their own names: use the "
            "CDK's DefaultStackSynthesizer, or put the code on S3 and give its URI"
        )
    return Published(_bucket(stack, location.bucket_name), location.object_key.removesuffix(name))


def _is_the_cdks(synthesizer: cdk.IStackSynthesizer) -> bool:
    return type(synthesizer).__module__.partition(".")[0] == "aws_cdk"


def _bucket(stack: cdk.Stack, name: str) -> str:
    """The bucket's name as text, which policies can hold in the midst of theirs."""
    if is_known(name):
        return name
    if stack not in _buckets:
        _buckets[stack] = as_text(stack.resolve(name)) or name
    return _buckets[stack]


# Each question to the CDK crosses into Node: ask once a stack.
_buckets: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()


def _bound_synthesizer(stack: cdk.Stack) -> cdk.IStackSynthesizer | Problem:
    """The stack's synthesizer, fit to take assets from Python.

    A stack binds a copy of the synthesizer it is given, but Python is handed the
    unbound original: jsii tells objects apart by a mark that the copy inherits.
    The two share their asset manifest, so binding the original as well is enough,
    as long as it serves one stack.
    """
    synthesizer = stack.synthesizer
    if not isinstance(synthesizer, cdk.StackSynthesizer):
        return synthesizer
    try:
        bound = synthesizer._bound_stack  # noqa: SLF001 # protected in the CDK, and the only way to ask
    except RuntimeError:
        synthesizer.bind(stack)
        return synthesizer
    return synthesizer if path_of(bound) == path_of(stack) else _shared(bound)


def _shared(bound: cdk.Stack) -> Problem:
    return Problem(
        f"the stack shares its synthesizer with {path_of(bound)!r}, and the CDK for Python can "
        "publish files through it for one stack only: give each stack a synthesizer of its own, or "
        "set a qualifier for all by the context key @aws-cdk/core:bootstrapQualifier"
    )

"""Steps whose outputs nobody could tell to be those of an earlier run: a cache is refused them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import aws_cdk as cdk

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.access.locations import locate
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Joined, Text
from cdk_sagemaker_processing.steps.caching.watched import Watched, outputs_of_data
from cdk_sagemaker_processing.steps.options import Options
from cdk_sagemaker_processing.steps.state import waits

__all__ = ["places_named", "wrong_cache"]

_S3 = re.compile("s3a?://")
# A digest, or the tag that the CDK gives an image asset: the hash of what it is made of.
_FIXED_IMAGE = re.compile(r"@sha256:[0-9a-f]{64}|:[0-9a-f]{64}$")
_EXECUTION = "leave its destination out, or put processing.Execution.name() into it"


def wrong_cache(
    request: model.CreateProcessingJobRequest,
    *,
    image: Image | None,
    options: Options,
    watched: Watched,
    seen: Sequence[Text],
    stack: cdk.Stack,
) -> list[Problem]:
    """Why a step can have no cache; nothing where it can, or has none.

    Args:
        request: The step's request.
        image: The job's image.
        options: What the user asked for.
        watched: What the cache would look at.
        seen: The S3 URIs that arguments and environment may hold, as the cache
            looks at what lies there.
        stack: The step's stack.
    """
    return [
        Problem(f"cache: {text}")
        for text in (
            *_wrong_state(options),
            *_wrong_outputs(request),
            *_wrong_inputs(request),
            *_wrong_places(watched),
            *_unseen(request, seen),
            *_wrong_image(image, stack),
        )
    ]


def places_named(request: model.CreateProcessingJobRequest) -> list[str]:
    """The S3 URIs in a request's arguments and environment, each from where it begins."""
    return [
        part[found.start() :]
        for text in _words(request)
        for part in (text.parts if isinstance(text, Joined) else (text,))
        if isinstance(part, str)
        for found in _S3.finditer(part)
    ]


def _wrong_state(options: Options) -> Iterator[str]:
    if not waits(options):
        yield "the state must last until the job's success: leave integration_pattern out"
    for name in ("result_path", "result_selector", "state_output", "assign"):
        if getattr(options, name) is not None:
            yield (
                f"{name} is of a job, and there may be none: keep the result by result_name, and "
                "put a Pass state behind the step for all else"
            )


def _wrong_outputs(request: model.CreateProcessingJobRequest) -> Iterator[str]:
    outputs = outputs_of_data(request)
    if not outputs:
        yield "the step has no output on S3 that could stand for its job: add a ProcessingOutput"
    for one in outputs:
        if one.FeatureStoreOutput:
            yield (
                f"the output {one.OutputName!r} goes to a feature group, and nobody could tell "
                "whether its records are still there: write it in a step without a cache"
            )
        elif one.S3Output and not _is_of_one_run(one.S3Output.S3Uri):
            # Two executions at once would mix there what they made of different inputs.
            yield (
                f"the output {one.OutputName!r} must lie under the name of its execution, once, as "
                f"another execution would overwrite it: {_EXECUTION}"
            )


def _is_of_one_run(uri: Text) -> bool:
    return isinstance(uri, Joined) and uri.parts.count(run_time.EXECUTION_NAME) == 1


def _wrong_inputs(request: model.CreateProcessingJobRequest) -> Iterator[str]:
    for one in request.ProcessingInputs or ():
        if one.DatasetDefinition:
            yield (
                f"the input {one.InputName!r} is a query, and nobody could tell whether its tables "
                "changed: query in a step without a cache"
            )
        elif one.S3Input and one.S3Input.S3DataType != "S3Prefix":
            yield (
                f"the input {one.InputName!r} is a list of objects, not the objects themselves: "
                "give a prefix, or inputs of their own"
            )


def _wrong_places(watched: Watched) -> Iterator[str]:
    for uri in (*watched.inputs, *watched.outputs):
        found = locate(uri)
        if isinstance(found, Problem):
            yield found.text.partition(", or give a role")[0]


def _unseen(request: model.CreateProcessingJobRequest, seen: Sequence[Text]) -> Iterator[str]:
    """Places that the script is told of, where it may read or write by itself."""
    heads = [_plain_scheme(_head(uri)) for uri in seen]
    for place in places_named(request):
        if not any(head and _plain_scheme(place).startswith(head) for head in heads):
            yield (
                f"the job is told of {place!r} in its arguments or environment, and nobody could "
                "tell whether it reads there, what changed, or writes: make it an input or an "
                "output"
            )


def _head(uri: Text) -> str:
    head = uri.parts[0] if isinstance(uri, Joined) else uri
    return head if isinstance(head, str) else ""


def _plain_scheme(uri: str) -> str:
    return _S3.sub("s3://", uri, count=1)


def _words(request: model.CreateProcessingJobRequest) -> Iterator[Text]:
    app, environment = request.AppSpecification, request.Environment
    for texts in (app.ContainerEntrypoint, app.ContainerArguments):
        yield from _listed(texts)
    if isinstance(environment, Mapping):
        yield from environment.values()


def _listed(texts: model.TextList | None) -> Iterable[Text]:
    return texts if isinstance(texts, tuple) else ()


def _wrong_image(image: Image | None, stack: cdk.Stack) -> Iterator[str]:
    if image is None or image.framework is not None:
        return
    if not _FIXED_IMAGE.search(_end_of(stack.resolve(image.uri))):
        yield (
            "another image may be pushed under the tag of this one: name it by its digest "
            "(...@sha256:...), or give an ecr_assets.DockerImageAsset"
        )


def _end_of(resolved: object) -> str:
    """The last text of a resolved URI."""
    while isinstance(resolved, dict | list) and resolved:
        resolved = list(resolved.values() if isinstance(resolved, dict) else resolved)[-1]
    return str(resolved)

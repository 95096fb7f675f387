"""What a step's cache is made of: the request that is compared, and the places it looks at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.access.locations import Location, locate
from cdk_sagemaker_processing.code.publish import published_folder
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Joined, Text, join
from cdk_sagemaker_processing.steps.caching.variables import without_run
from cdk_sagemaker_processing.steps.container import EVENT_LOGS_OUTPUT, EXECUTION_TAG

__all__ = ["Watched", "outputs_of_data", "watched"]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a step's cache compares and looks at.

    Attributes:
        request: The request without what is another in each run.
        fallbacks: The instance types that the step falls back to.
        inputs: The URIs below which lies what the job reads; not of files that
            the CDK published, as their URIs hold the hash of what is in them.
        outputs: The URIs of what the job writes, but Spark's event logs.
    """

    request: model.CreateProcessingJobRequest
    fallbacks: tuple[Text, ...]
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]

    def members(self) -> dict[str, Any]:
        """The same as a state sees it, each output as what is before and behind its run."""
        return {
            "Request": self.request,
            "Fallbacks": self.fallbacks,
            "Inputs": self.inputs,
            "Outputs": tuple(map(_around_run, self.outputs)),
        }


def watched(
    request: model.CreateProcessingJobRequest,
    fallbacks: Sequence[str],
    also_read: Iterable[Text],
) -> Watched:
    """What the cache of a step compares and looks at.

    Args:
        request: The step's request.
        fallbacks: The instance types that it falls back to.
        also_read: S3 URIs that its job reads beside its inputs.
    """
    inputs = [one.S3Input.S3Uri for one in request.ProcessingInputs or () if one.S3Input]
    read = dict.fromkeys([*inputs, *also_read])
    return Watched(
        _compared(request),
        tuple(map(run_time.text, fallbacks)),
        tuple(uri for uri in read if not _is_published(uri)),
        tuple(one.S3Output.S3Uri for one in outputs_of_data(request) if one.S3Output),
    )


def outputs_of_data(
    request: model.CreateProcessingJobRequest,
) -> list[model.ProcessingOutput]:
    """The outputs that matter to whoever reads them: all but Spark's event logs."""
    return [one for one in model.outputs_of(request) if one.OutputName != EVENT_LOGS_OUTPUT]


def _compared(request: model.CreateProcessingJobRequest) -> model.CreateProcessingJobRequest:
    config = request.ProcessingOutputConfig
    tags = tuple(one for one in request.Tags or () if one.Key != EXECUTION_TAG)
    return replace(
        request,
        ProcessingJobName="-",
        # What the job is allowed changes whether it succeeds, not what it makes of its inputs.
        RoleArn="-",
        ProcessingInputs=tuple(map(_compared_input, request.ProcessingInputs or ())) or None,
        ProcessingOutputConfig=config
        and replace(config, Outputs=tuple(map(_compared_output, config.Outputs))),
        Tags=tags or None,
    )


def _compared_input(one: model.ProcessingInput) -> model.ProcessingInput:
    # Which run made what lies there is nothing to the job: what lies there is compared instead.
    s3 = one.S3Input
    return replace(one, S3Input=s3 and replace(s3, S3Uri=without_run(s3.S3Uri)))


def _compared_output(one: model.ProcessingOutput) -> model.ProcessingOutput:
    s3 = one.S3Output
    return replace(one, S3Output=s3 and replace(s3, S3Uri=without_run(s3.S3Uri)))


def _is_published(uri: Text) -> bool:
    place = locate(uri)
    return isinstance(place, Location) and published_folder(place.prefix) is not None


def _around_run(uri: Text) -> dict[str, Text]:
    parts = uri.parts if isinstance(uri, Joined) else (uri,)
    at = parts.index(run_time.EXECUTION_NAME)
    return {"Before": join(*parts[:at]), "After": join(*parts[at + 1 :])}

"""From a container and a user's arguments to the request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image, own_image
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.overriding import OverrideError, override
from cdk_sagemaker_processing.request.values import Joined, Reference, Text, is_known, join
from cdk_sagemaker_processing.steps.assembly.inputs import code_inputs, data_inputs, taken_names
from cdk_sagemaker_processing.steps.assembly.outputs import outputs, wrong_outputs
from cdk_sagemaker_processing.steps.assembly.places import Places, path_digest
from cdk_sagemaker_processing.steps.container import EXECUTION_TAG, Container
from cdk_sagemaker_processing.steps.keys import key_id
from cdk_sagemaker_processing.steps.options import Options

__all__ = ["Assembly", "assemble", "job_prefix", "names_of_jobs"]

# 63 for the name (API reference, ProcessingJobName), less 36 for a UUID, two hyphens and
# three digits of a retry count.
_LONGEST_PREFIX = 63 - 36 - 2 - 3
_HASH = 8
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Assembly:
    """A request in the making.

    Attributes:
        request: The request.
        image: What is known of its image; None where it has none.
        problems: What is wrong beyond the request's own limits.
        left_out: What of the user's folders is not uploaded, as it may hold
            secrets.
    """

    request: model.CreateProcessingJobRequest
    image: Image | None
    problems: tuple[Problem, ...]
    left_out: tuple[Path, ...]


def job_prefix(path: str, base_job_name: str | None) -> str:
    """What the names of a step's jobs begin with: readable, and no other step's.

    Lower case, because SageMaker writes names so in ARNs.
    """
    if base_job_name is not None:
        return base_job_name
    slug = re.sub(r"[^a-z0-9]+", "-", path.rsplit("/", 1)[-1].lower()).strip("-")
    return f"{slug[: _LONGEST_PREFIX - _HASH - 1].strip('-') or 'job'}-{path_digest(path)}"


def names_of_jobs(request: model.CreateProcessingJobRequest) -> str:
    """What the names of all jobs of a request begin with; empty where no letter is known."""
    name = request.ProcessingJobName
    head = name.parts[0] if isinstance(name, Joined) else name
    return head if isinstance(head, str) and is_known(head) else ""


def assemble(
    stack: cdk.Stack,
    places: Places,
    container: Container,
    options: Options,
    *,
    network: model.NetworkConfig | None,
    role_arn: str,
) -> Assembly:
    """Make a step's request.

    Args:
        stack: The step's stack, which publishes its files.
        places: Where outputs go that name no destination.
        container: What the kind of step puts into the container.
        options: What the user asked for.
        network: What the containers may reach.
        role_arn: The job's role.
    """
    data, wrong_data, left_out = data_inputs(stack, places, options.inputs)
    code, wrong_code = code_inputs(stack, container.channels)
    prefix = job_prefix(places.path, options.base_job_name)
    request = model.CreateProcessingJobRequest(
        ProcessingJobName=join(prefix, "-", run_time.UUID, "-", run_time.RETRY_COUNT),
        ProcessingResources=_resources(options),
        AppSpecification=_app(container, options),
        RoleArn=role_arn,
        ProcessingInputs=(*data, *code) or None,
        ProcessingOutputConfig=_output_config(places, container, options),
        StoppingCondition=_stopping(options),
        Environment=_environment(options),
        NetworkConfig=network,
        Tags=_tags(options),
        ExperimentConfig=_experiment(options),
    )
    changed, wrong_overrides = _overridden(request, options.request_overrides or {})
    return Assembly(
        changed,
        _image(container, changed),
        (
            *wrong_data,
            *wrong_code,
            *taken_names(data, container.channels),
            *_wrong_prefix(prefix),
            *wrong_outputs(options.outputs),
            *wrong_overrides,
        ),
        (*left_out, *(path for one in container.channels for path in one.left_out)),
    )


def _image(container: Container, request: model.CreateProcessingJobRequest) -> Image | None:
    """The container's image, or another that the request was told to take."""
    image, uri = container.image, request.AppSpecification.ImageUri
    if image is None or uri == run_time.text(image.uri):
        return image
    return own_image(image_uri=uri).image if isinstance(uri, str) else Image(str(uri), None)


def _output_config(
    places: Places, container: Container, options: Options
) -> model.ProcessingOutputConfig | None:
    found = outputs(places, container, options.outputs)
    if not found:
        return None
    return model.ProcessingOutputConfig(Outputs=found, KmsKeyId=key_id(options.output_kms_key))


def _resources(options: Options) -> model.ProcessingResources:
    return model.ProcessingResources(
        ClusterConfig=model.ClusterConfig(
            InstanceCount=run_time.number(options.instance_count),
            InstanceType=run_time.text(options.instance_type),
            VolumeSizeInGB=run_time.number(options.volume_size_in_gb),
            VolumeKmsKeyId=key_id(options.volume_kms_key),
        )
    )


def _app(container: Container, options: Options) -> model.AppSpecification:
    return model.AppSpecification(
        ImageUri=run_time.text(container.image.uri) if container.image else "",
        ContainerEntrypoint=run_time.texts(container.entrypoint) or None,
        ContainerArguments=run_time.texts(options.arguments) or None,
    )


def _stopping(options: Options) -> model.StoppingCondition:
    seconds = options.max_runtime.to_seconds() if options.max_runtime else _DAY
    return model.StoppingCondition(MaxRuntimeInSeconds=run_time.number(run_time.whole(seconds)))


def _environment(options: Options) -> Mapping[str, Text] | Reference | None:
    found: Mapping[str, Text] | Reference = run_time.json_value(options.environment or {})
    return found or None


def _tags(options: Options) -> tuple[model.Tag, ...]:
    given = options.tags
    pairs = (
        list(given.items())
        if isinstance(given, Mapping)
        else [(one["Key"], one["Value"]) for one in given]
    )
    return (
        *(model.Tag(Key=run_time.text(key), Value=run_time.text(value)) for key, value in pairs),
        model.Tag(Key=EXECUTION_TAG, Value=run_time.EXECUTION_ID),
    )


def _experiment(options: Options) -> model.ExperimentConfig | None:
    given = options.experiment_config or {}
    texts = {name: run_time.text(value) for name, value in given.items()}
    return model.ExperimentConfig(**texts) if texts else None


def _overridden(
    request: model.CreateProcessingJobRequest, overrides: Mapping[str, object]
) -> tuple[model.CreateProcessingJobRequest, Sequence[Problem]]:
    wrong: list[Problem] = []
    for path, value in overrides.items():
        try:
            request = override(request, path, run_time.json_value(value))
        except OverrideError as error:
            wrong.append(Problem(f"request_overrides: {error}", path))
    return request, [*wrong, *_wrong_override(request, overrides)]


def _wrong_override(
    request: model.CreateProcessingJobRequest, overrides: Mapping[str, object]
) -> list[Problem]:
    found = []
    if "RoleArn" in overrides:
        found.append(
            Problem(
                "request_overrides: the job's role is set by role=, which also grants", "RoleArn"
            )
        )
    name, head = request.ProcessingJobName, names_of_jobs(request)
    if "ProcessingJobName" in overrides and (not head or head != head.lower() or name == head):
        found.append(
            Problem(
                "request_overrides: ProcessingJobName must begin with lower-case text known at "
                "synth, which permissions name, and go on with a value of the run, as no two jobs "
                f"may have one name, got {str(name)!r}",
                "ProcessingJobName",
            )
        )
    return found


def _wrong_prefix(prefix: str) -> list[Problem]:
    if len(prefix) <= _LONGEST_PREFIX and re.fullmatch(r"[a-z0-9](-*[a-z0-9])*", prefix):
        return []
    return [
        Problem(
            f"base_job_name must be 1 to {_LONGEST_PREFIX} lower-case letters, digits and hyphens, "
            f"with no hyphen at its ends, got {prefix!r}: a UUID and the attempt's count follow",
            "ProcessingJobName",
        )
    ]

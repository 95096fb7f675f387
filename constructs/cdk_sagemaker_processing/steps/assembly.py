"""From a container and a user's arguments to the request."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.code.bundle import Bundle, File
from cdk_sagemaker_processing.code.publish import Published, publish
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Text, join
from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.steps.container import (
    EVENT_LOGS_OUTPUT,
    INPUT_ROOT,
    CodeChannel,
    Container,
)
from cdk_sagemaker_processing.steps.files import folder_files, is_uri
from cdk_sagemaker_processing.steps.options import Options
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["EXECUTION_TAG", "Assembly", "assemble", "job_prefix"]

# Finds all jobs of an execution, in the console, in the bill and from the command line.
EXECUTION_TAG = "cdk-sagemaker-processing:execution"

# 63 for the name (API reference, ProcessingJobName), less 36 for a UUID, two hyphens and
# three digits of a retry count.
_LONGEST_PREFIX = 63 - 36 - 2 - 3
_HASH = 8
_DAY = 24 * 3600
_OUTPUT_ROOT = "/opt/ml/processing/output"
# What every S3 tool takes in a key: Amazon S3 user guide, "Safe characters".
_UNSAFE = re.compile(r"[^A-Za-z0-9!_.*'()/-]")


@dataclass(frozen=True, slots=True)
class Assembly:
    """A request in the making.

    Attributes:
        request: The request.
        outputs: The URI of each output, by name.
        problems: What is wrong beyond the request's own limits.
    """

    request: model.CreateProcessingJobRequest
    outputs: dict[str, Text]
    problems: tuple[Problem, ...]


def job_prefix(path: str, base_job_name: str | None) -> str:
    """What the names of a step's jobs begin with: readable, and no other step's.

    Lower case, because SageMaker writes names so in ARNs.
    """
    if base_job_name is not None:
        return base_job_name
    slug = re.sub(r"[^a-z0-9]+", "-", path.rsplit("/", 1)[-1].lower()).strip("-")
    return f"{slug[: _LONGEST_PREFIX - _HASH - 1].strip('-') or 'job'}-{_digest(path)}"


def assemble(
    stack: cdk.Stack,
    path: str,
    container: Container,
    options: Options,
    *,
    storage: ProcessingStorage | None,
    role_arn: str,
) -> Assembly:
    """Make a step's request.

    Args:
        stack: The step's stack, which publishes its files.
        path: The step's path in the app.
        container: What the kind of step puts into the container.
        options: What the user asked for.
        storage: Where outputs go that name no destination; None if all do.
        role_arn: The job's role.
    """
    inputs, wrong_inputs = _inputs(stack, container, options.inputs)
    outputs = _outputs(path, container, options.outputs, storage)
    prefix = job_prefix(path, options.base_job_name)
    environment = {key: run_time.text(value) for key, value in (options.environment or {}).items()}
    request = model.CreateProcessingJobRequest(
        ProcessingJobName=join(prefix, "-", run_time.UUID, "-", run_time.RETRY_COUNT),
        ProcessingResources=_resources(options),
        AppSpecification=_app(container, options),
        RoleArn=role_arn,
        ProcessingInputs=inputs or None,
        ProcessingOutputConfig=_output_config(outputs),
        StoppingCondition=_stopping(options),
        Environment=environment or None,
        Tags=(model.Tag(Key=EXECUTION_TAG, Value=run_time.EXECUTION_ID),),
    )
    return Assembly(
        request,
        {str(one.OutputName): one.S3Output.S3Uri for one in outputs if one.S3Output},
        (
            *wrong_inputs,
            *_taken_names(inputs, container.channels),
            *_wrong_prefix(prefix),
            *_wrong_outputs(options.outputs),
        ),
    )


def _inputs(
    stack: cdk.Stack, container: Container, given: Sequence[ProcessingInput]
) -> tuple[tuple[model.ProcessingInput, ...], list[Problem]]:
    data = [_data_input(stack, at, one) for at, one in enumerate(given, start=1)]
    code = _code_inputs(stack, container.channels)
    found = [*data, *code]
    return (
        tuple(one for one in found if isinstance(one, model.ProcessingInput)),
        [one for one in found if isinstance(one, Problem)],
    )


def _data_input(
    stack: cdk.Stack, at: int, given: ProcessingInput
) -> model.ProcessingInput | Problem:
    name = given.input_name or run_time.output_name(str(given.source)) or f"input-{at}"
    uri = str(given.source) if is_uri(given.source) else _uploaded(stack, name, Path(given.source))
    return uri if isinstance(uri, Problem) else _s3_input(name, uri, given)


def _s3_input(name: str, uri: str, given: ProcessingInput) -> model.ProcessingInput:
    return model.ProcessingInput(
        InputName=run_time.text(name),
        S3Input=model.S3Input(
            S3Uri=run_time.text(uri),
            LocalPath=run_time.text(given.destination or f"{INPUT_ROOT}/{name}"),
            S3DataType=run_time.text(given.s3_data_type),
            S3InputMode=run_time.text(given.s3_input_mode),
            S3DataDistributionType=run_time.text(given.s3_data_distribution_type),
            S3CompressionType=run_time.text(given.s3_compression_type),
        ),
    )


def _uploaded(stack: cdk.Stack, name: str, path: Path) -> str | Problem:
    """The S3 URI that a file or folder of this machine will have."""
    files: tuple[File, ...] | Problem
    if path.is_file():
        files = (File(f"{name}/{path.name}", path=path.absolute()),)
    else:
        files = folder_files(f"inputs: {name}", path, name)
    if isinstance(files, Problem):
        return files
    bundle = Bundle()
    bundle.add(files)
    published = publish(stack, bundle)
    if isinstance(published, Problem):
        return published
    return published.uri(files[0].name if path.is_file() else f"{name}/")


def _code_inputs(
    stack: cdk.Stack, channels: Sequence[CodeChannel]
) -> list[model.ProcessingInput | Problem]:
    bundle = Bundle()
    for channel in channels:
        bundle.add(channel.files)
    published = publish(stack, bundle) if bundle.files else None
    if isinstance(published, Problem):
        return [published]
    return [_code_input(channel, published) for channel in channels]


def _code_input(channel: CodeChannel, published: Published | None) -> model.ProcessingInput:
    if channel.s3_uri is not None or published is None:
        uri = channel.s3_uri or ""
    elif [file.name for file in channel.files] == [f"{channel.name}/{channel.files[0].base}"]:
        uri = published.uri(channel.files[0].name)
    else:
        uri = published.uri(f"{channel.name}/")
    return _s3_input(channel.name, uri, ProcessingInput(uri, channel.local_path))


def _outputs(
    path: str,
    container: Container,
    given: Iterable[ProcessingOutput],
    storage: ProcessingStorage | None,
) -> tuple[model.ProcessingOutput, ...]:
    outputs = [_output(path, one, storage) for one in given]
    if container.event_logs:
        uri = container.event_logs_uri or (storage.event_logs.s3_uri if storage else "")
        outputs.append(
            _s3_output(EVENT_LOGS_OUTPUT, container.event_logs, run_time.text(uri), "Continuous")
        )
    return tuple(outputs)


def _output(
    path: str, given: ProcessingOutput, storage: ProcessingStorage | None
) -> model.ProcessingOutput:
    name = given.output_name
    if given.destination is not None or storage is None:
        uri = run_time.text(given.destination or "")
    else:
        bucket = storage.outputs.bucket_name
        uri = join(f"s3://{bucket}/{_folder(path)}/", run_time.EXECUTION_NAME, f"/{name}/")
    source = run_time.text(given.source or f"{_OUTPUT_ROOT}/{name}")
    return _s3_output(name, source, uri, run_time.text(given.s3_upload_mode))


def _folder(path: str) -> str:
    """The step's path as a key prefix, and no other step's."""
    safe = _UNSAFE.sub("-", path)
    return safe if safe == path else f"{safe}-{_digest(path)}"


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:_HASH]


def _s3_output(name: str, source: Text, uri: Text, mode: Text) -> model.ProcessingOutput:
    return model.ProcessingOutput(
        OutputName=name,
        S3Output=model.S3Output(S3Uri=uri, LocalPath=source, S3UploadMode=mode),
    )


def _output_config(
    outputs: tuple[model.ProcessingOutput, ...],
) -> model.ProcessingOutputConfig | None:
    return model.ProcessingOutputConfig(Outputs=outputs) if outputs else None


def _resources(options: Options) -> model.ProcessingResources:
    return model.ProcessingResources(
        ClusterConfig=model.ClusterConfig(
            InstanceCount=run_time.number(options.instance_count),
            InstanceType=run_time.text(options.instance_type),
            VolumeSizeInGB=run_time.number(options.volume_size_in_gb),
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


def _taken_names(
    inputs: Sequence[model.ProcessingInput], channels: Sequence[CodeChannel]
) -> list[Problem]:
    data = inputs[: len(inputs) - len(channels)]
    return [
        Problem(
            f"inputs: the name {one.InputName!r} is taken by an input of the step's own, for its "
            "code: give this one another input_name",
            f"ProcessingInputs[{at}].InputName",
        )
        for at, one in enumerate(data)
        if one.InputName in {channel.name for channel in channels}
    ]


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


def _wrong_outputs(given: Sequence[ProcessingOutput]) -> list[Problem]:
    return [
        Problem(
            f"outputs: {one.output_name!r} is no name but a path: write "
            f"ProcessingOutput(<name>, source={one.output_name!r})",
            f"ProcessingOutputConfig.Outputs[{at}].OutputName",
        )
        for at, one in enumerate(given)
        if "/" in one.output_name
    ]

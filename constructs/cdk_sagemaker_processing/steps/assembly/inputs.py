"""From what a step reads, as data and as code, to the inputs of its request."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.cdk.tree import stage_of
from cdk_sagemaker_processing.code.bundle import Bundle, Contents, File
from cdk_sagemaker_processing.code.publish import Published, publish
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Text
from cdk_sagemaker_processing.steps.assembly.places import Places
from cdk_sagemaker_processing.steps.channels import ProcessingInput
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, CodeChannel
from cdk_sagemaker_processing.steps.container.files import folder_files, is_uri
from cdk_sagemaker_processing.steps.datasets import (
    AthenaDatasetDefinition,
    RedshiftDatasetDefinition,
)
from cdk_sagemaker_processing.steps.keys import key_id

__all__ = ["code_inputs", "data_inputs", "taken_names"]

_Found = model.ProcessingInput | Problem


def data_inputs(
    stack: cdk.Stack, places: Places, given: Sequence[ProcessingInput]
) -> tuple[tuple[model.ProcessingInput, ...], list[Problem], list[Path]]:
    """The inputs that carry data, in the user's order, and what is wrong with them.

    And what of their folders is not uploaded, as it may hold secrets.
    """
    left_out: list[Path] = []
    found = [_data_input(stack, places, at, one, left_out) for at, one in enumerate(given, start=1)]
    return *_parted(found), left_out


def code_inputs(
    stack: cdk.Stack, channels: Sequence[CodeChannel]
) -> tuple[tuple[model.ProcessingInput, ...], list[Problem]]:
    """The inputs that carry code, published as one bundle, and what is wrong with them."""
    bundle = Bundle()
    for channel in channels:
        bundle.add(channel.files)
    published = publish(stack, bundle) if bundle.files else None
    if isinstance(published, Problem):
        return (), [published]
    return tuple(_code_input(channel, published) for channel in channels), []


def taken_names(
    data: Sequence[model.ProcessingInput], channels: Sequence[CodeChannel]
) -> list[Problem]:
    """Which inputs of the user's have the name of one that carries the step's own code."""
    taken = {channel.name for channel in channels}
    return [
        Problem(
            f"inputs: the name {one.InputName!r} is taken by an input of the step's own, for its "
            "code: give this one another input_name",
            f"ProcessingInputs[{at}].InputName",
        )
        for at, one in enumerate(data)
        if one.InputName in taken
    ]


def _parted(found: Sequence[_Found]) -> tuple[tuple[model.ProcessingInput, ...], list[Problem]]:
    return (
        tuple(one for one in found if isinstance(one, model.ProcessingInput)),
        [one for one in found if isinstance(one, Problem)],
    )


def _data_input(
    stack: cdk.Stack, places: Places, at: int, given: ProcessingInput, left_out: list[Path]
) -> _Found:
    source = given.source
    if isinstance(source, AthenaDatasetDefinition | RedshiftDatasetDefinition):
        return _dataset_input(places, given.input_name or f"input-{at}", given, source)
    name = given.input_name or run_time.output_name(str(source), stage_of(stack)) or f"input-{at}"
    uri = str(source) if is_uri(source) else _uploaded(stack, name, Path(source), left_out)
    return uri if isinstance(uri, Problem) else _s3_input(name, uri, given)


def _s3_input(name: str, uri: str, given: ProcessingInput) -> model.ProcessingInput:
    return model.ProcessingInput(
        InputName=run_time.text(name),
        AppManaged=given.app_managed or None,
        S3Input=model.S3Input(
            S3Uri=run_time.text(uri),
            LocalPath=_local_path(name, given),
            S3DataType=run_time.text(given.s3_data_type),
            S3InputMode=run_time.text(given.s3_input_mode),
            S3DataDistributionType=run_time.text(given.s3_data_distribution_type),
            S3CompressionType=run_time.text(given.s3_compression_type),
        ),
    )


def _local_path(name: str, given: ProcessingInput) -> Text | None:
    if given.destination is None and given.app_managed:
        return None
    return run_time.text(given.destination or f"{INPUT_ROOT}/{name}")


def _dataset_input(
    places: Places,
    name: str,
    given: ProcessingInput,
    source: AthenaDatasetDefinition | RedshiftDatasetDefinition,
) -> model.ProcessingInput:
    uri = places.destination(source.output_s3_uri, name)
    athena = _athena(source, uri) if isinstance(source, AthenaDatasetDefinition) else None
    redshift = _redshift(source, uri) if isinstance(source, RedshiftDatasetDefinition) else None
    return model.ProcessingInput(
        InputName=run_time.text(name),
        AppManaged=given.app_managed or None,
        DatasetDefinition=model.DatasetDefinition(
            AthenaDatasetDefinition=athena,
            RedshiftDatasetDefinition=redshift,
            LocalPath=_local_path(name, given),
            DataDistributionType=_text(source.data_distribution_type),
            InputMode=_text(source.input_mode),
        ),
    )


def _athena(source: AthenaDatasetDefinition, uri: Text) -> model.AthenaDatasetDefinition:
    return model.AthenaDatasetDefinition(
        Catalog=run_time.text(source.catalog),
        Database=run_time.text(source.database),
        QueryString=run_time.text(source.query_string),
        WorkGroup=_text(source.work_group),
        OutputS3Uri=uri,
        KmsKeyId=key_id(source.kms_key_id),
        OutputFormat=run_time.text(source.output_format),
        OutputCompression=_text(source.output_compression),
    )


def _redshift(source: RedshiftDatasetDefinition, uri: Text) -> model.RedshiftDatasetDefinition:
    role = source.cluster_role_arn
    return model.RedshiftDatasetDefinition(
        ClusterId=run_time.text(source.cluster_id),
        Database=run_time.text(source.database),
        DbUser=run_time.text(source.db_user),
        QueryString=run_time.text(source.query_string),
        ClusterRoleArn=run_time.text(role if isinstance(role, str) else role.role_arn),
        OutputS3Uri=uri,
        KmsKeyId=key_id(source.kms_key_id),
        OutputFormat=run_time.text(source.output_format),
        OutputCompression=_text(source.output_compression),
    )


def _text(value: str | None) -> Text | None:
    return None if value is None else run_time.text(value)


def _uploaded(stack: cdk.Stack, name: str, path: Path, left_out: list[Path]) -> str | Problem:
    """The S3 URI that a file or folder of this machine will have."""
    found: Contents | Problem
    if path.is_file():
        found = Contents((File(f"{name}/{path.name}", path=path.absolute()),), ())
    else:
        found = folder_files(f"inputs: {name}", path, name)
    if isinstance(found, Problem):
        return found
    left_out += found.left_out
    bundle = Bundle()
    bundle.add(found.files)
    published = publish(stack, bundle)
    if isinstance(published, Problem):
        return published
    return published.uri(found.files[0].name if path.is_file() else f"{name}/")


def _code_input(channel: CodeChannel, published: Published | None) -> model.ProcessingInput:
    if channel.s3_uri is not None or published is None:
        uri = channel.s3_uri or ""
    elif [file.name for file in channel.files] == [f"{channel.name}/{channel.files[0].base}"]:
        uri = published.uri(channel.files[0].name)
    else:
        uri = published.uri(f"{channel.name}/")
    return _s3_input(channel.name, uri, ProcessingInput(uri, channel.local_path))

"""Inputs and outputs of the right kind."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.argument_types.job import wrong_key
from cdk_sagemaker_processing.steps.argument_types.values import is_list, wrong_path, wrong_text
from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.steps.datasets import (
    AthenaDatasetDefinition,
    RedshiftDatasetDefinition,
)

__all__ = ["wrong_inputs", "wrong_outputs"]


def wrong_inputs(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with inputs."""
    yield from _items(name, value, ProcessingInput)
    for at, one in enumerate(value if is_list(value) else ()):
        if isinstance(one, ProcessingInput):
            yield from _source(f"{name}[{at}]", one)
            yield from _optional_texts(f"{name}[{at}]", one, ("destination", "input_name"))
            for member in _OF_S3:
                yield from wrong_text(f"{name}[{at}]: {member}", getattr(one, member))
            yield from _known_flag(f"{name}[{at}]: app_managed", one.app_managed)


def wrong_outputs(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with outputs."""
    yield from _items(name, value, ProcessingOutput)
    for at, one in enumerate(value if is_list(value) else ()):
        if isinstance(one, ProcessingOutput):
            yield from _output_name(f"{name}[{at}]: output_name", one.output_name)
            texts = ("source", "destination", "feature_group_name")
            yield from _optional_texts(f"{name}[{at}]", one, texts)
            yield from wrong_text(f"{name}[{at}]: s3_upload_mode", one.s3_upload_mode)
            yield from _known_flag(f"{name}[{at}]: app_managed", one.app_managed)


def _source(name: str, given: ProcessingInput) -> Iterator[Problem]:
    source = given.source
    if not isinstance(source, AthenaDatasetDefinition | RedshiftDatasetDefinition):
        yield from wrong_path(f"{name}: source", source)
        return
    yield from _dataset(f"{name}: {type(source).__name__}", source)
    for member, default in _OF_S3.items():
        if getattr(given, member) != default:
            yield Problem(
                f"{name}: {member} is for S3, but the source is a query: give "
                "data_distribution_type and input_mode to the query's definition"
            )


_OF_S3 = {
    field.name: field.default for field in fields(ProcessingInput) if field.name.startswith("s3_")
}


def _dataset(
    name: str, given: AthenaDatasetDefinition | RedshiftDatasetDefinition
) -> Iterator[Problem]:
    for field in fields(given):
        value = getattr(given, field.name)
        if field.name == "kms_key_id":
            yield from wrong_key(f"{name}.{field.name}", value)
        elif field.name == "cluster_role_arn" and hasattr(value, "role_arn"):
            continue
        elif value is not None or field.default is MISSING:
            yield from wrong_text(f"{name}.{field.name}", value)


def _known_flag(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(f"{name} must be True or False and known at synth, got {value!r}")


def _output_name(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        yield Problem(f"{name} must be a name, got {value!r}")
    elif not is_known(value):
        yield Problem(f"{name} must be known at synth: step.output(...) and the S3 key need it")


def _optional_texts(where: str, one: object, members: Sequence[str]) -> Iterator[Problem]:
    for member in members:
        value = getattr(one, member)
        if value is not None:
            yield from wrong_text(f"{where}: {member}", value)


def _items(name: str, value: object, kind: type) -> Iterator[Problem]:
    example = f"processing.{kind.__name__}(...)"
    if not is_list(value):
        yield Problem(f"{name} must be a list, got {value!r}: write [{example}]")
        return
    for at, one in enumerate(value):
        if not isinstance(one, kind):
            given = repr(one) if isinstance(one, str) else "..."
            hint = f"processing.{kind.__name__}({given})"
            yield Problem(f"{name}[{at}] must be a {kind.__name__}, got {one!r}: write {hint}")

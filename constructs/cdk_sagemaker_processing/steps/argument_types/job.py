"""What a job is told beside its data, of the right kind."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from aws_cdk import aws_iam as iam

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import ExperimentConfig
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.argument_types.values import is_list, wrong_texts_by_name
from cdk_sagemaker_processing.steps.container import EXECUTION_TAG
from cdk_sagemaker_processing.storage import ProcessingStorage

# 50 (API reference, CreateProcessingJob), of which one is the step's own.
_MOST_TAGS = 49
_EXPERIMENT = tuple(field.name for field in fields(ExperimentConfig))

__all__ = [
    "wrong_base_job_name",
    "wrong_experiment",
    "wrong_key",
    "wrong_role",
    "wrong_storage",
    "wrong_tags",
]


def wrong_tags(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with tags."""
    if isinstance(value, Mapping):
        if set(value) == {"Key", "Value"}:
            yield Problem(f"{name}: one tag is a list of one, or a mapping: write [{value!r}]")
        yield from wrong_texts_by_name(name, value)
    elif not is_list(value):
        yield Problem(f"{name} must be a mapping of keys to values, got {value!r}")
    else:
        for at, one in enumerate(value):
            yield from _tag(f"{name}[{at}]", one)
    yield from _beside_the_steps_own(name, _keys_of(value))


def _keys_of(tags: object) -> list[object]:
    if isinstance(tags, Mapping):
        return list(tags)
    listed = tags if is_list(tags) else ()
    return [one.get("Key") for one in listed if isinstance(one, Mapping)]


def _beside_the_steps_own(name: str, keys: list[object]) -> Iterator[Problem]:
    if len(keys) > _MOST_TAGS:
        yield Problem(
            f"{name} must be at most {_MOST_TAGS}, as the execution's ARN is one too and a job has "
            f"at most {_MOST_TAGS + 1}, got {len(keys)}"
        )
    if EXECUTION_TAG in keys:
        yield Problem(f"{name}: {EXECUTION_TAG!r} is the step's own, with the execution's ARN")


def _tag(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping) or set(value) != {"Key", "Value"}:
        hint = "write a mapping of keys to values, or {'Key': ..., 'Value': ...}"
        yield Problem(f"{name} must be a tag, got {value!r}: {hint}")
    else:
        yield from wrong_texts_by_name(name, value)


def wrong_experiment(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with the experiment of a job."""
    if value is None:
        return
    yield from wrong_texts_by_name(name, value)
    for key in value if isinstance(value, Mapping) else ():
        if key not in _EXPERIMENT:
            yield Problem(f"{name}: there is no {key!r}; there are {', '.join(_EXPERIMENT)}")


def wrong_key(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a KMS key."""
    if value is None or hasattr(value, "key_arn"):
        return
    if not isinstance(value, str) or not value:
        yield Problem(f"{name} must be a kms.IKey, or a key's id, ARN or alias, got {value!r}")


def wrong_role(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a role."""
    # Whatever implements iam.IRole will do; Python cannot ask jsii for that.
    if value is not None and not hasattr(value, "add_to_principal_policy"):
        written = repr(value) if isinstance(value, str) else "..."
        hint = f"iam.Role.from_role_arn(self, 'Role', {written})"
        yield Problem(f"{name} must be an {iam.IRole.__name__}, got {value!r}: write {hint}")


def wrong_storage(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a storage."""
    if value is not None and not isinstance(value, ProcessingStorage):
        yield Problem(
            f"{name} must be a ProcessingStorage, got {value!r}; one output goes to another bucket "
            "by ProcessingOutput(name, destination='s3://...')"
        )


def wrong_base_job_name(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with what jobs' names begin with."""
    if value is not None and not (isinstance(value, str) and is_known(value)):
        yield Problem(f"{name} must be a string known at synth: permissions name the step's jobs")

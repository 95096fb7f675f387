"""Whether what users wrote is of the kind that each argument takes.

Python would fail deep inside with words that name neither the construct nor
the argument, and a string taken for a list would become a list of letters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.steps.options import Options
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["wrong_kinds", "wrong_list", "wrong_name", "wrong_path", "wrong_paths"]


def wrong_kinds(options: Options) -> list[Problem]:
    """Every argument of a step that is of another kind than it takes."""
    return [
        found for name, check in _CHECKS.items() for found in check(name, getattr(options, name))
    ]


def wrong_list(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a list of strings, of which the whole may be known only at run time."""
    if isinstance(value, str):
        if not run_time.is_jsonata(value):
            yield Problem(
                f"{name} must be a list of strings, got the string {value!r}: "
                "write each argument as an item, ['--name', 'value']"
            )
    elif not _is_list(value):
        yield Problem(f"{name} must be a list of strings, got {value!r}")
    elif len(value) > 1 and any(_is_list_token(one) for one in value):
        yield Problem(
            f"{name}: a list known only at run time or at deploy can only be the whole list, "
            f"not lie among other items: give it as {name} alone, or give each item by itself"
        )
    else:
        for at, one in enumerate(value):
            yield from _text(f"{name}[{at}]", one)


def wrong_name(name: str, value: object) -> list[Problem]:
    """What is wrong with a string that must say something."""
    if isinstance(value, str) and value:
        return []
    return [Problem(f"{name} must be a string that is not empty, got {value!r}")]


def wrong_path(name: str, value: object) -> list[Problem]:
    """What is wrong with a path or URI."""
    if isinstance(value, Path) or (isinstance(value, str) and value):
        return []
    return [Problem(f"{name} must be a path or an S3 URI, got {value!r}{_instead(value)}")]


def wrong_paths(name: str, value: object) -> list[Problem]:
    """What is wrong with a list of paths and URIs."""
    if value is None:
        return []
    if isinstance(value, str | Path):
        return [
            Problem(f"{name} must be a list of paths and S3 URIs, got {value!r}: write [{value!r}]")
        ]
    if not _is_list(value):
        return [Problem(f"{name} must be a list of paths and S3 URIs, got {value!r}")]
    if any(_is_list_token(one) for one in value):
        return [Problem(f"{name}: the list must be known at synth; its items may be run-time")]
    return [found for at, one in enumerate(value) for found in wrong_path(f"{name}[{at}]", one)]


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_list_token(value: object) -> bool:
    return isinstance(value, str) and value.startswith(run_time.LIST_TOKEN)


def _text(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(f"{name} must be a string, got {value!r}{_as_text(value)}")


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return f": write {str(value).lower()!r} or {str(value)!r}, whichever the job reads"
    if isinstance(value, float) and not is_known(value):
        return ": write f'{...}' around the number to make it text"
    return f": write {str(value)!r}" if isinstance(value, int | float | Path) else ""


def _instead(value: object) -> str:
    """What to write for a construct that stands for data."""
    if hasattr(value, "s3_url_for_object"):
        return ": write bucket.s3_url_for_object('prefix/')"
    if hasattr(value, "s3_object_url"):
        return ": write asset.s3_object_url, or give the path itself"
    return ": write step.output('name')" if hasattr(value, "render_request") else ""


def _number(name: str, value: object) -> Iterator[Problem]:
    if isinstance(value, str) and not run_time.is_jsonata(value):
        yield Problem(f"{name} must be a whole number or '{{% ... %}}', got the string {value!r}")
    elif isinstance(value, cdk.Size):
        yield Problem(f"{name} must be a whole number: write size.to_gibibytes()")
    elif not isinstance(value, int | float | str):
        yield Problem(f"{name} must be a whole number, got {value!r}")


def _duration(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, cdk.Duration):
        hint = f": write cdk.Duration.seconds({value})" if isinstance(value, int | float) else ""
        yield Problem(f"{name} must be a cdk.Duration, got {value!r}{hint}")


def _environment(name: str, value: object) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        yield Problem(f"{name} must be a mapping of names to strings, got {value!r}")
        return
    for key, one in value.items():
        yield from _text(f"{name} key {key!r}", key)
        yield from _text(f"{name}[{key!r}]", one)


def _role(name: str, value: object) -> Iterator[Problem]:
    # Whatever implements iam.IRole will do; Python cannot ask jsii for that.
    if value is not None and not hasattr(value, "add_to_principal_policy"):
        written = repr(value) if isinstance(value, str) else "..."
        hint = f"iam.Role.from_role_arn(self, 'Role', {written})"
        yield Problem(f"{name} must be an {iam.IRole.__name__}, got {value!r}: write {hint}")


def _storage(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, ProcessingStorage):
        yield Problem(
            f"{name} must be a ProcessingStorage, got {value!r}; one output goes to another bucket "
            "by ProcessingOutput(name, destination='s3://...')"
        )


def _inputs(name: str, value: object) -> Iterator[Problem]:
    yield from _items(name, value, ProcessingInput)
    for at, one in enumerate(value if _is_list(value) else ()):
        if isinstance(one, ProcessingInput):
            yield from wrong_path(f"{name}[{at}]: source", one.source)
            yield from _optional_texts(f"{name}[{at}]", one, ("destination", "input_name"))


def _outputs(name: str, value: object) -> Iterator[Problem]:
    yield from _items(name, value, ProcessingOutput)
    for at, one in enumerate(value if _is_list(value) else ()):
        if isinstance(one, ProcessingOutput):
            yield from _output_name(f"{name}[{at}]: output_name", one.output_name)
            yield from _optional_texts(f"{name}[{at}]", one, ("source", "destination"))


def _output_name(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        yield Problem(f"{name} must be a name, got {value!r}")
    elif not is_known(value):
        yield Problem(f"{name} must be known at synth: step.output(...) and the S3 key need it")


def _optional_texts(where: str, one: object, members: Sequence[str]) -> Iterator[Problem]:
    for member in members:
        value = getattr(one, member)
        if value is not None:
            yield from _text(f"{where}: {member}", value)


def _items(name: str, value: object, kind: type) -> Iterator[Problem]:
    example = f"processing.{kind.__name__}(...)"
    if not _is_list(value):
        yield Problem(f"{name} must be a list, got {value!r}: write [{example}]")
        return
    for at, one in enumerate(value):
        if not isinstance(one, kind):
            given = repr(one) if isinstance(one, str) else "..."
            hint = f"processing.{kind.__name__}({given})"
            yield Problem(f"{name}[{at}] must be a {kind.__name__}, got {one!r}: write {hint}")


def _base_job_name(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not (isinstance(value, str) and is_known(value)):
        yield Problem(f"{name} must be a string known at synth: permissions name the step's jobs")


_CHECKS: Mapping[str, Callable[[str, Any], Iterator[Problem]]] = {
    "inputs": _inputs,
    "outputs": _outputs,
    "arguments": wrong_list,
    "environment": _environment,
    "instance_type": _text,
    "instance_count": _number,
    "volume_size_in_gb": _number,
    "max_runtime": _duration,
    "task_timeout": _duration,
    "base_job_name": _base_job_name,
    "role": _role,
    "storage": _storage,
}

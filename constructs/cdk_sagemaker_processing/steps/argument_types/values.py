"""Texts, numbers, lists and paths of the right kind."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

import aws_cdk as cdk

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known, is_resolvable

__all__ = [
    "is_list",
    "is_list_token",
    "wrong_duration",
    "wrong_environment",
    "wrong_flag",
    "wrong_list",
    "wrong_name",
    "wrong_number",
    "wrong_path",
    "wrong_paths",
    "wrong_text",
    "wrong_texts_by_name",
]


def wrong_list(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a list of strings, of which the whole may be known only at run time."""
    if isinstance(value, str):
        if not run_time.is_jsonata(value):
            yield Problem(
                f"{name} must be a list of strings, got the string {value!r}: "
                "write each argument as an item, ['--name', 'value']"
            )
    elif not is_list(value):
        yield Problem(f"{name} must be a list of strings, got {value!r}")
    elif len(value) > 1 and any(is_list_token(one) for one in value):
        yield Problem(
            f"{name}: a list known only at run time or at deploy can only be the whole list, "
            f"not lie among other items: give it as {name} alone, or give each item by itself"
        )
    else:
        for at, one in enumerate(value):
            yield from wrong_text(f"{name}[{at}]", one)


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
    if not is_list(value):
        return [Problem(f"{name} must be a list of paths and S3 URIs, got {value!r}")]
    if any(is_list_token(one) for one in value):
        return [Problem(f"{name}: the list must be known at synth; its items may be run-time")]
    return [found for at, one in enumerate(value) for found in wrong_path(f"{name}[{at}]", one)]


def wrong_text(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a string."""
    if not isinstance(value, str):
        yield Problem(f"{name} must be a string, got {value!r}{_as_text(value)}")


def wrong_texts_by_name(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a mapping of names to strings."""
    if not isinstance(value, Mapping):
        yield Problem(f"{name} must be a mapping of names to strings, got {value!r}")
        return
    for key, one in value.items():
        yield from wrong_text(f"{name} key {key!r}", key)
        yield from wrong_text(f"{name}[{key!r}]", one)


def wrong_number(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a whole number."""
    if isinstance(value, str) and not run_time.is_jsonata(value):
        yield Problem(f"{name} must be a whole number or '{{% ... %}}', got the string {value!r}")
    elif isinstance(value, cdk.Size):
        yield Problem(f"{name} must be a whole number: write size.to_gibibytes()")
    elif not isinstance(value, int | float | str):
        yield Problem(f"{name} must be a whole number, got {value!r}")


def wrong_flag(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with True or False."""
    if value is not None and not isinstance(value, bool) and not _is_run_time(value):
        yield Problem(
            f"{name} must be True or False, got {value!r}; known only at run time it is "
            "'{% ... %}' in JSONata and sfn.JsonPath.object_at(...) in JSONPath"
        )


def wrong_duration(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a duration."""
    if value is not None and not isinstance(value, cdk.Duration):
        hint = f": write cdk.Duration.seconds({value})" if isinstance(value, int | float) else ""
        yield Problem(f"{name} must be a cdk.Duration, got {value!r}{hint}")
    elif isinstance(value, cdk.Duration) and not _has_seconds(value):
        yield Problem(
            f"{name} must be whole seconds: write cdk.Duration.seconds(...), around a value of the "
            "run as well"
        )


def _has_seconds(duration: cdk.Duration) -> bool:
    try:
        duration.to_seconds()
    except RuntimeError:
        return False
    return True


def wrong_environment(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with environment variables."""
    if value is not None and not _is_run_time(value):
        yield from wrong_texts_by_name(name, value)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Whether it is a list, or what serves as one."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_list_token(value: object) -> bool:
    """Whether it is the only item of a list that is not known yet."""
    return isinstance(value, str) and value.startswith(run_time.LIST_TOKEN)


def _is_run_time(value: object) -> bool:
    """Whether it is a whole object or boolean known only at run time."""
    if isinstance(value, str):
        return run_time.is_jsonata(value)
    return is_resolvable(value)


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

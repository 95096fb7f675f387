"""Whether what users wrote is of the kind that each argument takes.

Python would fail deep inside with words that name neither the construct nor
the argument, and a string taken for a list would become a list of letters.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeGuard

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.steps.datasets import (
    AthenaDatasetDefinition,
    RedshiftDatasetDefinition,
)
from cdk_sagemaker_processing.steps.options import Options
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["wrong_kinds", "wrong_list", "wrong_name", "wrong_path", "wrong_paths"]


def wrong_kinds(options: Options) -> list[Problem]:
    """Every argument of a step that is of another kind than it takes."""
    found = [
        problem
        for name, check in _CHECKS.items()
        for problem in check(name, getattr(options, name))
    ]
    return found or wrong_together(options)


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
    if value is not None and not _is_run_time(value):
        yield from _texts_by_name(name, value)


def _texts_by_name(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(f"{name} must be a mapping of names to strings, got {value!r}")
        return
    for key, one in value.items():
        yield from _text(f"{name} key {key!r}", key)
        yield from _text(f"{name}[{key!r}]", one)


def _is_run_time(value: object) -> bool:
    """Whether it is a whole object or boolean known only at run time."""
    if isinstance(value, str):
        return run_time.is_jsonata(value)
    # Whatever implements cdk.IResolvable will do; Python cannot ask jsii for that.
    return hasattr(value, "resolve") and hasattr(value, "creation_stack")


def _flag(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, bool) and not _is_run_time(value):
        yield Problem(
            f"{name} must be True or False, got {value!r}; known only at run time it is "
            "'{% ... %}' in JSONata and sfn.JsonPath.object_at(...) in JSONPath"
        )


def _tags(name: str, value: object) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        yield from _texts_by_name(name, value)
    elif not _is_list(value):
        yield Problem(f"{name} must be a mapping of keys to values, got {value!r}")
    else:
        for at, one in enumerate(value):
            yield from _tag(f"{name}[{at}]", one)


def _tag(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping) or set(value) != {"Key", "Value"}:
        hint = "write a mapping of keys to values, or {'Key': ..., 'Value': ...}"
        yield Problem(f"{name} must be a tag, got {value!r}: {hint}")
    else:
        yield from _texts_by_name(name, value)


def _experiment(name: str, value: object) -> Iterator[Problem]:
    if value is None:
        return
    yield from _texts_by_name(name, value)
    for key in value if isinstance(value, Mapping) else ():
        if key not in _EXPERIMENT:
            yield Problem(f"{name}: there is no {key!r}; there are {', '.join(_EXPERIMENT)}")


_EXPERIMENT = ("ExperimentName", "TrialName", "TrialComponentDisplayName", "RunName")


def _key(name: str, value: object) -> Iterator[Problem]:
    if value is None or hasattr(value, "key_arn"):
        return
    if not isinstance(value, str) or not value:
        yield Problem(f"{name} must be a kms.IKey, or a key's id, ARN or alias, got {value!r}")


def _overrides(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, Mapping):
        yield Problem(
            f"{name} must be a mapping of members to values, got {value!r}: write "
            "{'AppSpecification.ImageUri': ...}"
        )


def _retry(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, bool | sfn.RetryProps):
        yield Problem(f"{name} must be True, False or sfn.RetryProps(...), got {value!r}")


def _pattern(name: str, value: object) -> Iterator[Problem]:
    if value == sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN:
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
        yield Problem(
            f"{name}: Step Functions gives processing jobs no task token: take RUN_JOB, or have a "
            "state of another kind wait for the token"
        )
    elif not isinstance(value, sfn.IntegrationPattern):
        yield Problem(f"{name} must be an sfn.IntegrationPattern, got {value!r}")


def _vpc(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not hasattr(value, "select_subnets"):
        hint = "write ec2.Vpc.from_lookup(...)" if isinstance(value, str) else "give an ec2.IVpc"
        yield Problem(
            f"{name} must be an ec2.IVpc, got {value!r}: {hint}, or subnets and "
            "security_group_ids by their ids"
        )


def _vpc_subnets(name: str, value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, Mapping) and not hasattr(value, "_values"):
        yield Problem(f"{name} must be an ec2.SubnetSelection, got {value!r}: ids go to subnets")


def _security_groups(name: str, value: object) -> Iterator[Problem]:
    if not _is_list(value):
        yield Problem(f"{name} must be a list of ec2.ISecurityGroup, got {value!r}")
        return
    for at, one in enumerate(value):
        if not hasattr(one, "security_group_id"):
            hint = "ids go to security_group_ids" if isinstance(one, str) else "give the construct"
            yield Problem(f"{name}[{at}] must be an ec2.ISecurityGroup, got {one!r}: {hint}")


def _types(name: str, value: object) -> Iterator[Problem]:
    if isinstance(value, str) or (_is_list(value) and any(map(_is_list_token, value))):
        yield Problem(
            f"{name} must be a list known at synth, each of its items a state: got {value!r}"
        )
    else:
        yield from wrong_list(name, value)


def _result_name(name: str, value: object) -> Iterator[Problem]:
    if value is not None and (
        not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", value)
    ):
        yield Problem(
            f"{name} must be a name of letters, digits, '_' and '-' that begins with a letter or "
            f"'_', got {value!r}; a path goes to result_path"
        )


def wrong_together(options: Options) -> list[Problem]:
    """Arguments that exclude or need each other."""
    found = []
    ids = [name for name in ("subnets", "security_group_ids") if getattr(options, name)]
    if options.vpc is not None and ids:
        found.append(
            Problem(
                f"vpc and {ids[0]}: give a vpc with vpc_subnets and security_groups, "
                "or subnets and security_group_ids"
            )
        )
    elif len(ids) == 1:
        found.append(
            Problem(f"{ids[0]}: subnets and security_group_ids go together, give both, or a vpc")
        )
    of_vpc = [name for name in ("vpc_subnets", "security_groups") if getattr(options, name)]
    if options.vpc is None and of_vpc:
        found.append(Problem(f"{of_vpc[0]}: give the vpc too"))
    results = [
        name
        for name in ("result_path", "result_selector", "state_output")
        if getattr(options, name) is not None
    ]
    if options.result_name is not None and results:
        found.append(
            Problem(
                f"result_name and {results[0]}: give one of them, as both say what "
                "the state keeps of its job"
            )
        )
    return found


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
            yield from _source(f"{name}[{at}]", one)
            yield from _optional_texts(f"{name}[{at}]", one, ("destination", "input_name"))
            yield from _flag(f"{name}[{at}]: app_managed", one.app_managed)


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
            yield from _key(f"{name}.{field.name}", value)
        elif field.name == "cluster_role_arn" and hasattr(value, "role_arn"):
            continue
        elif value is not None or field.default is MISSING:
            yield from _text(f"{name}.{field.name}", value)


def _outputs(name: str, value: object) -> Iterator[Problem]:
    yield from _items(name, value, ProcessingOutput)
    for at, one in enumerate(value if _is_list(value) else ()):
        if isinstance(one, ProcessingOutput):
            yield from _output_name(f"{name}[{at}]: output_name", one.output_name)
            texts = ("source", "destination", "feature_group_name")
            yield from _optional_texts(f"{name}[{at}]", one, texts)
            yield from _flag(f"{name}[{at}]: app_managed", one.app_managed)


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
    "fallback_instance_types": _types,
    "volume_kms_key": _key,
    "output_kms_key": _key,
    "tags": _tags,
    "experiment_config": _experiment,
    "enable_network_isolation": _flag,
    "encrypt_inter_container_traffic": _flag,
    "vpc": _vpc,
    "vpc_subnets": _vpc_subnets,
    "security_groups": _security_groups,
    "subnets": wrong_list,
    "security_group_ids": wrong_list,
    "retry_on_service_errors": _retry,
    "integration_pattern": _pattern,
    "request_overrides": _overrides,
    "result_name": _result_name,
    "volume_size_in_gb": _number,
    "max_runtime": _duration,
    "task_timeout": _duration,
    "base_job_name": _base_job_name,
    "role": _role,
    "storage": _storage,
}

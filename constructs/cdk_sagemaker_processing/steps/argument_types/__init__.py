"""Whether what users wrote is of the kind that each argument takes.

Python would fail deep inside with words that name neither the construct nor
the argument, and a string taken for a list would become a list of letters.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.steps.argument_types.channels import wrong_inputs, wrong_outputs
from cdk_sagemaker_processing.steps.argument_types.job import (
    wrong_base_job_name,
    wrong_experiment,
    wrong_key,
    wrong_role,
    wrong_storage,
    wrong_tags,
)
from cdk_sagemaker_processing.steps.argument_types.network import (
    wrong_security_groups,
    wrong_vpc,
    wrong_vpc_subnets,
)
from cdk_sagemaker_processing.steps.argument_types.state import (
    wrong_cache_duration,
    wrong_instance_types,
    wrong_language,
    wrong_mapping,
    wrong_overrides,
    wrong_pattern,
    wrong_result_name,
    wrong_result_path,
    wrong_retry,
    wrong_timeout,
    wrong_words,
)
from cdk_sagemaker_processing.steps.argument_types.values import (
    wrong_duration,
    wrong_environment,
    wrong_flag,
    wrong_list,
    wrong_name,
    wrong_number,
    wrong_path,
    wrong_paths,
    wrong_text,
)
from cdk_sagemaker_processing.steps.options import Options

__all__ = ["wrong_kinds", "wrong_list", "wrong_name", "wrong_path", "wrong_paths"]


def wrong_kinds(options: Options) -> list[Problem]:
    """Every argument of a step that is of another kind than it takes."""
    found = [
        problem
        for name, check in _CHECKS.items()
        for problem in check(name, getattr(options, name))
    ]
    return found or _wrong_together(options)


def _wrong_together(options: Options) -> list[Problem]:
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


_CHECKS: Mapping[str, Callable[[str, Any], Iterator[Problem]]] = {
    "inputs": wrong_inputs,
    "outputs": wrong_outputs,
    "arguments": wrong_list,
    "environment": wrong_environment,
    "instance_type": wrong_text,
    "instance_count": wrong_number,
    "fallback_instance_types": wrong_instance_types,
    "volume_kms_key": wrong_key,
    "output_kms_key": wrong_key,
    "tags": wrong_tags,
    "experiment_config": wrong_experiment,
    "enable_network_isolation": wrong_flag,
    "encrypt_inter_container_traffic": wrong_flag,
    "vpc": wrong_vpc,
    "vpc_subnets": wrong_vpc_subnets,
    "security_groups": wrong_security_groups,
    "subnets": wrong_list,
    "security_group_ids": wrong_list,
    "retry_on_service_errors": wrong_retry,
    "integration_pattern": wrong_pattern,
    "request_overrides": wrong_overrides,
    "result_name": wrong_result_name,
    "volume_size_in_gb": wrong_number,
    "max_runtime": wrong_duration,
    "task_timeout": wrong_timeout,
    "cache": wrong_cache_duration,
    "base_job_name": wrong_base_job_name,
    "comment": wrong_words,
    "state_name": wrong_words,
    "query_language": wrong_language,
    "assign": wrong_mapping,
    "result_path": wrong_result_path,
    "result_selector": wrong_mapping,
    "role": wrong_role,
    "storage": wrong_storage,
}

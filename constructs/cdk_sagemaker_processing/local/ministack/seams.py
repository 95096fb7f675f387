"""The private parts of MiniStack that the local AWS hangs on, each checked at start.

MiniStack has no plug-in interface, so its release is pinned. This table is all there is to look at
when the pin moves: a seam that is gone or has another shape is named before anything is served.
"""

import functools
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any

RELEASE = "1.5.33"


class SeamError(RuntimeError):
    """MiniStack lacks something that the local AWS hangs on."""


@dataclass(frozen=True, slots=True)
class Seam:
    """A private name of MiniStack.

    Attributes:
        module: The module that holds it.
        name: The name.
        shape: A function's signature, with or without what it returns, or the name of another
            value's type.
    """

    module: str
    name: str
    shape: str

    def problem(self) -> str | None:
        """Return what is wrong with it, or None."""
        try:
            value = getattr(importlib.import_module(self.module), self.name)
        except (ImportError, AttributeError):
            return f"{self.module}.{self.name} is gone"
        shape = _shape(value)
        if self.shape in (shape, shape.partition(" -> ")[0]):
            return None
        return f"{self.module}.{self.name} is {shape} and was {self.shape}"


def _shape(value: object) -> str:
    return str(inspect.signature(value)) if inspect.isfunction(value) else type(value).__name__


_ECS = "ministack.services.ecs"
_STATES = "ministack.services.stepfunctions"
_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_IAM_ACTIONS = "ministack.core.iam_actions"
_IAM_EVALUATOR = "ministack.core.iam_evaluator"

SEAMS = (
    Seam("ministack.app", "SERVICE_HANDLERS", "dict"),
    Seam("ministack.app", "app", "(scope, receive, send)"),
    Seam("ministack.core.router", "SERVICE_PATTERNS", "dict"),
    # MiniStack's web server.
    Seam("hypercorn.asyncio.run", "TCPServer", "type"),
    Seam("ministack.core.tls", "resolve_tls_material", "() -> 'tuple[str, str]'"),
    Seam("ministack.core.responses", "get_account_id", "() -> str"),
    Seam("ministack.core.responses", "get_region", "() -> str"),
    Seam("ministack.core.responses", "now_iso", "() -> str"),
    Seam(
        "ministack.core.responses",
        "error_response_json",
        "(code: str, message: str, status: int = 400, extra: dict | None = None, *, "
        "message_key: str = 'message', content_type: str = 'application/x-amz-json-1.0') -> tuple",
    ),
    Seam(
        "ministack.core.responses",
        "json_response",
        "(data: dict, status: int = 200, *, "
        "content_type: str = 'application/x-amz-json-1.0') -> tuple",
    ),
    Seam("ministack.app", "_build_persistence_save_dict", "()"),
    Seam("ministack.core.persistence", "_json_default", "(obj)"),
    Seam("ministack.core.persistence", "_state_format_version", "(service: str) -> int"),
    Seam("ministack.core.responses", "request_scope", "(account_id: str, region: str)"),
    Seam(_IAM_ACTIONS, "SERVICE_TO_IAM_NAMESPACE", "dict"),
    Seam(
        _IAM_ACTIONS,
        "access_denied_response",
        "(service: str, action: str, principal_arn: str, request_id: str, *, "
        "error_code: str = '', message: str = '', headers: dict | None = None, "
        "resource_arn: str = '*', explicit_deny: bool = False, "
        "resource_policy_arn: str = '') -> tuple",
    ),
    Seam(
        _IAM_ACTIONS,
        "extract_resource_arn",
        "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict, "
        "region: str, account_id: str) -> str",
    ),
    Seam(
        _IAM_ACTIONS,
        "identity_denial_message",
        "(action: str, principal_arn: str, resource: str, explicit_deny: bool) -> str",
    ),
    Seam(
        _IAM_ACTIONS,
        "request_tag_context",
        "(service: str, iam_action: str, body: bytes, params: dict) -> dict",
    ),
    Seam(_IAM_EVALUATOR, "EvalContext", "type"),
    Seam(_IAM_EVALUATOR, "_POLICY_REQUIRED", "frozenset"),
    Seam(
        _IAM_EVALUATOR,
        "_conditions_met",
        "(conditions: dict, ctx: ministack.core.iam_evaluator.EvalContext) -> bool",
    ),
    Seam(
        _IAM_EVALUATOR,
        "_gather_role_policies",
        "(role_name: str, account_id: str) -> "
        "list[list[ministack.core.iam_evaluator.ParsedStatement]]",
    ),
    Seam(
        _IAM_EVALUATOR,
        "_permissions_boundary",
        "(store, name: str, account_id: str) -> "
        "list[list[list[ministack.core.iam_evaluator.ParsedStatement]]]",
    ),
    Seam(_IAM_EVALUATOR, "_resource_policy", "(service: str, resource_arn: str) -> tuple | None"),
    Seam(_IAM_EVALUATOR, "caller_arn", "() -> str"),
    Seam(
        _IAM_EVALUATOR,
        "combine_resource_policy",
        "(identity: ministack.core.iam_evaluator.EvalResult, "
        "ctx: ministack.core.iam_evaluator.EvalContext, policy: str | dict | None, "
        "owner_account: str | None, required: bool = False, limits: tuple = ()) -> "
        "ministack.core.iam_evaluator.EvalResult",
    ),
    Seam(
        _IAM_EVALUATOR,
        "evaluate",
        "(ctx: ministack.core.iam_evaluator.EvalContext, "
        "policies: list[list[ministack.core.iam_evaluator.ParsedStatement]], "
        "*limits: list[list[ministack.core.iam_evaluator.ParsedStatement]]) -> "
        "ministack.core.iam_evaluator.EvalResult",
    ),
    Seam("ministack.services.kms", "_resolve_key", "(key_id_or_arn)"),
    Seam("ministack.services.kms", "_aliases", "AccountRegionScopedDict"),
    Seam(
        "ministack.services.s3",
        "_create_multipart_upload",
        "(bucket_name: str, key: str, headers: dict)",
    ),
    Seam(
        "ministack.services.s3",
        "_get_object",
        "(bucket_name: str, key: str, headers: dict, query_params: dict = None)",
    ),
    Seam(
        "ministack.services.s3",
        "_error",
        "(code: str, message: str, status: int, resource: str = '', "
        "extra: dict[str, str] | None = None, headers: dict | None = None) -> tuple",
    ),
    Seam("ministack.services.iam", "_roles", "AccountScopedDict"),
    Seam("ministack.services.iam", "_gen_session_access_key", "()"),
    Seam("ministack.services.iam", "_gen_secret", "()"),
    Seam("ministack.services.iam", "_gen_session_token", "()"),
    Seam(
        "ministack.services.sts",
        "register_session",
        "(access_key: str, session: dict) -> None",
    ),
    Seam(_STATES, "_SERVICE_DISPATCH", "dict"),
    Seam(_STATES, "_ExecutionError", "type"),
    Seam(_STATES, "_SFN_WAIT_SCALE", "float"),
    Seam(_STATES, "_activities", "AccountRegionScopedDict"),
    Seam(_STATES, "_activity_tasks", "AccountRegionScopedDict"),
    Seam(_STATES, "_add_event", "(execution, event_type, details=None)"),
    Seam(_STATES, "_apply_catcher", "(catcher, raw_input, ctx, query_language, error_output)"),
    Seam(_STATES, "_apply_input_path", "(state_def, data, ctx=None)"),
    Seam(_STATES, "_apply_jsonata_arguments", "(state_def, raw_input, ctx=None)"),
    Seam(
        _STATES,
        "_apply_jsonata_output",
        "(state_def, raw_input, ctx=None, result=None, error_output=None, default=None)",
    ),
    Seam(_STATES, "_apply_output_path", "(state_def, data, ctx=None)"),
    Seam(_STATES, "_apply_parameters", "(state_def, data, ctx=None)"),
    Seam(_STATES, "_apply_result_path_raw", "(result_path, original, result)"),
    Seam(_STATES, "_apply_result_selector", "(state_def, data)"),
    Seam(
        _STATES,
        "_apply_jsonata_template",
        "(value, raw_input, ctx=None, result=None, error_output=None)",
    ),
    Seam(_STATES, "_apply_result_path", "(state_def, original, result)"),
    Seam(
        _STATES,
        "_apply_state_assign",
        "(state_def, raw_input, ctx, result=None, error_output=None)",
    ),
    Seam(_STATES, "_create_state_machine", "(data)"),
    Seam(_STATES, "_describe_execution", "(data)"),
    Seam(_STATES, "_describe_state_machine_for_execution", "(data)"),
    Seam(_STATES, "_emit_execution_status_event", "(execution) -> None"),
    Seam(_STATES, "_error_matches", "(error_equals, error)"),
    Seam(_STATES, "_evaluate_intrinsic", "(expression, data, ctx)"),
    Seam(_STATES, "_evaluate_jsonata_choice_rule", "(rule, raw_input, ctx)"),
    Seam(_STATES, "_evaluate_rule", "(rule, data, ctx=None)"),
    Seam(_STATES, "_execute_choice", "(state_def, raw_input, ctx=None)"),
    Seam(_STATES, "_execute_map", "(state_def, raw_input, execution, ctx)"),
    Seam(_STATES, "_execute_parallel", "(state_def, raw_input, execution, ctx)"),
    Seam(_STATES, "_execute_pass", "(state_def, raw_input, ctx=None)"),
    Seam(_STATES, "_execute_task", "(state_def, raw_input, execution, ctx)"),
    Seam(_STATES, "_execute_wait", "(state_def, raw_input, ctx=None)"),
    Seam(_STATES, "_executions", "AccountRegionScopedDict"),
    Seam(_STATES, "_fail_execution", "(execution, error, cause)"),
    Seam(_STATES, "_fail_state_error", "(state_def, raw_input, ctx=None)"),
    Seam(_STATES, "_finalize_response", "(response)"),
    Seam(_STATES, "_get_activity_task", "(data)"),
    Seam(_STATES, "_invoke_activity", "(resource, input_data)"),
    Seam(_STATES, "_find_matching_catcher", "(catchers, error)"),
    Seam(_STATES, "_find_matching_retrier", "(retriers, error, retry_counts)"),
    Seam(_STATES, "_invoke_aws_sdk_integration", "(resource, input_data)"),
    Seam(_STATES, "_invoke_nested_start_execution", "(resource, input_data)"),
    Seam(_STATES, "_invoke_nested_start_execution_sync", "(resource, input_data)"),
    Seam(_STATES, "_invoke_resource", "(resource, input_data)"),
    Seam(_STATES, "_invoke_resource_with_timeout", "(resource, input_data, timeout)"),
    Seam(_STATES, "_invoke_with_callback", "(resource, input_data, token, state_def)"),
    Seam(_STATES, "_is_num", "(v)"),
    Seam(_STATES, "_jsonata_result_defined", "(expression, bindings)"),
    Seam(_STATES, "_jsonata_state_field", "(state_def, field, expected, raw_input, ctx)"),
    Seam(_STATES, "_list_executions", "(data)"),
    Seam(_STATES, "_map_runs", "AccountRegionScopedDict"),
    Seam(_STATES, "_restore_state", "(data)"),
    Seam(_STATES, "_nested_execution_failure", "(payload)"),
    Seam(_STATES, "_nested_start_execution_request", "(input_data)"),
    Seam(_STATES, "_next_or_end", "(state_def)"),
    Seam(_STATES, "_read_map_items", "(reader, effective, ctx)"),
    Seam(_STATES, "_register_sfn_jsonata_functions", "(expr)"),
    Seam(_STATES, "_resolve_params_obj", "(template, data, ctx=None)"),
    Seam(_STATES, "_resolve_path", "(path, data)"),
    Seam(_STATES, "_resolve_path_or_ctx", "(path, data, ctx)"),
    Seam(_STATES, "_resolve_state_machine_arn", "(arn)"),
    Seam(
        _STATES,
        "_run_distributed_map",
        "(state_def, raw_input, effective, iterator, execution, ctx)",
    ),
    Seam(_STATES, "_run_execution", "(exec_arn)"),
    Seam(_STATES, "_run_map_items", "(state_def, raw_input, execution, ctx)"),
    Seam(_STATES, "_run_parallel_branches", "(state_def, raw_input, execution, ctx)"),
    Seam(_STATES, "_run_sub_machine", "(states, start_at, input_data, execution, ctx)"),
    Seam(_STATES, "_scaled_sleep", "(seconds)"),
    Seam(_STATES, "_send_task_failure", "(data)"),
    Seam(_STATES, "_send_task_heartbeat", "(data)"),
    Seam(_STATES, "_send_task_success", "(data)"),
    Seam(_STATES, "_start_execution", "(data)"),
    Seam(_STATES, "_state_machines", "AccountRegionScopedDict"),
    Seam(_STATES, "_state_query_language", "(state_def, ctx=None)"),
    Seam(_STATES, "_stop_execution", "(data)"),
    Seam(_STATES, "_task_tokens", "AccountRegionScopedDict"),
    Seam(_STATES, "_update_state_machine", "(data)"),
    Seam(_STATES, "_validate_definition_jsonata", "(definition_str) -> str | None"),
    Seam(_STATES, "_validate_state_machine_definition", "(data)"),
    Seam(_STATES, "jsonata", "module"),
    Seam(_STATES, "handle_request", "(method, path, headers, body, query_params)"),
    Seam(_PROVISIONERS, "_RESOURCE_HANDLERS", "dict"),
    Seam(_PROVISIONERS, "_S3_BUCKET_CONFIGURATIONS", "tuple"),
    Seam(_PROVISIONERS, "_sfn_state_machine_create", "(logical_id, props, stack_name)"),
    Seam(
        _PROVISIONERS,
        "_sfn_state_machine_update",
        "(physical_id, old_props, new_props, stack_name, logical_id=None)",
    ),
    Seam(
        "ministack.services.s3",
        "_resolve_sse_write_headers",
        "(headers: dict, bucket_name: str)",
    ),
    Seam("ministack.services.eventbridge", "_events_log_list", "() -> list"),
    Seam("ministack.services.eventbridge", "_put_events", "(data, allow_aws_source=False)"),
    Seam("ministack.services.cloudwatch_logs", "_append_log_events", "(stream, events)"),
    Seam("ministack.services.cloudwatch_logs", "_filter_log_events", "(data)"),
    Seam("ministack.services.cloudwatch_logs", "_log_groups", "AccountRegionScopedDict"),
    Seam("ministack.services.cloudwatch_logs", "_log_records", "AccountRegionScopedDict"),
    Seam("ministack.services.cloudwatch_logs", "_resolve_log_group_name", "(data)"),
    Seam("ministack.services.s3", "_put_bucket_encryption", "(name: str, body: bytes)"),
    Seam("ministack.services.s3", "_delete_bucket_encryption", "(name: str)"),
    Seam("ministack.services.s3", "_put_bucket_lifecycle", "(name: str, body: bytes)"),
    Seam("ministack.services.s3", "_delete_bucket_lifecycle", "(name: str)"),
    Seam(_PROVISIONERS, "_ec2_apply_tags", "(physical_id, props, old_props=None)"),
    Seam(_PROVISIONERS, "_ec2_sg_permissions", "(rules)"),
    Seam("ministack.services.ec2", "_addresses", "AccountRegionScopedDict"),
    Seam("ministack.services.ec2", "_nat_gateways", "AccountRegionScopedDict"),
    Seam("ministack.services.ec2", "_security_groups", "AccountRegionScopedDict"),
    Seam("ministack.services.ec2", "_vpcs", "AccountRegionScopedDict"),
    Seam("ministack.services.ec2", "_allocate_address", "(p)"),
    Seam("ministack.services.ec2", "_release_address", "(p)"),
    Seam("ministack.services.ec2", "_create_nat_gateway", "(params)"),
    Seam("ministack.services.ec2", "_delete_nat_gateway", "(params)"),
    Seam("ministack.services.ec2", "_flow_logs", "AccountRegionScopedDict"),
    Seam("ministack.services.ec2", "_create_flow_logs", "(params)"),
    Seam("ministack.services.ec2", "_delete_flow_logs", "(params)"),
    # What it returns has another name in each release of Python.
    Seam("ministack.core.concurrency", "resource_lock", "(scope: str, key: str)"),
    Seam(_ECS, "_ACTION_MAP", "dict"),
    Seam(_ECS, "_bump_task_version", "(task)"),
    Seam(_ECS, "_cluster_name_from_arn", "(arn)"),
    Seam(_ECS, "_clusters", "AccountRegionScopedDict"),
    Seam(_ECS, "_create_service", "(data)"),
    Seam(_ECS, "_deployment_needs_first_task", "(deployment, td, context=None)"),
    Seam(_ECS, "_get_docker", "()"),
    Seam(_ECS, "_iso", "()"),
    Seam(_ECS, "_reconcile_service_tasks", "(cluster_name, svc_key)"),
    Seam(_ECS, "_record_service_task_failure", "(task, digest_resolution_failed=False)"),
    Seam(_ECS, "_recount_cluster", "(cluster_name)"),
    Seam(_ECS, "_refresh_service_state", "(cluster_name, group)"),
    Seam(_ECS, "_register_task_definition", "(data)"),
    Seam(_ECS, "_resolve_cluster_name", "(ref)"),
    Seam(_ECS, "_resolve_task", "(ref, cluster_name='default')"),
    Seam(_ECS, "_resolve_td_key", "(ref)"),
    Seam(
        _ECS,
        "_run_task_worker",
        "(task, td, container_overrides, docker_client, account_id, region)",
    ),
    Seam(_ECS, "_sanitize", "(obj)"),
    Seam(
        _ECS,
        "_schedule_service_deployment_completion",
        "(cluster_name, svc_key, account_id, region, healthy_task=None)",
    ),
    Seam(_ECS, "_services", "AccountRegionScopedDict"),
    Seam(_ECS, "_stop_task", "(data)"),
    Seam(_ECS, "_task_def_latest", "AccountRegionScopedDict"),
    Seam(_ECS, "_task_defs", "AccountRegionScopedDict"),
    Seam(_ECS, "_tasks", "AccountRegionScopedDict"),
    Seam(_PROVISIONERS, "_ecs_task_def_create", "(logical_id, props, stack_name)"),
    Seam(_PROVISIONERS, "_sfn_definition", "(props)"),
    Seam(_PROVISIONERS, "_sfn_handler_error", "(message)"),
)


def check(seams: Iterable[Seam] = SEAMS) -> None:
    """Check that every seam is there.

    Raises:
        SeamError: Names each seam that is not, and both releases.
    """
    problems = [problem for seam in seams if (problem := seam.problem())]
    if problems:
        raise SeamError(
            f"ministack {metadata.version('ministack')} is installed and the local cloud was made "
            f"for {RELEASE}: {'; '.join(problems)}. Install ministack=={RELEASE}."
        )


def mend(module: ModuleType, mends: Mapping[str, Callable[..., Any]]) -> None:
    """Put a function around each of a module's seams.

    Args:
        module: The module of MiniStack.
        mends: By the seam's name, the function to call instead; its first argument is the original.
    """
    known = {seam.name for seam in SEAMS if seam.module == module.__name__}
    for name, function in mends.items():
        if name not in known:
            raise SeamError(f"{module.__name__}.{name} is not in the table of seams")
        setattr(module, name, functools.partial(function, getattr(module, name)))

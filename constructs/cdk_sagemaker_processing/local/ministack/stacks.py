"""CloudFormation, where it would take what AWS refuses or lose what a template says."""

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn
from ministack.services.cloudformation import provisioners

from cdk_sagemaker_processing.local.ministack.states import machines, roles

STATE_MACHINE = "AWS::StepFunctions::StateMachine"

_Properties = dict[str, Any]
_Check = Callable[[_Properties], None]


def install(*, enforce_iam: bool = False) -> None:
    """Put the checks and the lost properties of a state machine around its provisioner.

    Args:
        enforce_iam: Whether a machine is refused for what its role may not do.
    """
    check = _check_with_role if enforce_iam else _check
    handlers = provisioners._RESOURCE_HANDLERS[STATE_MACHINE]
    provisioners._RESOURCE_HANDLERS[STATE_MACHINE] = {
        **handlers,
        "create": _create(handlers["create"], check),
        "update": _update(handlers["update"], check),
    }


def _create(original: Callable[..., Any], check: _Check) -> Callable[..., Any]:
    def create(logical_id: str, props: _Properties, stack_name: str) -> Any:
        check(props)
        arn, attributes = original(logical_id, _in_api_form(props), stack_name)
        _trace(arn, props)
        return arn, attributes

    return create


def _update(original: Callable[..., Any], check: _Check) -> Callable[..., Any]:
    def update(
        physical_id: str, old: _Properties, new: _Properties, stack_name: str, *others: Any
    ) -> Any:
        check(new)
        result = original(physical_id, _in_api_form(old), _in_api_form(new), stack_name, *others)
        _trace(result[0], new)
        return result

    return update


def _check(props: _Properties) -> None:
    if problem := machines.refusal(provisioners._sfn_definition(props)):
        raise _refused(problem, "InvalidDefinition")


def _check_with_role(props: _Properties) -> None:
    _check(props)
    logging = _lower_first(props.get("LoggingConfiguration", {}))
    if problem := roles.refusal_of_machine(
        props["RoleArn"], provisioners._sfn_definition(props), logging
    ):
        raise _refused(problem, roles.DENIED)


def _refused(problem: str, code: str) -> Exception:
    error: Exception = provisioners._sfn_handler_error(
        f"{problem} (Service: AWSStepFunctions; Status Code: 400; Error Code: {code})"
    )
    return error


def _in_api_form(props: _Properties) -> _Properties:
    logging = props.get("LoggingConfiguration")
    return {**props, "LoggingConfiguration": _lower_first(logging)} if logging else props


def _trace(arn: str, props: _Properties) -> None:
    tracing = props.get("TracingConfiguration", {"Enabled": False})
    sfn._state_machines[arn]["tracingConfiguration"] = _lower_first(tracing)


def _lower_first(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name[0].lower()}{name[1:]}": _lower_first(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_lower_first(item) for item in value]
    return value

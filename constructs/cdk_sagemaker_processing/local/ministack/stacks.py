"""CloudFormation, where it would take what AWS refuses or lose what a template says."""

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn
from ministack.services.cloudformation import provisioners

from cdk_sagemaker_processing.local.ministack.states import machines

STATE_MACHINE = "AWS::StepFunctions::StateMachine"

_Properties = dict[str, Any]


def install() -> None:
    """Put the checks and the lost properties of a state machine around its provisioner."""
    handlers = provisioners._RESOURCE_HANDLERS[STATE_MACHINE]
    provisioners._RESOURCE_HANDLERS[STATE_MACHINE] = {
        **handlers,
        "create": _create(handlers["create"]),
        "update": _update(handlers["update"]),
    }


def _create(original: Callable[..., Any]) -> Callable[..., Any]:
    def create(logical_id: str, props: _Properties, stack_name: str) -> Any:
        _check(props)
        arn, attributes = original(logical_id, _in_api_form(props), stack_name)
        _trace(arn, props)
        return arn, attributes

    return create


def _update(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(
        physical_id: str, old: _Properties, new: _Properties, stack_name: str, *others: Any
    ) -> Any:
        _check(new)
        result = original(physical_id, _in_api_form(old), _in_api_form(new), stack_name, *others)
        _trace(result[0], new)
        return result

    return update


def _check(props: _Properties) -> None:
    if problem := machines.refusal(provisioners._sfn_definition(props)):
        raise provisioners._sfn_handler_error(
            f"{problem} (Service: AWSStepFunctions; Status Code: 400; "
            "Error Code: InvalidDefinition)"
        )


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

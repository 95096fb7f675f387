"""ECS's resources in templates, where MiniStack's CloudFormation loses what they say."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

from cdk_sagemaker_processing.local.ministack import seams

_Properties = Mapping[str, Any]
_Made = tuple[str, dict[str, Any]]

# Their keys are the user's own.
_MAPS = frozenset({"DockerLabels", "DriverOpts", "Labels", "Options"})
_DEFINITION = "AWS::ECS::TaskDefinition"
_SERVICE = "AWS::ECS::Service"
_CLUSTER = "AWS::ECS::Cluster"


def install() -> None:
    """Let stacks make task definitions and services with all that they say."""
    seams.mend(provisioners, {"_ecs_task_def_create": _create_definition})
    handlers = provisioners._RESOURCE_HANDLERS
    handlers[_DEFINITION] = {
        **handlers[_DEFINITION],
        "create": provisioners._ecs_task_def_create,
    }
    handlers[_SERVICE] = {**handlers[_SERVICE], "create": _create_service}
    handlers[_CLUSTER] = {
        **handlers[_CLUSTER],
        "delete": _delete_cluster(handlers[_CLUSTER]["delete"]),
    }


def api_form(value: Any) -> Any:
    """Return what a template says as ECS's API takes it.

    >>> api_form({"LogConfiguration": {"LogDriver": "awslogs", "Options": {"mode": "max"}}})
    {'logConfiguration': {'logDriver': 'awslogs', 'options': {'mode': 'max'}}}
    """
    if isinstance(value, Mapping):
        return {
            f"{name[0].lower()}{name[1:]}": inner if name in _MAPS else api_form(inner)
            for name, inner in value.items()
        }
    return [api_form(one) for one in value] if isinstance(value, list) else value


def _create_definition(
    _original: Callable[..., _Made], logical_id: str, props: _Properties, stack_name: str
) -> _Made:
    request = {"family": f"{stack_name}-{logical_id}", **api_form(props)}
    status, _, body = ecs._register_task_definition(request)
    _check(_DEFINITION, status, body)
    revision = ecs._task_def_latest[request["family"]]
    arn = ecs._task_defs[f"{request['family']}:{revision}"]["taskDefinitionArn"]
    return arn, {"TaskDefinitionArn": arn}


def _create_service(logical_id: str, props: _Properties, stack_name: str) -> _Made:
    request = {"serviceName": f"{stack_name}-{logical_id}", **api_form(props)}
    status, _, body = ecs._create_service(request)
    _check(_SERVICE, status, body)
    cluster = ecs._resolve_cluster_name(request.get("cluster", "default"))
    service = ecs._services[f"{cluster}/{request['serviceName']}"]
    return service["serviceArn"], {
        "ServiceArn": service["serviceArn"],
        "Name": service["serviceName"],
    }


def _delete_cluster(original: Callable[..., None]) -> Callable[..., None]:
    def delete(identity: str, props: _Properties) -> None:
        cluster = ecs._clusters.get(identity)
        wanted = (
            task["desiredStatus"] == "RUNNING"
            for task in ecs._tasks.values()
            if cluster and task["clusterArn"] == cluster["clusterArn"]
        )
        if any(wanted):
            raise ValueError(
                "The Cluster cannot be deleted while Tasks are active. "
                "(Service: AmazonECS; Status Code: 400; Error Code: ClusterContainsTasksException)"
            )
        original(identity, props)

    return delete


def _check(kind: str, status: int, body: bytes) -> None:
    if status != 200:  # noqa: PLR2004 - HTTP's own
        raise ValueError(f"{kind}: {body.decode()}")

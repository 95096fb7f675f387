"""A History Server in the local cloud for an app that has none: the construct's own task."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.history_server.client.found import Server
from cdk_sagemaker_processing.history_server.containers import (
    FOLDER,
    MIRROR,
    PORT,
    SERVER,
    Container,
    Plan,
    containers,
)
from cdk_sagemaker_processing.history_server.mirror_code import MIRROR_FOLDER

__all__ = ["provide_server"]

_NAME = "sagemaker-processing-history"
_CODE_KEY = "mirror.zip"
_MEMORY_MIB = 4096
_DISK_GIB = 20
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def provide_server(client_of: Callable[[str], Any], sources: Sequence[str]) -> Server:
    """Make what a History Server's task needs, as the construct's stack would; it starts none.

    The local cloud must not enforce IAM: the task's role has no policy. The server ends with the
    cloud, and for no want of visitors.

    Args:
        client_of: Makes boto3 clients of the local cloud.
        sources: The S3 URIs whose event logs it shows.
    """
    role = client_of("iam").create_role(
        RoleName=_NAME, AssumeRolePolicyDocument=json.dumps(_TRUST)
    )["Role"]["Arn"]
    plan = Plan(
        sources=tuple(sources),
        code=_publish_code(client_of("s3"), role.split(":")[4]),
        memory_mib=_MEMORY_MIB,
        ephemeral_gib=_DISK_GIB,
        idle_minutes=None,
        max_minutes=None,
    )
    logs = client_of("logs")
    logs.create_log_group(logGroupName=_NAME)
    ecs = client_of("ecs")
    ecs.create_cluster(clusterName=_NAME)
    ecs.register_task_definition(
        family=_NAME,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="1024",
        memory=str(_MEMORY_MIB),
        taskRoleArn=role,
        executionRoleArn=role,
        volumes=[{"name": _NAME}],
        containerDefinitions=[_definition(one, ecs.meta.region_name) for one in containers(plan)],
    )
    return Server(
        path=_NAME,
        stack="",
        cluster=_NAME,
        family=_NAME,
        subnets=("subnet-local",),
        security_groups=(),
        assign_public_ip="ENABLED",
        log_group=_NAME,
        sources=plan.sources,
    )


def _definition(container: Container, region: str) -> dict[str, Any]:
    return {
        "name": container.name,
        "image": container.image,
        "essential": True,
        "entryPoint": list(container.entry_point),
        "environment": [
            {"name": name, "value": value} for name, value in container.environment.items()
        ],
        "mountPoints": [{"sourceVolume": _NAME, "containerPath": FOLDER}],
        "portMappings": [{"containerPort": PORT}] if container.name == SERVER else [],
        "dependsOn": [{"containerName": MIRROR, "condition": "START"}]
        if container.name == SERVER
        else [],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": _NAME,
                "awslogs-region": region,
                "awslogs-stream-prefix": "history",
            },
        },
    }


def _publish_code(s3: Any, account: str) -> str:
    bucket = f"{_NAME}-{account}-{s3.meta.region_name}"
    place = {"LocationConstraint": s3.meta.region_name}
    is_first_region = s3.meta.region_name == "us-east-1"
    s3.create_bucket(
        Bucket=bucket, **({} if is_first_region else {"CreateBucketConfiguration": place})
    )
    s3.put_object(Bucket=bucket, Key=_CODE_KEY, Body=_zipped(MIRROR_FOLDER))
    return f"s3://{bucket}/{_CODE_KEY}"


def _zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(folder.rglob("*.py")):
            zipped.write(path, path.relative_to(folder))
    return content.getvalue()

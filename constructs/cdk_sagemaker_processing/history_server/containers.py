"""The task's two containers, as data: what ECS is told, and what anything else can run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cdk_sagemaker_processing.history_server.images import IMAGES_GIB, PYTHON_IMAGE, SPARK_IMAGE
from cdk_sagemaker_processing.history_server.mirror_code import BOOTSTRAP
from cdk_sagemaker_processing.history_server.settings import (
    Sizes,
    properties_text,
    server_settings,
)

__all__ = ["FOLDER", "MIRROR", "PORT", "SERVER", "Container", "Plan", "containers"]

FOLDER = "/history"
MIRROR = "mirror"
PORT = 18080
SERVER = "server"

_SERVE = (Path(__file__).parent / "serve.sh").read_text()
# The server answers, and the mirror has been round within two minutes. No curl is in the image.
_HEALTHY = (
    'exec 3<>"/dev/tcp/127.0.0.1/$HISTORY_PORT" && '
    "printf 'GET /api/v1/version HTTP/1.0\\r\\n\\r\\n' >&3 && "
    "read -r -t 5 _ status _ <&3 && "
    '[ "$status" = 200 ] && '
    '[ -n "$(find "$HISTORY_FOLDER/control/alive" -mmin -2)" ]'
)


@dataclass(frozen=True, slots=True)
class Container:
    """A container of the task, in the terms of ECS's container definitions.

    Attributes:
        name: Its name.
        image: The image's URI.
        entry_point: The program and its arguments.
        environment: Its environment variables.
        readonly_root: Whether its root filesystem is read-only.
        health_check: The command of its health check, None if it has none.
    """

    name: str
    image: str
    entry_point: tuple[str, ...]
    environment: Mapping[str, str]
    readonly_root: bool
    health_check: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a History Server's task is to do, and with how much.

    Attributes:
        sources: The S3 URIs of the prefixes of event logs.
        code: The S3 URI of the mirror's code, a zip.
        memory_mib: The task's memory.
        ephemeral_gib: The task's ephemeral storage.
        images_gib: What the images take of it, as they come and unpacked.
        idle_minutes: After how many minutes without a visitor the task ends, None for never.
        max_minutes: After how many minutes the task ends in any case, None for never.
        poll_seconds: How long the mirror waits between two looks at S3.
        spark_conf: Settings of Spark's, before those of `server_settings`.
        loopback_only: Whether the server listens within the task alone.
        url: Where people find the server, if a load balancer is before it.
        server_image: The server's image.
        mirror_image: The mirror's image.
    """

    sources: tuple[str, ...]
    code: str
    memory_mib: int
    ephemeral_gib: int
    images_gib: int = IMAGES_GIB
    idle_minutes: int | None = 30
    max_minutes: int | None = 480
    poll_seconds: int = 3
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    loopback_only: bool = True
    url: str | None = None
    server_image: str = SPARK_IMAGE
    mirror_image: str = PYTHON_IMAGE


def containers(plan: Plan) -> tuple[Container, Container]:
    """Return the mirror's container and the server's."""
    sizes = Sizes.of(plan.memory_mib, plan.ephemeral_gib, plan.images_gib)
    return _mirror(plan, sizes), _server(plan, sizes)


def _mirror(plan: Plan, sizes: Sizes) -> Container:
    ends = {"HISTORY_IDLE_MINUTES": plan.idle_minutes, "HISTORY_MAX_MINUTES": plan.max_minutes}
    return Container(
        name=MIRROR,
        image=plan.mirror_image,
        entry_point=("python3", "-c", BOOTSTRAP),
        environment={
            **_PLACE,
            "HISTORY_CODE": plan.code,
            "HISTORY_SOURCES": json.dumps(plan.sources),
            "HISTORY_POLL_SECONDS": str(plan.poll_seconds),
            "HISTORY_DISK_MIB": str(sizes.logs_mib),
            **{name: str(minutes) for name, minutes in ends.items() if minutes is not None},
        },
        # ECS Exec, by which people reach the task, needs a root that it can write to:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        readonly_root=False,
    )


def _server(plan: Plan, sizes: Sizes) -> Container:
    settings = {**server_settings(sizes, plan.url), **plan.spark_conf}
    return Container(
        name=SERVER,
        image=plan.server_image,
        entry_point=("bash", "-c", _SERVE),
        environment={
            **_PLACE,
            "HISTORY_SERVER_CONF": properties_text(settings),
            "SPARK_DAEMON_MEMORY": f"{sizes.heap_mib}m",
            **({"SPARK_LOCAL_IP": "127.0.0.1"} if plan.loopback_only else {}),
        },
        readonly_root=True,
        health_check=("CMD", "bash", "-c", _HEALTHY),
    )


_PLACE = {"HISTORY_FOLDER": FOLDER, "HISTORY_PORT": str(PORT)}

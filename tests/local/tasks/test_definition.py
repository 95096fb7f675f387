"""Task definitions and overrides, read."""

from cdk_sagemaker_processing.local.tasks.definition import (
    Container,
    Definition,
    Dependency,
    HealthCheck,
    LogTarget,
)

OPTIONS = {
    "awslogs-group": "group",
    "awslogs-region": "eu-west-1",
    "awslogs-stream-prefix": "history",
    "awslogs-create-group": "true",
}


def test_a_small_definition_has_ecs_s_defaults() -> None:
    """Essential, thirty seconds to end, nothing else."""
    found = Definition.of({"containerDefinitions": [{"name": "a", "image": "i"}]})
    assert found == Definition((Container("a", "i", (), {}, essential=True, stop_seconds=30.0),))


def test_a_full_definition_is_read_whole() -> None:
    """In the members of ECS's API."""
    found = Definition.of(
        {
            "containerDefinitions": [
                {
                    "name": "a",
                    "image": "i",
                    "entryPoint": ["sh", "-c"],
                    "command": ["true"],
                    "environment": [{"name": "A", "value": "1"}],
                    "essential": False,
                    "dependsOn": [{"containerName": "b", "condition": "HEALTHY"}],
                    "healthCheck": {"command": ["CMD-SHELL", "test 1"], "startPeriod": 7},
                    "stopTimeout": 9,
                    "mountPoints": [{"sourceVolume": "v", "containerPath": "/v/"}],
                    "portMappings": [{"containerPort": 80}],
                    "logConfiguration": {"logDriver": "awslogs", "options": OPTIONS},
                }
            ],
            "volumes": [{"name": "v"}],
            "taskRoleArn": "task",
            "executionRoleArn": "execution",
        }
    )
    container = Container(
        name="a",
        image="i",
        command=("sh", "-c", "true"),
        environment={"A": "1"},
        essential=False,
        depends_on=(Dependency("b", "HEALTHY"),),
        health_check=HealthCheck(("/bin/sh", "-c", "test 1"), 30.0, 5.0, 3, 7.0),
        stop_seconds=9.0,
        mounts={"/v": "v"},
        ports=(80,),
        log=LogTarget("group", "history", "eu-west-1", with_group=True),
    )
    assert found == Definition((container,), ("v",), "task", "execution")


def test_overrides_win() -> None:
    """Variables and command of a container, roles of the task."""
    found = Definition.of(
        {
            "containerDefinitions": [
                {
                    "name": "a",
                    "image": "i",
                    "entryPoint": ["e"],
                    "command": ["c"],
                    "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                }
            ],
            "taskRoleArn": "task",
            "executionRoleArn": "execution",
        },
        {
            "containerOverrides": [
                {"name": "a", "command": ["d"], "environment": [{"name": "B", "value": "3"}]}
            ],
            "taskRoleArn": "other",
        },
    )
    (container,) = found.containers
    assert container.command == ("e", "d")
    assert container.environment == {"A": "1", "B": "3"}
    assert (found.task_role, found.execution_role) == ("other", "execution")

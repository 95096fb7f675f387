"""Clusters, roles and small tasks, for tests of ECS in the local AWS."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.local_aws import RunningCloud, role
from tests.waiting import until

IMAGE = "public.ecr.aws/lambda/python:3.13"
TASKS = "ecs-tasks.amazonaws.com"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
WAITS = "import time; print('up', flush=True); time.sleep(600)"


@dataclass
class Ecs:
    """A cluster of one's own in a local AWS, with a log group and the roles of a task."""

    cloud: RunningCloud
    cluster: str = field(default_factory=lambda: f"cluster-{uuid.uuid4()}")
    family: str = field(default_factory=lambda: f"family-{uuid.uuid4()}")

    def __post_init__(self) -> None:
        """Make them."""
        self.client = self.cloud.client("ecs")
        self.logs = self.cloud.client("logs")
        self.group = f"/group/{self.cluster}"
        self.client.create_cluster(clusterName=self.cluster)
        self.logs.create_log_group(logGroupName=self.group)
        self.task_role = role(self.cloud, TASKS)
        self.execution_role = role(self.cloud, TASKS)

    def container(self, script: str, **members: Any) -> dict[str, Any]:
        """A container that runs a Python script and writes to the log group."""
        options = {
            "awslogs-group": self.group,
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "tests",
        }
        return {
            "name": "main",
            "image": IMAGE,
            "entryPoint": ["python3", "-c"],
            "command": [script],
            "stopTimeout": 2,
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            **members,
        }

    def register(self, *containers: dict[str, Any], **members: Any) -> str:
        """Register a task definition; return its ARN."""
        registered = self.client.register_task_definition(
            **{
                "family": self.family,
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "cpu": "256",
                "memory": "512",
                "taskRoleArn": self.task_role,
                "executionRoleArn": self.execution_role,
                "containerDefinitions": list(containers),
                **members,
            }
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def start(self, client: Any = None, **members: Any) -> str:
        """Run a task of the family; return its ARN."""
        started = (client or self.client).run_task(
            **{
                "cluster": self.cluster,
                "taskDefinition": self.family,
                "launchType": "FARGATE",
                "networkConfiguration": NETWORK,
                **members,
            }
        )
        (task,) = started["tasks"]
        return str(task["taskArn"])

    def run(self, script: str, **members: Any) -> dict[str, Any]:
        """Run a container to its end, and describe the task."""
        self.register(self.container(script), **members)
        return self.ended(self.start())

    def describe(self, task: str) -> dict[str, Any]:
        """Describe a task."""
        (found,) = self.client.describe_tasks(cluster=self.cluster, tasks=[task])["tasks"]
        return dict(found)

    def when(self, task: str, status: str) -> dict[str, Any]:
        """Describe a task when it has come to a status."""

        def described() -> dict[str, Any] | None:
            found = self.describe(task)
            return found if found["lastStatus"] == status else None

        return dict(until(described, seconds=40))

    def ended(self, task: str) -> dict[str, Any]:
        """Describe a task when it has ended."""
        return self.when(task, "STOPPED")

    def listed(self, **members: Any) -> list[str]:
        """List the tasks of the cluster."""
        return list(self.client.list_tasks(cluster=self.cluster, **members)["taskArns"])

    def log(self, task: str) -> list[str]:
        """What a task has logged so far."""
        stream = f"tests/main/{task.rpartition('/')[2]}"
        try:
            found = self.logs.get_log_events(logGroupName=self.group, logStreamName=stream)
        except self.logs.exceptions.ResourceNotFoundException:
            # It has not begun.
            return []
        return [event["message"] for event in found["events"]]

    def logged(self, task: str, line: str) -> None:
        """Wait until a running task has logged a line."""
        until(lambda: line in self.log(task))

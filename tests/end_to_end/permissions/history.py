"""A History Server as deployed: its tasks under any roles, and people who open it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack.core import iam_evaluator

from benchmarks.event_logs import Application
from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.found import (
    Server,
    choose_server,
    find_servers,
)
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.starting import running_task
from cdk_sagemaker_processing.history_server.client.state import read_state, stop_tasks
from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.runs.clock import Clock
from tests.end_to_end.conftest import Cloud
from tests.end_to_end.permissions.roles import Statement
from tests.waiting import until

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts in a role by its temporary credentials.

    Attributes:
        local: The local cloud.
        credentials: As STS gave them.
    """

    local: LocalCloud
    credentials: Mapping[str, str]

    @classmethod
    def of(cls, cloud: Cloud, role_arn: str) -> "Person":
        """Whoever has taken a role."""
        sts = cloud.local.client("sts")
        given = sts.assume_role(RoleArn=role_arn, RoleSessionName="me")["Credentials"]
        return cls(cloud.local, given)

    @property
    def variables(self) -> dict[str, str]:
        """What points commands to the cloud in the person's name."""
        return {
            **self.local.environment,
            "AWS_ACCESS_KEY_ID": self.credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": self.credentials["SessionToken"],
        }

    def client(self, service: str) -> Any:
        """A boto3 client with the person's credentials."""
        return boto3.client(  # type: ignore[call-overload]  # named at run time
            service,
            endpoint_url=self.local.endpoint_url,
            verify=self.variables["AWS_CA_BUNDLE"],
            config=Config(proxies={}),
            region_name=REGION,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
        )

    @property
    def user_id(self) -> str:
        """What IAM puts in place of `${aws:userid}`."""
        return str(self.client("sts").get_caller_identity()["UserId"])


class History:
    """A deployed History Server, as its administrator handles it.

    Args:
        cloud: The local cloud.
        server: The server.
    """

    def __init__(self, cloud: Cloud, server: Server) -> None:
        self.cloud = cloud
        self.server = server
        self.ecs = cloud.local.client("ecs")

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The task definition that was deployed."""
        found = self.ecs.describe_task_definition(taskDefinition=self.server.newest)
        definition: dict[str, Any] = found["taskDefinition"]
        return definition

    def put(self, uri: str, key: str | None = None) -> None:
        """Write the event log of an application, whose id is the object's name.

        Args:
            uri: The object's S3 URI.
            key: The KMS key to encrypt it with; by default the bucket's.
        """
        bucket, _, name = uri.removeprefix("s3://").partition("/")
        log = "".join(Application(name.rpartition("/")[2], jobs=1).lines())
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
        self.cloud.local.client("s3").put_object(
            Bucket=bucket, Key=name, Body=log.encode(), **encryption
        )

    def register(self, *containers: Mapping[str, Any], family: str) -> None:
        """Register a task like the deployed one, of other containers."""
        members = ("networkMode", "requiresCompatibilities", "cpu", "memory", "volumes")
        roles = ("taskRoleArn", "executionRoleArn")
        self.ecs.register_task_definition(
            family=family,
            containerDefinitions=list(containers),
            **{name: self.definition[name] for name in (*members, *roles)},
        )

    def container(self, name: str) -> dict[str, Any]:
        """A container of the deployed task."""
        (found,) = (one for one in self.definition["containerDefinitions"] if one["name"] == name)
        return dict(found)

    def start(self, ecs: Any = None, *, environment: Mapping[str, str], **others: Any) -> str:
        """Run the server's task; return its ARN.

        Args:
            ecs: The client to ask; the administrator's by default.
            environment: Variables of the mirror's that are other than in the definition.
            others: Other members of RunTask.
        """
        overrides = {
            "containerOverrides": [
                {
                    "name": "mirror",
                    "environment": [
                        {"name": one, "value": environment[one]} for one in environment
                    ],
                }
            ],
            **others.pop("overrides", {}),
        }
        started = (ecs or self.ecs).run_task(
            **{
                "cluster": self.server.cluster,
                "taskDefinition": self.server.family,
                "launchType": "FARGATE",
                "networkConfiguration": {
                    "awsvpcConfiguration": {"subnets": list(self.server.subnets)}
                },
                "overrides": overrides,
                **others,
            }
        )
        return str(started["tasks"][0]["taskArn"])

    def described(self, task: str) -> dict[str, Any]:
        """A task, as DescribeTasks has it."""
        found = self.ecs.describe_tasks(cluster=self.server.cluster, tasks=[task])
        described: dict[str, Any] = found["tasks"][0]
        return described

    def lines(self, task: str, container: str = "mirror") -> list[str]:
        """What a container's log in CloudWatch has."""
        logs = self.cloud.local.client("logs")
        stream = f"history/{container}/{task.rpartition('/')[2]}"
        try:
            found = logs.get_log_events(
                logGroupName=self.server.log_group, logStreamName=stream, startFromHead=True
            )
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [str(event["message"]) for event in found["events"]]

    def notes(self, task: str) -> str:
        """What the local cloud says beside a mirror's own lines, such as that its log is lost."""
        with suppress(FileNotFoundError):
            text = (self._folder(task) / "containers/mirror/log.txt").read_text()
            return "\n".join(one for one in text.splitlines() if one.startswith("[local cloud]"))
        return ""

    def copies(self, task: str) -> set[str]:
        """The names of the event logs that a mirror has brought."""
        with suppress(FileNotFoundError):
            logs = self._folder(task) / "volumes/history/logs"
            return {file.name for file in logs.iterdir()}
        return set()

    def _folder(self, task: str) -> Path:
        return self.cloud.local.home / "tasks" / task.rpartition("/")[2]

    def stop(self, *tasks: str) -> None:
        """Stop tasks and wait for their ends; by default all that run."""
        cluster = self.server.cluster
        found = tasks or self.ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
        for task in found:
            self.ecs.stop_task(cluster=cluster, task=task)
        until(lambda: all(self.described(one)["lastStatus"] == "STOPPED" for one in found))


def server_of(cloud: Cloud, stack: str, path: str) -> Server:
    """A server, as its stack's output describes it."""
    return choose_server(find_servers(cloud.local.client, stack), path)


def use(person: Person, stack: str, path: str) -> str:
    """Do all that `history open`, `status` and `stop` ask of AWS; return what is refused.

    Args:
        person: In whose name.
        stack: The server's stack.
        path: The server's construct path.
    """
    told: list[str] = []
    try:
        server = choose_server(find_servers(person.client, stack), path)
        opening = Opening(person.client, server, tell=told.append, clock=Clock(every=0.1))
        watch = running_task(opening)
        until(lambda: watch.look() and watch.log.lines)
        told += (line for one in read_state(opening) for line in one.trouble)
        stop_tasks(opening)
    except HistoryError as error:
        told.append(str(error))
    return "\n".join(told)


def judged(
    statements: Sequence[Statement], action: str, resource: str, **known: Mapping[str, str]
) -> bool:
    """Whether statements allow a call that the local cloud does not know, by MiniStack's evaluator.

    Args:
        statements: Those of a role.
        action: The call's action.
        resource: What it acts on.
        known: `context`, the condition keys that the service sets; `variables`, what IAM puts in
            place of policy variables.
    """
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    for name, value in known.get("variables", {}).items():
        text = text.replace(f"${{{name}}}", value)
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/person/me",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context={name.lower(): value for name, value in known.get("context", {}).items()},
    )
    policy = iam_evaluator.parse_policy_document(text)
    return bool(iam_evaluator.evaluate(context, [policy]).decision == "Allow")


def refusal(error: ClientError) -> str:
    """An error of AWS's as its code and message."""
    return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"

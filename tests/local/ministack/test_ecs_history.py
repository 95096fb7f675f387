"""Who may open a History Server, by the real policy of `grant_open`, in an enforcing local AWS."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_cdk import aws_iam as iam
from botocore.exceptions import ClientError

import cdk_sagemaker_processing as processing
from tests.local.ministack.test_stacks import Stack
from tests.local_aws import RunningCloud, started
from tests.support import new_stack, template_of
from tests.waiting import until

pytestmark = pytest.mark.local_cloud


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A local AWS that enforces IAM."""
    home = tmp_path_factory.mktemp("guarded")
    with started(home, "--enforce-iam", "--parent", str(os.getpid())) as running:
        yield running


class Server:
    """A History Server's stack in a cloud, and somebody who may open the server."""

    def __init__(self, cloud: RunningCloud, folder: Path) -> None:
        self.cloud = cloud
        self._stack = Stack(cloud)
        outputs = self._stack.deploy(self._template(folder))
        told = next(value for value in outputs.values() if "historyServer" in value)
        self.facts: dict[str, Any] = json.loads(told)
        self._role = outputs["Person"]
        self._iam = cloud.client("iam")
        (name,) = self._iam.list_role_policies(RoleName=self._role)["PolicyNames"]
        found = self._iam.get_role_policy(RoleName=self._role, PolicyName=name)
        self.statements: list[dict[str, Any]] = found["PolicyDocument"]["Statement"]
        self._policy = name

    def _template(self, folder: Path) -> dict[str, Any]:
        stack = new_stack(folder, self._stack.name, environment=None)
        server = processing.SparkHistoryServer(stack, "History", event_logs="s3://logs/events/")
        person = iam.Role(stack, "Someone", assumed_by=iam.AccountRootPrincipal())
        server.grant_open(person)
        template = template_of(stack)
        template["Outputs"]["Person"] = {"Value": {"Ref": stack.get_logical_id(_child(person))}}
        # Without its parameter, the version of the CDK's bootstrap, which is not there.
        return {name: template[name] for name in ("Resources", "Outputs")}

    def only(self, statements: list[dict[str, Any]]) -> None:
        """Leave somebody these statements."""
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self._iam.put_role_policy(
            RoleName=self._role, PolicyName=self._policy, PolicyDocument=document
        )

    def person(self) -> Callable[[str], Any]:
        """Return what gives somebody's clients."""
        arn = self._iam.get_role(RoleName=self._role)["Role"]["Arn"]
        given = self.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")
        credentials = given["Credentials"]
        session = boto3.Session(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            region_name="us-east-1",
        )
        return lambda service: session.client(  # type: ignore[call-overload]  # named at run time
            service,
            endpoint_url=self.cloud.endpoint_url,
            verify=str(self.cloud.home / "certificate.pem"),
        )

    def open(self, client: Callable[[str], Any]) -> None:
        """Call all that opening calls on AWS, but for the tunnel, which is not here."""
        ecs, logs, facts = client("ecs"), client("logs"), self.facts
        client("cloudformation").describe_stacks(StackName=self._stack.name)
        place = {"cluster": facts["cluster"]}
        for status in ("RUNNING", "STOPPED"):
            ecs.list_tasks(**place, family=facts["taskDefinition"], desiredStatus=status)
        network = {
            "subnets": facts["subnets"],
            "securityGroups": facts["securityGroups"],
            "assignPublicIp": facts["assignPublicIp"],
        }
        (task,) = ecs.run_task(
            **place,
            taskDefinition=facts["taskDefinition"],
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
            enableExecuteCommand=True,
            clientToken=str(uuid.uuid4()),
        )["tasks"]
        ecs.describe_tasks(**place, tasks=[task["taskArn"]])
        stream = f"history/mirror/{task['taskArn'].rpartition('/')[2]}"
        until(lambda: task_has_started(self, task["taskArn"]))
        logs.get_log_events(logGroupName=facts["logGroup"], logStreamName=stream)
        ecs.stop_task(**place, task=task["taskArn"])


def task_has_started(server: Server, task: str) -> bool:
    """Whether a task has come so far that its log is there."""
    place = {"cluster": server.facts["cluster"], "tasks": [task]}
    (found,) = server.cloud.client("ecs").describe_tasks(**place)["tasks"]
    return found["lastStatus"] not in ("PROVISIONING", "PENDING")


def _child(role: iam.Role) -> Any:
    return role.node.default_child


def test_grant_open_is_enough_and_every_statement_is_needed(
    guarded: RunningCloud, tmp_path: Path
) -> None:
    """With all statements everything succeeds, without one of them just what it allows is refused.

    The tunnel's statements are not tried: there is no Systems Manager here.
    """
    server = Server(guarded, tmp_path)
    server.open(server.person())
    tried = []
    for statement in server.statements:
        (first, *_) = (
            statement["Action"] if isinstance(statement["Action"], list) else (statement["Action"],)
        )
        if first.startswith("ssm"):
            continue
        server.only([one for one in server.statements if one is not statement])
        with pytest.raises(ClientError, match=f"not authorized to perform: {first.split(':')[0]}:"):
            server.open(server.person())
        tried.append(first)
    assert tried == [
        "cloudformation:DescribeStacks",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
        "ecs:RunTask",
        "iam:PassRole",
        "logs:GetLogEvents",
    ]

"""ECS's resources of stacks in the local AWS."""

from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.local.ministack.ecs_support import IMAGE, NETWORK, WAITS
from tests.local.ministack.test_stacks import Stack
from tests.local_aws import RunningCloud
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                }
            ],
        }
    },
}


def template(script: str = WAITS, *, service: bool = False) -> dict[str, Any]:
    """A cluster and a task definition as the CDK writes them, with a service or without."""
    container = {
        "Name": "main",
        "Image": IMAGE,
        "Essential": True,
        "EntryPoint": ["python3", "-c"],
        "Command": [script],
        "DockerLabels": {"Kept": "AsItIs"},
        "Environment": [{"Name": "FOLDER", "Value": "/data"}],
        "HealthCheck": {"Command": ["CMD-SHELL", "test -d $FOLDER"], "Interval": 5, "Retries": 2},
        "LinuxParameters": {"InitProcessEnabled": True},
        "MountPoints": [{"ContainerPath": "/data", "ReadOnly": False, "SourceVolume": "data"}],
        "PortMappings": [{"ContainerPort": 80, "Protocol": "tcp"}],
        "ReadonlyRootFilesystem": True,
        "StopTimeout": 2,
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": {"Ref": "Log"},
                "awslogs-region": {"Ref": "AWS::Region"},
                "awslogs-stream-prefix": "tests",
            },
        },
    }
    resources: dict[str, Any] = {
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Log": {"Type": "AWS::Logs::LogGroup"},
        "Role": ROLE,
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "ContainerDefinitions": [container],
                "Cpu": "1024",
                "Memory": "4096",
                "EphemeralStorage": {"SizeInGiB": 30},
                "RuntimePlatform": {
                    "CpuArchitecture": "ARM64",
                    "OperatingSystemFamily": "LINUX",
                },
                "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "Family": {"Fn::Sub": "${AWS::StackName}-history"},
                "NetworkMode": "awsvpc",
                "RequiresCompatibilities": ["FARGATE"],
                "Volumes": [{"Name": "data"}],
            },
        },
    }
    if service:
        resources["Service"] = {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": 1,
                "LaunchType": "FARGATE",
                "EnableExecuteCommand": True,
                "DeploymentConfiguration": {
                    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
                    "MaximumPercent": 100,
                    "MinimumHealthyPercent": 0,
                },
                "NetworkConfiguration": {
                    "AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "ENABLED"}
                },
            },
        }
    return {
        "Resources": resources,
        "Outputs": {
            "Cluster": {"Value": {"Ref": "Cluster"}},
            "Task": {"Value": {"Ref": "Task"}},
            "Log": {"Value": {"Ref": "Log"}},
            **({"Service": {"Value": {"Fn::GetAtt": ["Service", "Name"]}}} if service else {}),
        },
    }


@pytest.fixture
def stack(cloud: RunningCloud) -> Stack:
    """A stack of one's own."""
    return Stack(cloud)


def delete(stack: Stack) -> None:
    """Delete a stack."""
    stack.client.delete_stack(StackName=stack.name)
    waiter = stack.client.get_waiter("stack_delete_complete")
    waiter.wait(StackName=stack.name, WaiterConfig={"Delay": 1})


def test_a_task_definition_is_made_with_all_that_the_template_says(
    cloud: RunningCloud, stack: Stack
) -> None:
    """In the form of ECS's API, names of labels as they are; a change is the next revision."""
    ecs = cloud.client("ecs")
    outputs = stack.deploy(template())
    definition = ecs.describe_task_definition(taskDefinition=outputs["Task"])["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    assert definition["ephemeralStorage"] == {"sizeInGiB": 30}
    assert definition["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert definition["volumes"] == [{"name": "data"}]
    assert (definition["cpu"], definition["memory"]) == ("1024", "4096")
    assert container["dockerLabels"] == {"Kept": "AsItIs"}
    assert container["healthCheck"]["command"] == ["CMD-SHELL", "test -d $FOLDER"]
    assert container["linuxParameters"] == {"initProcessEnabled": True}
    assert container["logConfiguration"]["options"]["awslogs-group"] == outputs["Log"]
    assert container["readonlyRootFilesystem"] is True
    assert outputs["Task"].endswith("-history:1")
    changed = stack.deploy(template("print('changed')"))
    assert changed["Task"].endswith("-history:2")
    delete(stack)
    with pytest.raises(ecs.exceptions.ClientException, match="inactive"):
        ecs.run_task(
            cluster=outputs["Cluster"], taskDefinition=changed["Task"], networkConfiguration=NETWORK
        )


def test_a_stack_s_task_runs_and_keeps_the_cluster(cloud: RunningCloud, stack: Stack) -> None:
    """A cluster with a task that is wanted cannot be deleted, as on AWS; afterwards it can."""
    ecs = cloud.client("ecs")
    outputs = stack.deploy(template())
    place = {"cluster": outputs["Cluster"]}
    (task,) = ecs.run_task(
        **place,
        taskDefinition=outputs["Task"].rpartition("/")[2].partition(":")[0],
        launchType="FARGATE",
        networkConfiguration=NETWORK,
    )["tasks"]

    def described() -> Any:
        return ecs.describe_tasks(**place, tasks=[task["taskArn"]])["tasks"][0]

    until(lambda: described()["healthStatus"] == "HEALTHY")
    with pytest.raises(WaiterError):
        delete(stack)
    assert any("while Tasks are active" in reason for reason in stack.reasons())
    ecs.stop_task(**place, task=task["taskArn"])
    until(lambda: described()["lastStatus"] == "STOPPED")
    delete(stack)


def test_a_service_runs_its_task_and_ends_it_with_the_stack(
    cloud: RunningCloud, stack: Stack
) -> None:
    """It comes to a steady state."""
    ecs = cloud.client("ecs")
    outputs = stack.deploy(template(service=True))
    place = {"cluster": outputs["Cluster"]}

    def service() -> Any:
        found = ecs.describe_services(**place, services=[outputs["Service"]])["services"]
        return found[0]

    until(lambda: service()["deployments"][0]["rolloutState"] == "COMPLETED")
    assert service()["enableExecuteCommand"] is True
    (arn,) = ecs.list_tasks(**place)["taskArns"]
    delete(stack)
    folder = cloud.home / "tasks" / arn.rpartition("/")[2]
    until(lambda: not folder.exists())

"""The construct as a whole: what its template says, and what it does not."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.history_server.containers import Plan, containers
from cdk_sagemaker_processing.history_server.images import PYTHON_IMAGE, SPARK_IMAGE
from tests.history_server.servers import LOGS, properties, resources, server, told
from tests.support import ENVIRONMENT, new_stack, resolved, statements_of, template_of, warnings_of


@pytest.fixture(params=[ENVIRONMENT, None], ids=["env", "no env"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> cdk.Stack:
    """A stack for one account and region, and one for any."""
    return new_stack(tmp_path, environment=request.param)


def code_of(task: dict[str, Any]) -> str:
    """The URI of the mirror's code."""
    (uri,) = (
        one["Value"]
        for one in task["ContainerDefinitions"][0]["Environment"]
        if one["Name"] == "HISTORY_CODE"
    )
    return str(uri)


def test_by_default_there_is_nothing_that_costs_while_nobody_looks(anywhere: cdk.Stack) -> None:
    """No service, load balancer, NAT gateway, alarm, function: a task definition and a network."""
    server(anywhere)

    assert Counter(one["Type"] for one in template_of(anywhere)["Resources"].values()) == {
        "AWS::EC2::FlowLog": 1,
        "AWS::EC2::InternetGateway": 1,
        "AWS::EC2::Route": 1,
        "AWS::EC2::RouteTable": 1,
        "AWS::EC2::SecurityGroup": 1,
        "AWS::EC2::Subnet": 2,
        "AWS::EC2::SubnetRouteTableAssociation": 2,
        "AWS::EC2::VPC": 1,
        "AWS::EC2::VPCEndpoint": 1,
        "AWS::EC2::VPCGatewayAttachment": 1,
        "AWS::ECS::Cluster": 1,
        "AWS::ECS::TaskDefinition": 1,
        "AWS::IAM::Role": 3,
        "AWS::Logs::LogGroup": 2,
    }


def test_nothing_has_to_be_looked_up_in_an_account(anywhere: cdk.Stack) -> None:
    """A stack with an environment needs no context, so no credentials, to be synthesized."""
    server(anywhere)
    app = anywhere.node.root
    assert isinstance(app, cdk.App)

    folder = app.synth().directory

    assert "missing" not in json.loads(Path(folder, "manifest.json").read_text())


def test_the_whole_task_definition(anywhere: cdk.Stack) -> None:
    """What ECS is told is what `containers` says, on Fargate, on ARM, with one volume for both."""
    server(anywhere)

    task = properties(anywhere, "AWS::ECS::TaskDefinition")
    plan = Plan(sources=(LOGS,), code=code_of(task), memory_mib=4096, ephemeral_gib=20)
    mirror, spark = containers(plan)
    region = resolved(anywhere, anywhere.region)
    common = {
        "Essential": True,
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": "<HistoryLogCA27105B>",
                "awslogs-region": region,
                "awslogs-stream-prefix": "history",
            },
        },
        "MountPoints": [
            {"ContainerPath": "/history", "ReadOnly": False, "SourceVolume": "history"}
        ],
        "StopTimeout": 15,
    }
    assert task == {
        "Family": "Prod-History-015cf474",
        "RequiresCompatibilities": ["FARGATE"],
        "NetworkMode": "awsvpc",
        "Cpu": "1024",
        "Memory": "4096",
        "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
        "TaskRoleArn": "<HistoryTaskRole85271DF0>",
        "ExecutionRoleArn": "<HistoryExecutionRoleE69E7508>",
        "Volumes": [{"Name": "history"}],
        "ContainerDefinitions": [
            {
                **common,
                "Name": "mirror",
                "Image": PYTHON_IMAGE,
                "EntryPoint": [*mirror.entry_point],
                "Environment": named(mirror.environment),
                "LinuxParameters": {"InitProcessEnabled": True},
                "ReadonlyRootFilesystem": False,
            },
            {
                **common,
                "Name": "server",
                "Image": SPARK_IMAGE,
                "EntryPoint": [*spark.entry_point],
                "Environment": named(spark.environment),
                "DependsOn": [{"Condition": "START", "ContainerName": "mirror"}],
                "HealthCheck": {
                    "Command": [*(spark.health_check or ())],
                    "Interval": 15,
                    "Retries": 3,
                    "StartPeriod": 60,
                    "Timeout": 10,
                },
                "PortMappings": [{"ContainerPort": 18080, "Protocol": "tcp"}],
                "ReadonlyRootFilesystem": True,
            },
        ],
    }


def named(environment: Any) -> list[dict[str, str]]:
    """Environment variables as ECS has them."""
    return [{"Name": name, "Value": value} for name, value in environment.items()]


def test_the_mirrors_code_is_published_with_the_app(stack: cdk.Stack) -> None:
    """Its key is in the template, so that `cdk gc` keeps it, and its modules are in the asset."""
    server(stack)
    app = stack.node.root
    assert isinstance(app, cdk.App)
    folder = Path(app.synth().directory)

    uri = code_of(properties(stack, "AWS::ECS::TaskDefinition"))
    digest = uri.rpartition("/")[2].removesuffix(".zip")

    assert uri == f"s3://cdk-hnb659fds-assets-111122223333-eu-west-1/{digest}.zip"
    published = {one.name for one in (folder / f"asset.{digest}").iterdir()}
    assert {"__init__.py", "__main__.py"} & published
    assert "__pycache__" not in published


def test_the_command_finds_the_server_by_an_output(anywhere: cdk.Stack) -> None:
    """Everything that it takes to run the task and to reach it, and nothing to look up."""
    server(anywhere)

    assert json.loads(told(anywhere)) == {
        "historyServer": 1,
        "path": "Prod/History",
        "cluster": "<HistoryCluster88373996>",
        "taskDefinition": "Prod-History-015cf474",
        "taskDefinitionArn": "<HistoryTaskA874461A>",
        "subnets": ["<HistoryVpcSubnet124A94E49>", "<HistoryVpcSubnet2CAEB7ECC>"],
        "securityGroups": ["<HistorySecurityGroup91DC7F1E>"],
        "assignPublicIp": "ENABLED",
        "logGroup": "<HistoryLogCA27105B>",
        "service": None,
        "url": None,
        "sources": [LOGS],
        "idleMinutes": 30,
    }


def test_what_a_user_chooses_reaches_the_task(stack: cdk.Stack) -> None:
    """Sizes, times, settings of Spark's; none is left out on its way."""
    server(
        stack,
        event_logs=[LOGS, processing.ProcessingStorage(stack, "Storage").event_logs],
        cpu=2048,
        memory=cdk.Size.gibibytes(8),
        ephemeral_storage=cdk.Size.gibibytes(100),
        architecture="X86_64",
        spark_conf={"spark.history.ui.maxApplications": "500"},
        idle_timeout=cdk.Duration.hours(1),
        max_lifetime=None,
    )

    task = properties(stack, "AWS::ECS::TaskDefinition")
    plan = Plan(
        sources=(LOGS, "s3://<StorageEventLogsC9857EF3>/spark-events/"),
        code=code_of(task),
        memory_mib=8192,
        ephemeral_gib=100,
        spark_conf={"spark.history.ui.maxApplications": "500"},
        idle_minutes=60,
        max_minutes=None,
    )
    assert [one["Environment"] for one in task["ContainerDefinitions"]] == [
        named(one.environment) for one in containers(plan)
    ]
    assert (task["Cpu"], task["Memory"]) == ("2048", "8192")
    assert task["EphemeralStorage"] == {"SizeInGiB": 100}
    assert task["RuntimePlatform"]["CpuArchitecture"] == "X86_64"
    assert json.loads(told(stack))["idleMinutes"] == 60


def test_numbers_may_be_known_only_at_deploy(stack: cdk.Stack) -> None:
    """A parameter's number arrives as the number that it will be."""
    minutes, cpu = (
        cdk.CfnParameter(stack, name, type="Number").value_as_number for name in ("Minutes", "Cpu")
    )
    server(stack, idle_timeout=cdk.Duration.minutes(minutes), cpu=cpu)

    task = properties(stack, "AWS::ECS::TaskDefinition")
    assert task["Cpu"] == "<Cpu>"
    environment = task["ContainerDefinitions"][0]["Environment"]
    assert {"Name": "HISTORY_IDLE_MINUTES", "Value": "<Minutes>"} in environment


def test_two_servers_in_one_stack_share_nothing(stack: cdk.Stack) -> None:
    """Each has a family of its own: one name would run the other's newest revision."""
    storage = processing.ProcessingStorage(stack, "Storage")
    one = server(stack)
    two = processing.SparkHistoryServer(stack, "Other", event_logs=storage.event_logs)

    assert one.family != two.family
    assert len(resources(stack, "AWS::ECS::Cluster")) == 2


def test_the_same_app_deployed_twice_has_two_families(tmp_path: Path) -> None:
    """A stack's name is what tells them apart in one account."""
    families = [
        server(
            cdk.Stack(cdk.App(outdir=str(tmp_path / name)), "Prod", stack_name=f"flights-{name}")
        ).family
        for name in ("blue", "green")
    ]

    assert families == ["flights-blue-History-015cf474", "flights-green-History-015cf474"]


def test_a_long_path_makes_no_family_that_ecs_refuses(stack: cdk.Stack) -> None:
    """At most 255 letters, digits, hyphens and underscores."""
    made = processing.SparkHistoryServer(stack, "Späte Läufe " * 20, event_logs=LOGS)

    assert len(made.family) < 255
    assert made.family.isascii()
    assert made.family.replace("-", "").replace("_", "").isalnum()


def test_logs_stay_and_grow_old(stack: cdk.Stack) -> None:
    """The task's log and the flow log: three months, and after the stack."""
    server(stack)

    groups = resources(stack, "AWS::Logs::LogGroup")
    assert len(groups) == 2
    for group in groups.values():
        assert group == {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"RetentionInDays": 90},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        }


def test_logs_have_the_users_key_time_and_end(tmp_path: Path) -> None:
    """The key's policy lets CloudWatch Logs use it for the stack's own log groups."""
    app = cdk.App(outdir=str(tmp_path), context={"cdk-sagemaker-processing:allowDestroy": True})
    stack = cdk.Stack(app, "Prod", env=ENVIRONMENT)
    server(
        stack,
        encryption_key=kms.Key(stack, "Key"),
        log_retention=logs.RetentionDays.ONE_WEEK,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )

    for group in resources(stack, "AWS::Logs::LogGroup").values():
        assert group["Properties"]["RetentionInDays"] == 7
        assert resolved(stack, group["Properties"]["KmsKeyId"]) == "<Key961B73FD>"
        assert group["DeletionPolicy"] == "Delete"
    key = properties(stack, "AWS::KMS::Key")
    assert key["KeyPolicy"]["Statement"][1] == {
        "Action": [
            "kms:Decrypt",
            "kms:Describe*",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": (
                    "arn:<AWS::Partition>:logs:eu-west-1:111122223333:log-group:Prod-*"
                )
            }
        },
        "Effect": "Allow",
        "Principal": {"Service": "logs.eu-west-1.<AWS::URLSuffix>"},
        "Resource": "*",
    }


def test_an_imported_key_must_allow_it_by_itself(stack: cdk.Stack) -> None:
    """Its policy cannot be changed from here: a warning says what it takes, and no more."""
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1")
    server(stack, encryption_key=key)

    (warning,) = warnings_of(stack)
    assert "logs.<region>.amazonaws.com kms:Decrypt" in warning
    assert "log groups Prod-*" in warning
    assert "delivery.logs" not in warning


def test_in_a_nested_stack_the_names_of_logs_begin_with_the_outer_ones(tmp_path: Path) -> None:
    """CloudFormation names nested stacks so."""
    stack = new_stack(tmp_path)
    key = kms.Key(stack, "Key")
    nested = cdk.NestedStack(stack, "Inner")
    server(nested, encryption_key=key)

    policy = properties(stack, "AWS::KMS::Key")["KeyPolicy"]["Statement"][1]
    (name,) = policy["Condition"]["ArnLike"].values()
    assert name.endswith(":log-group:Prod-*")


def test_a_bucket_under_a_key_can_be_read(stack: cdk.Stack) -> None:
    """The key is the bucket's own, so nobody has to name it."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    server(stack, event_logs=storage.event_logs)

    assert statements_of(stack, "HistoryTaskRoleDefaultPolicy") == [
        {"Action": "kms:Decrypt", "Effect": "Allow", "Resource": "<Key961B73FD>"}
    ]


def test_its_parts_are_there_to_build_on(stack: cdk.Stack) -> None:
    """Roles, cluster, log group, VPC and connections as the CDK has them."""
    made = server(stack)

    assert resolved(stack, made.cluster.cluster_name) == "<HistoryCluster88373996>"
    assert resolved(stack, made.task_role.role_arn) == "<HistoryTaskRole85271DF0>"
    assert resolved(stack, made.execution_role.role_arn) == "<HistoryExecutionRoleE69E7508>"
    assert resolved(stack, made.log_group.log_group_name) == "<HistoryLogCA27105B>"
    assert resolved(stack, made.vpc.vpc_id) == "<HistoryVpc8BE20A54>"
    assert len(made.connections.security_groups) == 1
    assert (made.service, made.load_balancer, made.alarms) == (None, None, ())

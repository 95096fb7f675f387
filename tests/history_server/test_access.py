"""What a server's roles and visitors may do, statement by statement."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

import cdk_sagemaker_processing as processing
from tests.history_server.servers import resources, server
from tests.support import ENVIRONMENT, resolved, statements_of, template_of

HERE = "<AWS::Region>:<AWS::AccountId>"
BOOTSTRAP = "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-111122223333-eu-west-1"


def code_key(stack: cdk.Stack) -> str:
    """The key of the mirror's code in the bootstrap bucket."""
    (statement,) = (
        one for one in statements_of(stack, "HistoryTaskRole") if one.get("Sid") == "ReadMirrorCode"
    )
    return str(statement["Resource"]).rpartition("/")[2]


def test_the_task_reads_the_prefix_and_its_code_and_writes_nothing(stack: cdk.Stack) -> None:
    """All of its role's permissions."""
    server(stack)

    code = code_key(stack)
    assert statements_of(stack, "HistoryTaskRole") == [
        {
            "Sid": "ListEventLogs0",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:<AWS::Partition>:s3:::logs",
            "Condition": {"StringLike": {"s3:prefix": ["spark-events/*"]}},
        },
        {
            "Sid": "ReadEventLogs",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:<AWS::Partition>:s3:::logs/spark-events/*",
        },
        {
            "Sid": "ReadMirrorCode",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"{BOOTSTRAP}/{code}",
        },
        {
            "Sid": "DecryptAssets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "arn:<AWS::Partition>:kms:<AWS::Region>:*:key/*",
            "Condition": {
                "StringEquals": {"kms:ViaService": "s3.<AWS::Region>.<AWS::URLSuffix>"},
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": [BOOTSTRAP, f"{BOOTSTRAP}/{code}*"]
                },
            },
        },
        {
            "Sid": "CarryTunnel",
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "Resource": "*",
        },
    ]


def test_each_bucket_is_listed_under_its_own_prefixes(stack: cdk.Stack) -> None:
    """No prefix of one bucket may be listed in another."""
    server(stack, event_logs=["s3://a/x/", "s3://b/y/", "s3://a/z/"])

    found = statements_of(stack, "HistoryTaskRole")
    assert [(one["Resource"], one["Condition"]) for one in found[:2]] == [
        ("arn:<AWS::Partition>:s3:::a", {"StringLike": {"s3:prefix": ["x/*", "z/*"]}}),
        ("arn:<AWS::Partition>:s3:::b", {"StringLike": {"s3:prefix": ["y/*"]}}),
    ]
    assert found[2]["Resource"] == [
        f"arn:<AWS::Partition>:s3:::{place}/*" for place in ("a/x", "b/y", "a/z")
    ]


def test_ecs_may_write_the_log_and_nothing_else(stack: cdk.Stack) -> None:
    """Public images take no permission."""
    server(stack)

    assert statements_of(stack, "HistoryExecutionRole") == [
        {
            "Sid": "WriteLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "<HistoryLogCA27105B>",
        }
    ]


def test_ecs_may_pull_the_images_that_are_private(stack: cdk.Stack) -> None:
    """Each repository by its name."""
    server(
        stack,
        image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/spark:7",
        mirror_image="444455556666.dkr.ecr.eu-west-1.amazonaws.com/python:3",
    )

    assert statements_of(stack, "HistoryExecutionRole")[1:] == [
        {
            "Sid": "PullImage",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": [
                "arn:<AWS::Partition>:ecr:eu-west-1:111122223333:repository/spark",
                "arn:<AWS::Partition>:ecr:eu-west-1:444455556666:repository/python",
            ],
        },
        {
            "Sid": "LogInToRegistry",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
    ]


def test_only_this_accounts_tasks_take_the_roles(stack: cdk.Stack) -> None:
    """The trust of both roles of the task."""
    server(stack)

    roles = resources(stack, "AWS::IAM::Role")
    for name in ("HistoryTaskRole85271DF0", "HistoryExecutionRoleE69E7508"):
        trust = resolved(stack, roles[name]["Properties"]["AssumeRolePolicyDocument"])
        assert trust["Statement"] == [
            {
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": f"arn:<AWS::Partition>:ecs:{HERE}:*"},
                    "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
                },
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }
        ]


def test_who_may_open_it_may_do_just_that(stack: cdk.Stack) -> None:
    """All of the permissions: this stack, cluster, family, roles, log, and one's own tunnel."""
    made = server(stack)
    analyst = iam.Role(stack, "Analyst", assumed_by=iam.AccountRootPrincipal())

    grant = made.grant_open(analyst)

    grant.assert_success()
    ecs = f"arn:<AWS::Partition>:ecs:{HERE}"
    cluster = "<HistoryCluster88373996>"
    here = {"ArnEquals": {"ecs:cluster": f"{ecs}:cluster/{cluster}"}}
    session = f"arn:<AWS::Partition>:ssm:{HERE}:session/"
    assert statements_of(stack, "AnalystDefaultPolicy") == [
        allow(
            "cloudformation:DescribeStacks",
            f"arn:<AWS::Partition>:cloudformation:{HERE}:stack/Prod/*",
        ),
        {
            **allow("ecs:ListTasks", f"{ecs}:container-instance/{cluster}/*"),
            "Condition": here,
        },
        allow(["ecs:DescribeTasks", "ecs:StopTask"], f"{ecs}:task/{cluster}/*"),
        {
            **allow("ecs:RunTask", f"{ecs}:task-definition/Prod-History-015cf474:*"),
            "Condition": here,
        },
        {
            **allow(
                "iam:PassRole",
                ["<HistoryTaskRole85271DF0>", "<HistoryExecutionRoleE69E7508>"],
            ),
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
        {
            **allow(
                "ssm:StartSession",
                [
                    f"{ecs}:task/{cluster}/*",
                    "arn:<AWS::Partition>:ssm:<AWS::Region>::document/AWS-StartPortForwardingSession",
                ],
            ),
            "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
        },
        allow(
            ["ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
            [f"{session}${{aws:userid}}-*", f"{session}${{aws:username}}-*"],
        ),
        allow("logs:GetLogEvents", "<HistoryLogCA27105B>"),
    ]


def allow(actions: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    """A statement without conditions."""
    return {"Action": actions, "Effect": "Allow", "Resource": resource}


def test_somebody_of_another_stack_may_open_it(tmp_path: Path) -> None:
    """The stack that is named is the server's, not the visitor's."""
    app = cdk.App(outdir=str(tmp_path))
    made = server(cdk.Stack(app, "Prod", env=ENVIRONMENT))
    other = cdk.Stack(app, "People", env=ENVIRONMENT)
    analyst = iam.Role(other, "Analyst", assumed_by=iam.AccountRootPrincipal())

    made.grant_open(analyst)

    first = statements_of(other, "AnalystDefaultPolicy")[0]
    assert first["Resource"].endswith(":stack/Prod/*")


def test_somebody_whose_policies_are_not_the_apps_is_told_of(stack: cdk.Stack) -> None:
    """As by every grant of the CDK's."""
    service = iam.ServicePrincipal("example.amazonaws.com")

    assert not server(stack).grant_open(service).success


@pytest.mark.parametrize("mode", [{}, {"always_on": True}], ids=["on demand", "always on"])
def test_no_role_may_write_to_s3(stack: cdk.Stack, mode: dict[str, Any]) -> None:
    """Nor change anything but its own log and tunnel."""
    storage = processing.ProcessingStorage(stack, "Storage")
    server(stack, event_logs=storage.event_logs, **mode)

    actions = {
        action
        for one in statements_of(stack, "History")
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert actions == {
        "kms:Decrypt",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }
    assert "AWS::EC2::SecurityGroupIngress" not in {
        one["Type"] for one in template_of(stack)["Resources"].values()
    }

"""What a History Server's task may do, and what somebody may who opens it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cdk_sagemaker_processing.access import Location, Statement
from cdk_sagemaker_processing.access.assets import asset_key_statements
from cdk_sagemaker_processing.access.objects import list_statements, object_statements
from cdk_sagemaker_processing.access.pulling import pull_statements
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, compact

__all__ = [
    "TASKS",
    "Opened",
    "execution_statements",
    "open_statements",
    "task_statements",
    "trust_conditions",
]

TASKS = "ecs-tasks.amazonaws.com"
"""The service principal that takes the roles of tasks."""

_HERE = f"{REGION}:{ACCOUNT_ID}"
_TUNNEL = "AWS-StartPortForwardingSession"


def trust_conditions() -> Statement:
    """The conditions under which ECS may take the roles of tasks: for this account's alone.

    It cannot be narrowed to a cluster:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    conditions: Statement = compact(
        {
            "ArnLike": {"aws:SourceArn": f"arn:{PARTITION}:ecs:{_HERE}:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
        }
    )
    return conditions


def task_statements(sources: Sequence[Location], code: Location) -> list[Statement]:
    """What the task itself may do: read event logs and its code, and be reached.

    Args:
        sources: The prefixes of event logs.
        code: The mirror's code, one object.
    """
    statements = [
        *list_statements("ListEventLogs", sources),
        *object_statements("ReadEventLogs", ["s3:GetObject"], sources),
        {
            "Sid": "ReadMirrorCode",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [f"{code.bucket_arn}/{code.prefix}"],
        },
        *asset_key_statements([code]),
        {
            # None of them has a resource to name, and ECS Exec needs all four:
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
            "Sid": "CarryTunnel",
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "Resource": ["*"],
        },
    ]
    compacted: list[Statement] = compact(statements)
    return compacted


def execution_statements(log_group_arn: str, repositories: Iterable[str]) -> list[Statement]:
    """What ECS may do to start the task: write its log, pull images that are not public.

    Args:
        log_group_arn: The ARN of the log group, which ends in ``:*`` for its streams.
        repositories: The ARNs of the images' Amazon ECR repositories.
    """
    statements = [
        {
            "Sid": "WriteLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [log_group_arn],
        },
        *pull_statements(repositories),
    ]
    compacted: list[Statement] = compact(statements)
    return compacted


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a History Server those come across who open it.

    Attributes:
        stack: The name of its stack.
        cluster: The name of its cluster.
        family: The family of its task definition.
        log_group_arn: The ARN of its log group, which ends in ``:*``.
        role_arns: The ARNs of the task's roles.
    """

    stack: str
    cluster: str
    family: str
    log_group_arn: str
    role_arns: Sequence[str]


def open_statements(server: Opened) -> list[Statement]:
    """What somebody may do who opens a History Server: see, start, reach and stop its tasks.

    Which resources and conditions each action knows:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html

    Args:
        server: The server.
    """
    ecs = f"arn:{PARTITION}:ecs:{_HERE}"
    here = {"ArnEquals": {"ecs:cluster": f"{ecs}:cluster/{server.cluster}"}}
    tasks = f"{ecs}:task/{server.cluster}/*"
    statements = [
        _allow(
            "FindHistoryServer",
            ["cloudformation:DescribeStacks"],
            # A stack's ARN ends in an id of its own.
            f"arn:{PARTITION}:cloudformation:{_HERE}:stack/{server.stack}/*",
        ),
        {
            # Tasks are listed by what runs them; the cluster is the condition's:
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html
            **_allow(
                "ListTasks", ["ecs:ListTasks"], f"{ecs}:container-instance/{server.cluster}/*"
            ),
            "Condition": here,
        },
        # A task has no name before it is started.
        _allow("SeeAndStopTasks", ["ecs:DescribeTasks", "ecs:StopTask"], tasks),
        {
            # Of whichever revision is the newest.
            **_allow("StartTask", ["ecs:RunTask"], f"{ecs}:task-definition/{server.family}:*"),
            "Condition": here,
        },
        {
            **_allow("PassRolesOfTask", ["iam:PassRole"], *server.role_arns),
            "Condition": {"StringEquals": {"iam:PassedToService": TASKS}},
        },
        *_tunnel(tasks),
        _allow("ReadLog", ["logs:GetLogEvents"], server.log_group_arn),
    ]
    compacted: list[Statement] = compact(statements)
    return compacted


def _tunnel(tasks: str) -> list[Statement]:
    ssm = f"arn:{PARTITION}:ssm:{REGION}"
    # Session ids begin with who started them:
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
    own = [f"{ssm}:{ACCOUNT_ID}:session/${{aws:{who}}}-*" for who in ("userid", "username")]
    return [
        {
            # A shell in the task is another document. Systems Manager looks for the right one, and
            # did so once by this condition alone, where the caller named none:
            # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-specify-session-document.html
            **_allow("OpenTunnel", ["ssm:StartSession"], tasks, f"{ssm}::document/{_TUNNEL}"),
            "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
        },
        _allow("UseOwnTunnel", ["ssm:TerminateSession", "ssmmessages:OpenDataChannel"], *own),
    ]


def _allow(sid: str, actions: Sequence[str], *resources: str) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": [*actions], "Resource": [*resources]}

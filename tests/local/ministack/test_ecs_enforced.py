"""ECS in the local AWS under IAM's enforcement: tasks, the roles they need, and who runs them."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.ministack.ecs_support import TASKS, WAITS, Ecs
from tests.local.ministack.test_enforcement import ROOT, allow
from tests.local_aws import RunningCloud, role, started
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

HERE = "arn:aws:ecs:us-east-1:000000000000"
SHORT = str(Path(__file__).parent / "short_sessions.py")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A local AWS that enforces IAM, where a session of a task's role lasts for seconds."""
    home = tmp_path_factory.mktemp("guarded")
    options = ("--enforce-iam", "--parent", str(os.getpid()))
    with started(home, *options, program=(SHORT,)) as running:
        yield running


@pytest.fixture
def ecs(guarded: RunningCloud) -> Iterator[Ecs]:
    """A cluster, whose tasks are stopped at the end; its execution role may write the log."""
    found = Ecs(guarded)
    allow(guarded, found.execution_role, writing(found))
    yield found
    for task in found.listed():
        found.client.stop_task(cluster=found.cluster, task=task)
        found.ended(task)


def writing(ecs: Ecs) -> dict[str, Any]:
    """What an execution role needs for a log."""
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:us-east-1:000000000000:log-group:{ecs.group}:*",
    }


def bucket_of(ecs: Ecs) -> str:
    """Make a bucket with an object `mine/a` and one `other/a`."""
    name = f"bucket-{uuid.uuid4()}"
    s3 = ecs.cloud.client("s3")
    s3.create_bucket(Bucket=name)
    for folder in ("mine", "other"):
        s3.put_object(Bucket=name, Key=f"{folder}/a", Body=b"read it")
    return name


READ = """
import boto3
s3 = boto3.client("s3")
for key in ("mine/a", "other/a"):
    try:
        print(s3.get_object(Bucket="{bucket}", Key=key)["Body"].read().decode())
    except Exception as error:
        print(error)
"""


def test_a_task_is_held_to_its_role(ecs: Ecs) -> None:
    """It reads what the role's policy names, and nothing else; over HTTPS that it trusts."""
    bucket = bucket_of(ecs)
    arn = f"arn:aws:s3:::{bucket}/mine/*"
    allow(ecs.cloud, ecs.task_role, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": arn})
    ended = ecs.run(READ.format(bucket=bucket))
    read, refused = ecs.log(ended["taskArn"])
    assert read == "read it"
    assert "is not authorized to perform: s3:GetObject on resource" in refused


def test_a_task_outlives_its_credentials(ecs: Ecs) -> None:
    """A session ends, as its first credentials then show; the SDK has the next by itself."""
    ended = ecs.run(
        "import boto3, botocore, time\n"
        "session = boto3.Session()\n"
        "sts = session.client('sts')\n"
        "first = session.get_credentials().get_frozen_credentials()\n"
        "old = boto3.client('sts', aws_access_key_id=first.access_key,"
        " aws_secret_access_key=first.secret_key, aws_session_token=first.token)\n"
        "old.get_caller_identity()\n"
        "time.sleep(3.5)\n"
        "try: old.get_caller_identity(); print('still good')\n"
        "except botocore.exceptions.ClientError as error: print(error.response['Error']['Code'])\n"
        "print(sts.get_caller_identity()['Arn'].split('/')[1])\n"
    )
    assert ecs.log(ended["taskArn"]) == ["ExpiredToken", ecs.task_role.rpartition("/")[2]]


def test_the_execution_role_must_be_allowed_to_write_the_log(ecs: Ecs) -> None:
    """Else the task does not start, and tells what is missing."""
    allow(ecs.cloud, ecs.execution_role, {**writing(ecs), "Action": "logs:PutLogEvents"})
    ended = ecs.run("print('no')")
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"].startswith("ResourceInitializationError: failed to validate")
    assert "is not authorized to perform: logs:CreateLogStream" in ended["stoppedReason"]


def test_a_log_that_may_not_grow_is_told_in_the_cloud_s_own(ecs: Ecs) -> None:
    """The task runs without it, as on AWS."""
    allow(ecs.cloud, ecs.execution_role, {**writing(ecs), "Action": "logs:CreateLogStream"})
    ended = ecs.run("print('lost')")
    assert ended["stopCode"] == "EssentialContainerExited"
    assert ecs.log(ended["taskArn"]) == []
    told = (ecs.cloud.home / "log.txt").read_text()
    assert (
        f"logs:PutLogEvents on resource: {writing(ecs)['Resource'].rstrip('*')}log-stream:" in told
    )


def test_the_execution_role_must_be_allowed_to_pull_a_private_image(ecs: Ecs) -> None:
    """As the CDK grants it for an image of SageMaker's account."""
    repository = "173754725891.dkr.ecr.us-east-1.amazonaws.com/nothing"
    ecs.register({**ecs.container(""), "image": f"{repository}:1"})
    refused = ecs.ended(ecs.start())["stoppedReason"]
    assert "is not authorized to perform: ecr:GetAuthorizationToken" in refused
    pulls = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    allow(ecs.cloud, ecs.execution_role, writing(ecs), pulls)
    missing = ecs.ended(ecs.start())["stoppedReason"]
    assert missing.startswith("CannotPullContainerError: the local cloud stands in for")


@pytest.fixture
def opening(ecs: Ecs) -> dict[str, dict[str, Any]]:
    """By what they are for, the statements of somebody who may see, run and stop these tasks."""
    cluster = {"ArnEquals": {"ecs:cluster": f"{HERE}:cluster/{ecs.cluster}"}}
    tasks = f"{HERE}:task/{ecs.cluster}/*"
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:{ecs.group}:*"
    return {
        "list": {
            "Effect": "Allow",
            "Action": "ecs:ListTasks",
            "Resource": f"{HERE}:container-instance/{ecs.cluster}/*",
            "Condition": cluster,
        },
        "see": {"Effect": "Allow", "Action": "ecs:DescribeTasks", "Resource": tasks},
        "stop": {"Effect": "Allow", "Action": "ecs:StopTask", "Resource": tasks},
        "run": {
            "Effect": "Allow",
            "Action": "ecs:RunTask",
            "Resource": f"{HERE}:task-definition/{ecs.family}:*",
            "Condition": cluster,
        },
        "pass": {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": [ecs.task_role, ecs.execution_role],
            "Condition": {"StringEquals": {"iam:PassedToService": TASKS}},
        },
        "log": {
            "Effect": "Allow",
            "Action": ["logs:GetLogEvents", "logs:FilterLogEvents"],
            "Resource": group,
        },
    }


@pytest.fixture
def person(guarded: RunningCloud) -> Callable[..., Callable[[str], Any]]:
    """Gives clients with the credentials of a role of its own, with some statements."""

    def as_role(*statements: dict[str, Any]) -> Callable[[str], Any]:
        trust = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
        made = guarded.client("iam").create_role(
            RoleName=f"role-{uuid.uuid4()}",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )["Role"]["Arn"]
        allow(guarded, made, *statements)
        given = guarded.client("sts").assume_role(RoleArn=made, RoleSessionName="me")["Credentials"]
        session = boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name="us-east-1",
        )
        return lambda service: session.client(  # type: ignore[call-overload]  # named at run time
            service,
            endpoint_url=guarded.endpoint_url,
            verify=str(guarded.home / "certificate.pem"),
        )

    return as_role


def use(ecs: Ecs, client: Callable[[str], Any]) -> None:
    """Do all that somebody does who opens a server: list, run, see, read the log, stop."""
    mine, place = client("ecs"), {"cluster": ecs.cluster}
    mine.list_tasks(**place, family=ecs.family, desiredStatus="RUNNING")
    task = ecs.start(mine, clientToken=str(uuid.uuid4()), enableExecuteCommand=True)
    other = ecs.start()
    assert len(mine.describe_tasks(**place, tasks=[task, other])["tasks"]) == 2
    ecs.logged(task, "up")
    assert client("logs").filter_log_events(logGroupName=ecs.group)["events"]
    stream = f"tests/main/{task.rpartition('/')[2]}"
    client("logs").get_log_events(logGroupName=ecs.group, logStreamName=stream)
    mine.stop_task(**place, task=task)


def test_who_has_all_permissions_can_do_all(
    ecs: Ecs, opening: dict[str, Any], person: Callable[..., Any]
) -> None:
    """They suffice."""
    ecs.register(ecs.container(WAITS))
    use(ecs, person(*opening.values()))


@pytest.mark.parametrize(
    ("missing", "action"),
    [
        ("list", "ecs:ListTasks"),
        ("see", "ecs:DescribeTasks"),
        ("stop", "ecs:StopTask"),
        ("run", "ecs:RunTask"),
        ("pass", "iam:PassRole"),
        ("log", "logs:FilterLogEvents"),
    ],
)
def test_who_lacks_one_is_refused(
    ecs: Ecs, opening: dict[str, Any], person: Callable[..., Any], missing: str, action: str
) -> None:
    """Each is needed, and the refusal names it."""
    ecs.register(ecs.container(WAITS))
    rest = [statement for name, statement in opening.items() if name != missing]
    with pytest.raises(ClientError, match=f"not authorized to perform: {action}") as caught:
        use(ecs, person(*rest))
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_they_reach_no_further(
    ecs: Ecs, opening: dict[str, Any], person: Callable[..., Any]
) -> None:
    """Not to another cluster's tasks, another family, other roles."""
    ecs.register(ecs.container(WAITS))
    other = Ecs(ecs.cloud)
    allow(ecs.cloud, other.execution_role, writing(other))
    other.register(other.container(WAITS))
    theirs = other.start()
    mine = person(*opening.values())("ecs")
    task = ecs.start()
    attempts: list[tuple[str, Callable[[], Any]]] = [
        ("ecs:ListTasks", lambda: mine.list_tasks(cluster=other.cluster)),
        ("ecs:StopTask", lambda: mine.stop_task(cluster=other.cluster, task=theirs)),
        ("ecs:DescribeTasks", lambda: mine.describe_tasks(cluster=other.cluster, tasks=[theirs])),
        (
            "ecs:DescribeTasks",
            lambda: mine.describe_tasks(cluster=ecs.cluster, tasks=[task, theirs]),
        ),
        ("ecs:RunTask", lambda: ecs.start(mine, cluster=other.cluster)),
        ("ecs:RunTask", lambda: ecs.start(mine, taskDefinition=other.family)),
        (
            "iam:PassRole",
            lambda: ecs.start(mine, overrides={"taskRoleArn": role(ecs.cloud, TASKS)}),
        ),
        ("ecs:ListClusters", mine.list_clusters),
    ]
    for action, attempt in attempts:
        with pytest.raises(ClientError, match=f"not authorized to perform: {action}"):
            attempt()
    other.client.stop_task(cluster=other.cluster, task=theirs)
    until(lambda: other.describe(theirs)["lastStatus"] == "STOPPED")

"""A History Server's task and the people who open it: tight, and nothing that is not needed.

What is asked of S3 is the mirror's doing, so Spark's server is not run here: its container waits
instead. The steps' suite runs both, under their own roles, over the event logs of a run.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk_sagemaker_processing.history_server.client.logs import is_trouble
from tests.end_to_end.conftest import Cloud, write_app
from tests.end_to_end.permissions.history import (
    ACCOUNT,
    REGION,
    History,
    Person,
    judged,
    refusal,
    server_of,
    use,
)
from tests.end_to_end.permissions.roles import Cut, Statement, copy_of, statements_of, unneeded
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

NAME, PATH, OTHER = "History", "History/Server", "History/Other"
OTHERS = "the-event-logs-of-others"

STACK = """
from aws_cdk import aws_iam as iam, aws_kms as kms, aws_s3 as s3

storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Stored"))
more = s3.Bucket(stack, "More")
server = processing.SparkHistoryServer(
    stack, "Server", framework_version="3.5",
    event_logs=[storage.event_logs, processing.EventLogs(more, "spark/")])
other = processing.SparkHistoryServer(
    stack, "Other", event_logs=storage.event_logs, vpc=server.vpc)
person = iam.Role(stack, "Person", assumed_by=iam.AccountRootPrincipal())
server.grant_open(person)
for name, value in {
    "Person": person.role_arn,
    "Task": server.task_role.role_arn,
    "Execution": server.execution_role.role_arn,
    "OthersTask": other.task_role.role_arn,
    "Logs": storage.event_logs.bucket.bucket_name,
    "More": more.bucket_name,
    "CodeKey": kms.Key(stack, "Code").key_arn,
    "OthersKey": kms.Key(stack, "Others").key_arn,
    "StoredKey": storage.encryption_key.key_arn,
}.items():
    cdk.CfnOutput(stack, f"The{name}", value=value)
"""

# Beside the mirror, in place of Spark's server.
WAITS = ["bash", "-c", "trap 'exit 0' TERM; sleep 600 & wait"]
LOGS = ("spark-events/one", "spark/two")
QUICK = {"HISTORY_POLL_SECONDS": "0.2"}

CHANNELS = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
NOT_SEEN_OF_TASKS = {
    # The agent of ECS Exec alone asks for them, which the local cloud does not have.
    " ".join(f"ssmmessages:{one}" for one in CHANNELS),
}
NOT_SEEN_OF_PEOPLE = {
    # There is no Systems Manager in the local cloud: seen by an evaluator of IAM's below.
    "ssm:StartSession",
    "ssm:TerminateSession ssmmessages:OpenDataChannel",
}
# The local cloud's network has no packets that its flow log could tell of.
NOT_SEEN_OF_ROLES = {"ServerVpcFlowLogRole"}


@dataclass(frozen=True, slots=True)
class Deployed:
    """The deployed stack.

    Attributes:
        history: The server that the people of the stack may open.
        other: Another, which they may not.
        outputs: The stack's other outputs.
    """

    history: History
    other: History
    outputs: dict[str, str]


@pytest.fixture(scope="module")
def deployed(guarded: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The stack, with an event log in each source, and its code under a key of the account's."""
    app = write_app(tmp_path_factory.mktemp("apps") / NAME.lower(), STACK)
    outputs = {name.removeprefix("The"): one for name, one in guarded.deploy_all(app).items()}
    history = History(guarded, server_of(guarded, NAME, PATH))
    other = History(guarded, server_of(guarded, NAME, OTHER))
    for uri, log in zip(history.server.sources, ("one", "two"), strict=True):
        history.put(f"{uri}{log}")
    mirror = history.container("mirror")
    (code,) = (one["value"] for one in mirror["environment"] if one["name"] == "HISTORY_CODE")
    encrypt(guarded, code, outputs["CodeKey"])
    outputs["CodeBucket"], _, outputs["Code"] = code.removeprefix("s3://").partition("/")
    waits = {**history.container("server"), "entryPoint": WAITS}
    del waits["healthCheck"]
    history.register(mirror, waits, family=history.server.family)
    s3 = guarded.local.client("s3")
    s3.create_bucket(Bucket=OTHERS)
    return Deployed(history, other, outputs)


def encrypt(guarded: Cloud, uri: str, key: str) -> None:
    """Encrypt an object in place with a KMS key."""
    bucket, _, name = uri.removeprefix("s3://").partition("/")
    guarded.local.client("s3").copy_object(
        Bucket=bucket,
        Key=name,
        CopySource=f"{bucket}/{name}",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )


# --- Nothing that is not needed ---


def told_as(history: History, **roles: str) -> str:
    """Run the task under other roles until it has brought all logs or is refused something.

    Returns:
        What it, its log and the local cloud say of refusals; empty if it has and told all.
    """
    task = history.start(environment=QUICK, overrides=roles)

    def told() -> list[str]:
        described, lines = history.described(task), history.lines(task)
        wrong = [one for one in lines if is_trouble(one)]
        ended = [described["stoppedReason"]] if described["lastStatus"] == "STOPPED" else []
        return [*wrong, *ended, *filter(None, [history.notes(task)])]

    def is_done() -> bool:
        brought = history.copies(task) >= {"one", "two"}
        return bool(told()) or (brought and any("first sync" in one for one in history.lines(task)))

    try:
        until(is_done)
        return "\n".join(told())
    finally:
        history.stop(task)


def refuses(said: str, actions: Sequence[str]) -> bool:
    """Whether AWS's words or the mirror's say that one of these actions is not allowed."""
    return any(
        words in said
        for action in actions
        for words in (f"is not authorized to perform: {action} ", f" {action} on arn:")
    )


@pytest.mark.parametrize(
    ("role", "member", "not_seen"),
    [
        ("Task", "taskRoleArn", NOT_SEEN_OF_TASKS),
        ("Execution", "executionRoleArn", set()),
    ],
)
def test_the_task_misses_each_permission(
    deployed: Deployed, guarded: Cloud, role: str, member: str, not_seen: set[str]
) -> None:
    """Its roles' statements, their actions and resources; what is refused is named."""
    original = deployed.outputs[role]
    statements = statements_of(guarded, original)

    def is_missed(cut: Cut) -> bool:
        said = told_as(deployed.history, **{member: copy_of(guarded, original, cut.left)})
        refused = refuses(said, cut.actions)
        assert refused or not said, f"{cut.name}: {said}"
        return refused

    assert told_as(deployed.history, **{member: copy_of(guarded, original, statements)}) == ""
    assert unneeded(statements, is_missed) == not_seen


def test_a_person_misses_each_permission(deployed: Deployed, guarded: Cloud) -> None:
    """What `grant_open` gives, and that is all: `open`, `status` and `stop` ask for each of it."""
    original = deployed.outputs["Person"]
    statements = statements_of(guarded, original)
    # People share a task: of two at once the second would not start one.
    alone = threading.Lock()

    def said_as(left: Sequence[Statement]) -> str:
        with alone:
            try:
                return use(Person.of(guarded, copy_of(guarded, original, left)), NAME, PATH)
            finally:
                deployed.history.stop()

    def is_missed(cut: Cut) -> bool:
        said = said_as(cut.left)
        refused = refuses(said, cut.actions)
        assert refused or not said, f"{cut.name}: {said}"
        return refused

    assert said_as(statements) == ""
    assert unneeded(statements, is_missed) == NOT_SEEN_OF_PEOPLE


def test_no_role_is_left_out(guarded: Cloud, deployed: Deployed) -> None:
    """Those above are all that a server has."""
    roles = [deployed.outputs["Task"], deployed.outputs["Execution"]]
    listed = guarded.local.client("cloudformation").describe_stack_resources(StackName=NAME)
    left = {
        one["LogicalResourceId"][: -len("01234567")]
        for one in listed["StackResources"]
        if one["ResourceType"] == "AWS::IAM::Role"
        and one["LogicalResourceId"].startswith("Server")
        and not any(role.endswith(f"/{one['PhysicalResourceId']}") for role in roles)
    }

    assert left == NOT_SEEN_OF_ROLES


# --- Nothing beside it ---

TRY = """
import json, os
import boto3
from botocore.exceptions import ClientError

given = json.loads(os.environ["GIVEN"])
logs_bucket, more, others = given["Logs"], given["More"], given["OthersBucket"]
s3, kms, logs, ecs, iam, sts, ssm = map(boto3.client, (
    "s3", "kms", "logs", "ecs", "iam", "sts", "ssm"))

def write(bucket, key, **more):
    return lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"", **more)

def read(bucket, key):
    return lambda: s3.get_object(Bucket=bucket, Key=key)["Body"].read()

def listing(bucket, **prefix):
    return lambda: s3.list_objects_v2(Bucket=bucket, **prefix)

tries = {
    "list its logs": listing(logs_bucket, Prefix="spark-events/"),
    "read a log": read(logs_bucket, "spark-events/one"),
    "read its code": read(given["CodeBucket"], given["Code"]),
    "list beside": listing(logs_bucket, Prefix="spark-events"),
    "list all": listing(logs_bucket),
    "list as in the other source": listing(logs_bucket, Prefix="spark/"),
    "list another bucket": listing(others, Prefix="spark-events/"),
    "list the code": listing(given["CodeBucket"]),
    "read beside": read(logs_bucket, "spark-events-of-others/one"),
    "read another bucket": read(others, "one"),
    "read other code": read(given["CodeBucket"], "other.zip"),
    "read with another key": read(logs_bucket, "spark-events/foreign"),
    "write a log": write(logs_bucket, "spark-events/one"),
    "write another bucket": write(others, "one"),
    "write its code": write(given["CodeBucket"], given["Code"]),
    "delete a log": lambda: s3.delete_object(Bucket=more, Key="spark/two"),
    "encrypt": lambda: kms.generate_data_key(KeyId=given["StoredKey"], KeySpec="AES_256"),
    "write the log group": lambda: logs.create_log_stream(
        logGroupName=given["LogGroup"], logStreamName="own"),
    "run a task": lambda: ecs.run_task(cluster=given["Cluster"], taskDefinition=given["Family"]),
    "stop tasks": lambda: ecs.stop_task(cluster=given["Cluster"], task="any"),
    "read parameters": lambda: ssm.get_parameter(Name="any"),
    "grant itself more": lambda: iam.put_role_policy(
        RoleName="any", PolicyName="more", PolicyDocument="{}"),
    "be another": lambda: sts.assume_role(RoleArn=given["OthersTask"], RoleSessionName="me"),
}
told = {"who": sts.get_caller_identity()["Arn"]}
for name, act in tries.items():
    try:
        act()
        told[name] = "done"
    except ClientError as error:
        told[name] = f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
print(json.dumps(told), flush=True)
"""


@pytest.fixture(scope="module")
def foreign(deployed: Deployed) -> str:
    """An event log among the server's own, that somebody encrypted with another key."""
    uri = f"{deployed.history.server.sources[0]}foreign"
    deployed.history.put(uri, deployed.outputs["OthersKey"])
    return uri


@pytest.fixture(scope="module")
def told(deployed: Deployed, foreign: str) -> dict[str, str]:
    """What a program met that tried all kinds of things with the credentials of the task's role."""
    history = deployed.history
    assert foreign.endswith("spark-events/foreign")
    given = {
        **deployed.outputs,
        "OthersBucket": OTHERS,
        "LogGroup": history.server.log_group,
        "Cluster": history.server.cluster,
        "Family": history.server.family,
    }
    mirror = history.container("mirror")
    mirror["entryPoint"] = ["python3", "-c", TRY]
    history.register(mirror, family="tries")
    task = history.start(environment={"GIVEN": json.dumps(given)}, taskDefinition="tries")
    until(lambda: history.described(task)["lastStatus"] == "STOPPED")
    found: dict[str, str] = json.loads(history.lines(task)[-1])
    return found


@pytest.mark.parametrize("what", ["list its logs", "read a log", "read its code"])
def test_the_task_may_read_its_logs_and_its_code(told: dict[str, str], what: str) -> None:
    """By any program in it."""
    assert told[what] == "done"


@pytest.mark.parametrize(
    ("what", "action", "resource"),
    [
        ("list beside", "s3:ListBucket", "{Logs}"),
        ("list all", "s3:ListBucket", "{Logs}"),
        ("list as in the other source", "s3:ListBucket", "{Logs}"),
        ("list another bucket", "s3:ListBucket", OTHERS),
        ("list the code", "s3:ListBucket", "{CodeBucket}"),
        ("read beside", "s3:GetObject", "{Logs}/spark-events-of-others/one"),
        ("read another bucket", "s3:GetObject", f"{OTHERS}/one"),
        ("read other code", "s3:GetObject", "{CodeBucket}/other.zip"),
        ("read with another key", "kms:Decrypt", "{OthersKey}"),
        ("write a log", "s3:PutObject", "{Logs}/spark-events/one"),
        ("write another bucket", "s3:PutObject", f"{OTHERS}/one"),
        ("write its code", "s3:PutObject", "{CodeBucket}/{Code}"),
        ("delete a log", "s3:DeleteObject", "{More}/spark/two"),
        ("encrypt", "kms:GenerateDataKey", "{StoredKey}"),
        ("write the log group", "logs:CreateLogStream", "log-stream:own"),
        ("run a task", "ecs:RunTask", ":task-definition/"),
        ("stop tasks", "ecs:StopTask", ":task/"),
        ("read parameters", "ssm:GetParameter", ":parameter/any"),
        ("grant itself more", "iam:PutRolePolicy", ":role/any"),
        ("be another", "sts:AssumeRole", "{OthersTask}"),
    ],
)
def test_the_task_may_nothing_else(
    told: dict[str, str], deployed: Deployed, what: str, action: str, resource: str
) -> None:
    """It writes nowhere; the refusal names who asked, the action and the resource."""
    refused = told[what]

    assert refused.startswith("AccessDenied")
    assert f"User: {told['who']} is not authorized to perform: {action} on resource: " in refused
    assert resource.format(**deployed.outputs) in refused


def test_the_log_names_what_is_denied(deployed: Deployed, foreign: str) -> None:
    """Places that it may not list, an object whose key it may not use: once, with the remedy."""
    history, bucket = deployed.history, deployed.outputs["Logs"]
    sources = [history.server.sources[0], f"s3://{OTHERS}/logs/", f"s3://{bucket}/beside/"]
    given = {**QUICK, "HISTORY_SOURCES": json.dumps(sources)}
    task = history.start(environment=given)

    def troubles() -> list[str]:
        return sorted(one.partition(" ")[2] for one in history.lines(task) if is_trouble(one))

    until(lambda: len(troubles()) == 3)
    object_arn = f"arn:aws:s3:::{foreign.removeprefix('s3://')}"
    key = deployed.outputs["OthersKey"]
    remedy = "is denied: the task's role must allow it"
    assert troubles() == sorted(
        [
            f"kms:Decrypt on {key} is denied, for s3:GetObject on {object_arn}",
            f"s3:ListBucket on arn:aws:s3:::{OTHERS} (prefix logs/) {remedy}",
            f"s3:ListBucket on arn:aws:s3:::{bucket} (prefix beside/) {remedy}",
        ]
    )
    assert "one" in history.copies(task)
    history.stop(task)


@pytest.fixture(scope="module")
def running(deployed: Deployed) -> Iterator[tuple[str, str]]:
    """A task of the person's server, and one that waits in the other server's cluster."""
    waits = {**deployed.other.container("mirror"), "entryPoint": WAITS, "environment": []}
    deployed.other.register(waits, family="waits")
    theirs = deployed.other.start(environment={}, taskDefinition="waits")
    own = deployed.history.start(environment={})
    yield own, theirs
    deployed.history.stop(own)
    deployed.other.stop(theirs)


Attempt = Callable[[Person, Deployed, str, str], Any]


def on_ecs(operation: str, **members: Any) -> Attempt:
    """Ask ECS; texts are filled with `own` and `theirs`, the tasks, and the servers."""

    def attempt(person: Person, deployed: Deployed, own: str, theirs: str) -> None:
        known = {
            "own": own,
            "theirs": theirs,
            "mine": deployed.history.server,
            "others": deployed.other.server,
            "outputs": deployed.outputs,
        }
        filled = {name: _filled(value, known) for name, value in members.items()}
        getattr(person.client("ecs"), operation)(**filled)

    return attempt


def _filled(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return value.format(**known)
    return [_filled(one, known) for one in value] if isinstance(value, list) else value


def run(deployed: Deployed, person: Person, **members: Any) -> str:
    """Run a task in a person's name."""
    return deployed.history.start(person.client("ecs"), environment={}, **members)


ATTEMPTS: dict[str, tuple[Attempt, str, str]] = {
    "run another family": (
        lambda person, deployed, *_: run(
            deployed, person, taskDefinition=deployed.other.server.family
        ),
        "ecs:RunTask",
        ":task-definition/History-Other-",
    ),
    "run in another cluster": (
        lambda person, deployed, *_: run(deployed, person, cluster=deployed.other.server.cluster),
        "ecs:RunTask",
        ":task-definition/History-Server-",
    ),
    "pass another task role": (
        lambda person, deployed, *_: run(
            deployed, person, overrides={"taskRoleArn": deployed.outputs["OthersTask"]}
        ),
        "iam:PassRole",
        ":role/",
    ),
    "pass another execution role": (
        lambda person, deployed, *_: run(
            deployed, person, overrides={"executionRoleArn": deployed.outputs["OthersTask"]}
        ),
        "iam:PassRole",
        ":role/",
    ),
    "list tasks of another cluster": (
        on_ecs("list_tasks", cluster="{others.cluster}"),
        "ecs:ListTasks",
        ":container-instance/",
    ),
    "describe tasks of another cluster": (
        on_ecs("describe_tasks", cluster="{others.cluster}", tasks=["{theirs}"]),
        "ecs:DescribeTasks",
        ":task/",
    ),
    "describe them beside its own": (
        on_ecs("describe_tasks", cluster="{mine.cluster}", tasks=["{own}", "{theirs}"]),
        "ecs:DescribeTasks",
        ":task/",
    ),
    "stop tasks of another cluster": (
        on_ecs("stop_task", cluster="{others.cluster}", task="{theirs}"),
        "ecs:StopTask",
        ":task/",
    ),
    "run a command in its own task": (
        on_ecs(
            "execute_command",
            cluster="{mine.cluster}",
            task="{own}",
            container="mirror",
            interactive=True,
            command="sh",
        ),
        "ecs:ExecuteCommand",
        ":task/",
    ),
    "change what the task does": (
        on_ecs("register_task_definition", family="{mine.family}", containerDefinitions=[]),
        "ecs:RegisterTaskDefinition",
        "",
    ),
    "read another log": (
        lambda person, deployed, *_: person.client("logs").get_log_events(
            logGroupName=deployed.other.server.log_group, logStreamName="any"
        ),
        "logs:GetLogEvents",
        ":log-group:",
    ),
    "search its log": (
        lambda person, deployed, *_: person.client("logs").filter_log_events(
            logGroupName=deployed.history.server.log_group
        ),
        "logs:FilterLogEvents",
        ":log-group:",
    ),
    "look at all stacks": (
        lambda person, *_: person.client("cloudformation").describe_stacks(),
        "cloudformation:DescribeStacks",
        "*",
    ),
    "read event logs past the server": (
        lambda person, deployed, *_: person.client("s3").get_object(
            Bucket=deployed.outputs["More"], Key="spark/two"
        ),
        "s3:GetObject",
        "/spark/two",
    ),
    "be the task": (
        lambda person, deployed, *_: person.client("sts").assume_role(
            RoleArn=deployed.outputs["Task"], RoleSessionName="me"
        ),
        "sts:AssumeRole",
        ":role/",
    ),
}


@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_person_may_nothing_else(
    deployed: Deployed, guarded: Cloud, running: tuple[str, str], what: str
) -> None:
    """Other families, clusters, roles, logs are refused to who may open one server."""
    attempt, action, resource = ATTEMPTS[what]
    person = Person.of(guarded, deployed.outputs["Person"])

    with pytest.raises(ClientError) as caught:
        attempt(person, deployed, *running)

    refused = refusal(caught.value)
    assert refused.startswith("AccessDenied")
    assert f"/me is not authorized to perform: {action} on resource: " in refused
    assert resource in refused


# --- The tunnel, which the local cloud has not: judged by MiniStack's evaluator of policies ---

PORT_FORWARDING = "AWS-StartPortForwardingSession"
CHECKED = {"ssm:SessionDocumentAccessCheck": "true"}


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A person's calls of Systems Manager, judged.

    Attributes:
        statements: The person's.
        server: The server.
        task: The ARN of its task.
        variables: What IAM puts in place of policy variables.
    """

    statements: Sequence[Statement]
    task: str
    variables: dict[str, str]

    def starts(self, document: str = PORT_FORWARDING, task: str = "", check: str = "true") -> bool:
        """Whether a session may be started, as Systems Manager asks: for task and document."""
        context = {"ssm:SessionDocumentAccessCheck": check}
        resources = (task or self.task, f"arn:aws:ssm:{REGION}::document/{document}")
        return all(
            judged(self.statements, "ssm:StartSession", one, context=context) for one in resources
        )

    def uses(self, action: str, whose: str) -> bool:
        """Whether something may be done with a session of somebody's."""
        session = f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/{whose}-0123456789abcdef0"
        return judged(self.statements, action, session, variables=self.variables)


OF_SESSIONS = ("ssm:TerminateSession", "ssmmessages:OpenDataChannel")


@pytest.fixture
def tunnel(deployed: Deployed, guarded: Cloud, running: tuple[str, str]) -> Tunnel:
    """The person's, to the server's own task."""
    role = deployed.outputs["Person"]
    user_id = Person.of(guarded, role).user_id
    return Tunnel(statements_of(guarded, role), running[0], {"aws:userid": user_id})


def test_a_person_may_tunnel_to_the_task(tunnel: Tunnel) -> None:
    """And use and end the sessions that are the person's own."""
    assert tunnel.starts()
    assert all(tunnel.uses(one, tunnel.variables["aws:userid"]) for one in OF_SESSIONS)


def test_no_other_tunnel_is_open(tunnel: Tunnel, running: tuple[str, str]) -> None:
    """No shell, no way on to other hosts, no other task, nobody else's session."""
    documents = (
        "SSM-SessionManagerRunShell",
        "AWS-StartInteractiveCommand",
        "AWS-StartNonInteractiveCommand",
        "AWS-StartSSHSession",
        "AWS-StartPortForwardingSessionToRemoteHost",
    )
    assert not any(tunnel.starts(one) for one in documents)
    assert not tunnel.starts(check="false")
    assert not tunnel.starts(task=running[1])
    assert not tunnel.starts(task=f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1")
    assert not any(tunnel.uses(one, "AROAOTHER:me") for one in OF_SESSIONS)
    assert not any(tunnel.uses(one, "me") for one in OF_SESSIONS)


def test_the_tunnel_needs_each_permission(tunnel: Tunnel) -> None:
    """Of statements, actions and resources: with a role's credentials or a user's."""
    own = [one for one in tunnel.statements if one["Action"][0].startswith("ssm:")]

    def is_missed(cut: Cut) -> bool:
        left = Tunnel(cut.left, tunnel.task, tunnel.variables)
        user = Tunnel(cut.left, tunnel.task, {"aws:username": "alice"})
        whose = tunnel.variables["aws:userid"]
        can_use = all(left.uses(one, whose) and user.uses(one, "alice") for one in OF_SESSIONS)
        return not (left.starts() and can_use)

    assert unneeded(own, is_missed) == set()


def test_the_tasks_roles_are_passed_to_tasks_alone(deployed: Deployed, guarded: Cloud) -> None:
    """By MiniStack's evaluator as well: a function with the task's role is refused."""
    statements = statements_of(guarded, deployed.outputs["Person"])

    def may_pass(service: str) -> bool:
        context = {"iam:PassedToService": service}
        return judged(statements, "iam:PassRole", deployed.outputs["Task"], context=context)

    assert may_pass("ecs-tasks.amazonaws.com")
    assert not may_pass("lambda.amazonaws.com")

"""What is looked at: the stacks of app.py, and each construct as it comes and as hardened."""

import runpy
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import IConstruct

import cdk_sagemaker_processing as processing
from security.environment import ROOT
from security.intrinsics import ACCOUNT, REGION
from security.synthesis import Subject, context
from stacks.acknowledged import ARN, WILDCARD, acknowledge, acknowledge_with
from tests.everything import use_everything

__all__ = ["SUBJECTS", "app_of"]

_JOBS = ROOT / "stacks" / "flights" / "jobs"
_INPUT = "s3://raw-111122223333/flights/"
_IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/clean:7"
_LANGUAGES = (sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA)

Fill = Callable[[cdk.Stack], None]


def _processing(stack: cdk.Stack, name: str, **options: Any) -> processing.ProcessingStep:
    return processing.ProcessingStep(stack, name, image_uri=_IMAGE, entrypoint=["clean"], **options)


def _script(stack: cdk.Stack, name: str, **options: Any) -> processing.ProcessingStep:
    return processing.ScriptStep(
        stack,
        name,
        code=str(_JOBS / "split.py"),
        command=["python3"],
        image_uri=_IMAGE,
        **options,
    )


def _sklearn(stack: cdk.Stack, name: str, **options: Any) -> processing.ProcessingStep:
    return processing.SKLearnStep(stack, name, code=str(_JOBS / "split.py"), **options)


def _pyspark(stack: cdk.Stack, name: str, **options: Any) -> processing.ProcessingStep:
    return processing.PySparkStep(stack, name, submit_app=str(_JOBS / "features.py"), **options)


def _spark_jar(stack: cdk.Stack, name: str, **options: Any) -> processing.ProcessingStep:
    return processing.SparkJarStep(
        stack,
        name,
        submit_app=str(_JOBS / "delays" / "delays.jar"),
        submit_class="flights.Delays",
        **options,
    )


_STEPS = {
    "ProcessingStep": _processing,
    "ScriptStep": _script,
    "SKLearnStep": _sklearn,
    "PySparkStep": _pyspark,
    "SparkJarStep": _spark_jar,
}


def _storage(stack: cdk.Stack) -> None:
    processing.ProcessingStorage(stack, "Storage")


def _hardened_storage(stack: cdk.Stack) -> None:
    processing.ProcessingStorage(stack, "Storage", encryption_key=_key(stack))


def _workflow(stack: cdk.Stack) -> None:
    processing.ProcessingWorkflow(stack, "Workflow", definition=sfn.Pass(stack, "Nothing"))


def _hardened_workflow(stack: cdk.Stack) -> None:
    processing.ProcessingWorkflow(
        stack,
        "Workflow",
        definition=sfn.Pass(stack, "Nothing"),
        timeout=cdk.Duration.hours(1),
        encryption_key=_key(stack),
    )


def _operated_workflow(stack: cdk.Stack) -> None:
    """A workflow with all that is around it."""
    topic = sns.Topic(stack, "Topic", master_key=_key(stack), enforce_ssl=True)
    storage = processing.ProcessingStorage(stack, "Storage")
    workflow = processing.ProcessingWorkflow(
        stack,
        "Workflow",
        definition=sfn.Pass(stack, "Nothing"),
        parameters=[processing.WorkflowParameter("key", default="none")],
        max_concurrent_executions=1,
        schedule=processing.WorkflowSchedule("rate(1 day)"),
    )
    workflow.on_new_objects(storage.outputs, prefix="in/")
    workflow.notify(topic)
    workflow.add_alarms(topic, too_long=cdk.Duration.hours(1))
    workflow.add_dashboard()


def _workflow_step(stack: cdk.Stack, **options: Any) -> None:
    """A workflow that another one runs."""
    inner = processing.ProcessingWorkflow(
        stack, "Inner", definition=sfn.Pass(stack, "Nothing"), **options
    )
    run = processing.WorkflowStep(stack, "Run", workflow=inner)
    processing.ProcessingWorkflow(stack, "Outer", definition=run, **options)


def _hardened_workflow_step(stack: cdk.Stack) -> None:
    _workflow_step(stack, timeout=cdk.Duration.hours(1), encryption_key=_key(stack))


def _event_logs(stack: cdk.Stack, **options: Any) -> processing.EventLogs:
    return processing.ProcessingStorage(stack, "Storage", **options).event_logs


def _history_server(stack: cdk.Stack) -> None:
    processing.SparkHistoryServer(stack, "History", event_logs=_event_logs(stack))


def _hardened_history_server(stack: cdk.Stack) -> None:
    key = _key(stack)
    server = processing.SparkHistoryServer(
        stack,
        "History",
        event_logs=[_event_logs(stack, encryption_key=key), "s3://raw-111122223333/spark-events/"],
        encryption_key=key,
        framework_version="3.5",
        mirror_image=_IMAGE,
    )
    server.grant_open(iam.Role(stack, "Analyst", assumed_by=iam.AccountRootPrincipal()))


def _history_server_always_on(stack: cdk.Stack) -> None:
    processing.SparkHistoryServer(
        stack,
        "History",
        event_logs=_event_logs(stack),
        always_on=True,
        alarms_topic=sns.Topic.from_topic_arn(
            stack, "Alarms", f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
        ),
    )


def _history_server_balanced(stack: cdk.Stack) -> None:
    storage = processing.ProcessingStorage(stack, "Storage")
    processing.SparkHistoryServer(
        stack,
        "History",
        event_logs=storage.event_logs,
        vpc=_vpc_of_people(stack),
        always_on=True,
        load_balancer=processing.HistoryLoadBalancer(
            certificate=acm.Certificate(stack, "Certificate", domain_name="history.example.com"),
            domain_name="history.example.com",
            authentication=processing.HistoryOidc(
                issuer="https://login.example.com",
                authorization_endpoint="https://login.example.com/authorize",
                token_endpoint="https://login.example.com/token",  # noqa: S106 # a URL
                user_info_endpoint="https://login.example.com/userinfo",
                client_id="history",
                client_secret=cdk.SecretValue.secrets_manager("history-client"),
            ),
            allowed=[ec2.Peer.ipv4("10.20.0.0/16")],
            deletion_protection=True,
            access_logs_bucket=storage.access_logs,
        ),
    )


def _default_step(make: Callable[..., processing.ProcessingStep], stack: cdk.Stack) -> None:
    """A step with an input, an output and nothing that it has a default for."""
    _in_each_language(stack, make, {}, None)


def _hardened_step(make: Callable[..., processing.ProcessingStep], stack: cdk.Stack) -> None:
    key = _key(stack)
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=key)
    options = {
        "storage": storage,
        "vpc": _vpc(stack),
        "volume_kms_key": key,
        "output_kms_key": key,
        "enable_network_isolation": True,
        "encrypt_inter_container_traffic": True,
        "instance_count": 2,
        "max_runtime": cdk.Duration.hours(1),
        "tags": {"team": "flights"},
    }
    _in_each_language(stack, make, options, key)


def _cached_step(stack: cdk.Stack) -> None:
    """A step whose machine looks up what is remembered, encrypted by a customer's key."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=_key(stack))
    options = {"storage": storage, "cache": cdk.Duration.days(7), "result_name": "made"}
    _in_each_language(stack, _sklearn, options, None)


def _in_each_language(
    stack: cdk.Stack,
    make: Callable[..., processing.ProcessingStep],
    options: Mapping[str, Any],
    key: kms.IKey | None,
) -> None:
    for language in _LANGUAGES:
        step = make(
            stack,
            f"Step{language.value}",
            query_language=language,
            inputs=[processing.ProcessingInput(_INPUT)],
            outputs=[processing.ProcessingOutput("made")],
            **options,
        )
        processing.ProcessingWorkflow(
            stack,
            f"Workflow{language.value}",
            definition=step,
            query_language=language,
            encryption_key=key,
        )


def _everything(language: sfn.QueryLanguage, stack: cdk.Stack) -> None:
    use_everything(stack, _JOBS / "split.py", language)


def _key(stack: cdk.Stack) -> kms.Key:
    return kms.Key(stack, "Key", enable_key_rotation=True)


def _vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Jobs", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        ],
        flow_logs={"All": ec2.FlowLogOptions()},
    )


def _vpc_of_people(stack: cdk.Stack) -> ec2.Vpc:
    """One with private subnets and a way out."""
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=1,
        restrict_default_security_group=False,
        flow_logs={"All": ec2.FlowLogOptions()},
    )


# What the matrix brings along for the constructs to use; no part of them.
_SURROUNDINGS = {
    f"{WILDCARD}[/{ARN}:s3:::raw(-{ACCOUNT})?/.+/]": "The input that the step declares.",
    rf"{WILDCARD}[/{ARN}:ec2:<AWS::Region>:\*:(subnet|security-group)/.+/]": (
        "The subnets of a shared VPC are another account's; each is named."
    ),
    f"{WILDCARD}[{ARN}:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*]": (
        "An interface has no name before it is made; subnets and groups narrow it."
    ),
    f"{WILDCARD}[{ARN}:glue:<AWS::Region>:<AWS::AccountId>:table/flights/*]": (
        "Which tables a query reads is told by its text only; the database is named."
    ),
    rf"{WILDCARD}[/Action::kms:(GenerateDataKey|ReEncrypt)\*/]": (
        "The CDK's grants on a key name these actions so; the key is named."
    ),
    "parliament::RESOURCE_MISMATCH[redshift:DescribeClusters]": (
        "The service authorization reference, and cfn-lint's data, know clusters as its resource; "
        "parliament's data is older."
    ),
}
# Whoever opens a History Server.
_OF_OPENING = {
    f"{WILDCARD}[{ARN}:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/Stack/*]": (
        "A stack's ARN ends in an id that it gets when it is made."
    ),
    rf"{WILDCARD}[/{ARN}:ecs:<AWS::Region>:<AWS::AccountId>:task/<\w+>/\*/]": (
        "A task gets its name when it is started; the cluster is the server's own."
    ),
    rf"{WILDCARD}[/{ARN}:ecs:<AWS::Region>:<AWS::AccountId>:container-instance/<\w+>/\*/]": (
        "ECS takes tasks for listed by what runs them; the cluster is the server's own."
    ),
    rf"{WILDCARD}[/{ARN}:ecs:<AWS::Region>:<AWS::AccountId>:task-definition/[\w-]+:\*/]": (
        "The newest revision is started, whichever it is; the family is named."
    ),
    rf"{WILDCARD}[/{ARN}:ssm:<AWS::Region>:<AWS::AccountId>:session/<!aws:user(id|name)>-\*/]": (
        "Sessions of the person's own: their ids begin with who started them."
    ),
    "parliament::UNKNOWN_CONDITION_FOR_ACTION[ssm:StartSession]": (
        "The Systems Manager user guide had it until its checks came without; it does no harm."
    ),
    "parliament::RESOURCE_MISMATCH[ssmmessages:OpenDataChannel]": (
        "The Systems Manager user guide names sessions as its resource; parliament's data does not."
    ),
}
_LOGS_STATEMENT = "The statement that the CloudWatch Logs user guide gives for a key."
_OF_KEY = {
    "parliament::RESOURCE_MISMATCH[/kms:.+/]": (
        "The CDK's key policy lets the account's IAM policies decide on all of kms:*, as the KMS "
        "user guide has it."
    ),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    "parliament::UNKNOWN_CONDITION_FOR_ACTION[/kms:Describe.+/]": _LOGS_STATEMENT,
    "parliament::MISMATCHED_TYPE": _LOGS_STATEMENT,
    "AwsSolutions::AwsSolutions-KMS5": "A key of the tests' own.",
    "checkov::CKV_AWS_7": "A key of the tests' own.",
}
_OF_REPOSITORY = {
    f"checkov::CKV_AWS_{number}": "A repository of the tests' own." for number in (51, 136, 163)
}
_OF_VPC = {"AwsSolutions::AwsSolutions-VPC7": "A VPC of the tests' own."}
_OF_FLOW_LOG = {"checkov::CKV_AWS_158": "A log of the tests' own."}
_OF_THE_CDKS_FUNCTION = {
    "cfn-lint::W3005": "The CDK's function that closes the default security group.",
    **{
        f"checkov::CKV_AWS_{number}": "The CDK's function that closes the default security group."
        for number in (115, 116, 117)
    },
}
_BY_PATH = {
    "Key": _OF_KEY,
    "Repository": _OF_REPOSITORY,
    "Vpc": _OF_VPC,
    "Vpc/All": _OF_FLOW_LOG,
    "Custom::VpcRestrictDefaultSGCustomResourceProvider": _OF_THE_CDKS_FUNCTION,
}


def _acknowledge_surroundings(stack: cdk.Stack) -> None:
    acknowledge_with(stack, {**_SURROUNDINGS, **_OF_OPENING})
    for path, reasons in _BY_PATH.items():
        found: IConstruct | None = stack
        for name in path.split("/"):
            found = found.node.try_find_child(name) if found else None
        if found:
            acknowledge_with(found, reasons)


def _made(fill: Fill, folder: Path) -> cdk.App:
    app = cdk.App(outdir=str(folder), context=context(), tree_metadata=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=ACCOUNT, region=REGION))
    fill(stack)
    return app


def _acknowledged(fill: Fill, stack: cdk.Stack) -> None:
    fill(stack)
    acknowledge(stack)
    _acknowledge_surroundings(stack)


def app_of(fill: Fill, name: str = "a stack") -> Subject:
    """Return the subject of one stack.

    Args:
        fill: Puts constructs into the stack.
        name: What the table calls it.
    """
    return Subject(name, partial(_made, fill))


def _example_app(environment: Mapping[str, str], folder: Path) -> cdk.App:
    """The app of app.py, given what the CDK CLI gives one.

    The CLI's variables are read by the CDK's Node process, which runs already: an app that is
    made with no arguments gets the same values as arguments here.
    """
    made = partial(cdk.App, outdir=str(folder), context={**context(), **environment})
    with patch.object(cdk, "App", made):
        app: cdk.App = runpy.run_path(str(ROOT / "app.py"))["app"]
    return app


def _of_matrix(fill: Fill, name: str) -> Subject:
    return app_of(partial(_acknowledged, fill), name)


SUBJECTS: tuple[Subject, ...] = (
    Subject("app.py", partial(_example_app, {"example": "all"})),
    Subject(
        f"app.py, {REGION}",
        partial(_example_app, {"example": "all", "account": ACCOUNT, "region": REGION}),
    ),
    _of_matrix(_storage, "ProcessingStorage"),
    _of_matrix(_hardened_storage, "ProcessingStorage, hardened"),
    _of_matrix(_workflow, "ProcessingWorkflow"),
    _of_matrix(_hardened_workflow, "ProcessingWorkflow, hardened"),
    _of_matrix(_operated_workflow, "ProcessingWorkflow, operated"),
    _of_matrix(_workflow_step, "WorkflowStep"),
    _of_matrix(_hardened_workflow_step, "WorkflowStep, hardened"),
    _of_matrix(_history_server, "SparkHistoryServer"),
    _of_matrix(_hardened_history_server, "SparkHistoryServer, hardened"),
    _of_matrix(_history_server_always_on, "SparkHistoryServer, always on"),
    _of_matrix(_history_server_balanced, "SparkHistoryServer, behind a load balancer"),
    *(_of_matrix(partial(_default_step, make), name) for name, make in _STEPS.items()),
    *(
        _of_matrix(partial(_hardened_step, make), f"{name}, hardened")
        for name, make in _STEPS.items()
    ),
    _of_matrix(_cached_step, "SKLearnStep, with a cache"),
    *(
        _of_matrix(partial(_everything, language), f"every argument, {language.value}")
        for language in _LANGUAGES
    ),
)

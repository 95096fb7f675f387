"""What security tools find in stacks of these constructs and is meant, with the reasons.

`make security` takes only what is acknowledged here, or beside the constructs it is about. An id
is ``tool::rule``; in ``[/…/]`` stands a regular expression for what cdk-nag names in brackets.
"""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

import cdk_sagemaker_processing as processing

__all__ = ["ARN", "WILDCARD", "acknowledge", "acknowledge_with"]

WILDCARD = "AwsSolutions::AwsSolutions-IAM5"
ARN = "Resource::arn:<AWS::Partition>"
_ROLES = {
    f"{WILDCARD}[Resource::*]": (
        "Logging in to a registry, putting metrics, describing networks, traces and log delivery "
        "have no narrower resource; parliament's RESOURCE_STAR tells of any action that has one."
    ),
    rf"{WILDCARD}[/{ARN}:s3:::cdk-[^/]+/[0-9a-f]{{32}}\.d/.+\*/]": (
        "SageMaker takes the URI of an input for a prefix; the folder of published files is named "
        "by their content, so nothing else lies in it."
    ),
    rf"{WILDCARD}[/{ARN}:s3:::<\w*Outputs\w+>/.+/\*/]": (
        "Only the job knows the names of the objects it writes; the prefix is its step's own, or "
        "that of a step whose output it reads."
    ),
    rf"{WILDCARD}[/{ARN}:s3:::<\w*EventLogs\w+>/spark-events/\*/]": (
        "Spark names its event logs by the application's id; the History Server wants them all in "
        "one prefix."
    ),
    rf"{WILDCARD}[/{ARN}:kms:<AWS::Region>:\*:key/\*/]": (
        "The key of the bootstrap bucket is chosen when the environment is bootstrapped; "
        "conditions narrow it to S3's decrypting of the job's own files."
    ),
    rf"{WILDCARD}[/{ARN}:logs:.+:log-group:/aws/sagemaker/ProcessingJobs:(log-stream:)?\*/]": (
        "SageMaker names the log streams of a job when it starts it."
    ),
    rf"{WILDCARD}[/{ARN}:sagemaker:.+:processing-job/[a-z0-9-]+-[0-9a-f]{{8}}-\*/]": (
        "The name of a job ends in what only its execution knows; the beginning is its step's own."
    ),
}
_NO_INSIGHTS = (
    "Container Insights cost by the metric; ECS and the log tell what there is to know of one task."
)
_EXECUTIONS = (
    "Executions get their names when they are started; the state machine is the policy's own."
)
# What the CDK lets a machine with a distributed Map do, and what counts its executions.
_STATE_MACHINE = {
    rf"{WILDCARD}[/Resource::arn:.+:states:.+:execution:.+:\*/]": _EXECUTIONS,
    "parliament::RESOURCE_MISMATCH[states:DescribeExecution]": (
        "The service authorization reference knows executions as its resource; parliament's data "
        "knows those of express state machines alone."
    ),
    "parliament::RESOURCE_MISMATCH[states:ListExecutions]": (
        "The service authorization reference knows state machines as its resource; parliament's "
        "data knows Map Runs alone."
    ),
    "cfn-lint::W3005": "The CDK's and this library's roles are waited for with their policies.",
}
_KEY = {
    "parliament::RESOURCE_MISMATCH[/kms:.+/]": (
        "The CDK's key policy lets the account's IAM policies decide on all of kms:*, as the KMS "
        "user guide has it."
    ),
}
_HISTORY_SERVER = {
    "AwsSolutions::AwsSolutions-ECS2": (
        "The task's settings, none a secret: it has nothing to log in to, and reads S3 by its role."
    ),
    "AwsSolutions::AwsSolutions-ECS4": _NO_INSIGHTS,
    "checkov::CKV_AWS_65": _NO_INSIGHTS,
}
_S3_ENDPOINT = {
    "parliament::RESOURCE_STAR[/s3:.+/]": (
        "Images come from buckets of Amazon's, whose names differ by region; the task's role names "
        "what it may read, and by the endpoint nobody writes."
    ),
}
_NO_LOG_KEY = (
    "CloudWatch Logs encrypts by keys of its own; SparkHistoryServer(encryption_key=...) takes one "
    "of yours."
)
_NO_STATE_MACHINE_KEY = (
    "CloudWatch Logs encrypts by keys of its own; ProcessingWorkflow(encryption_key=...) takes one "
    "of yours."
)


def acknowledge(scope: Construct) -> None:
    """Acknowledge in a scope what every app of these constructs has.

    Args:
        scope: A stack, or less.
    """
    acknowledge_with(scope, _ROLES)
    for one in scope.node.find_all():
        if isinstance(one, processing.ProcessingStorage) and one.access_logs:
            acknowledge_with(
                one.access_logs,
                {"checkov::CKV_AWS_18": "It holds access logs: logging its own would never end."},
            )
        if isinstance(one, processing.ProcessingWorkflow):
            acknowledge_with(one.log_group, {"checkov::CKV_AWS_158": _NO_STATE_MACHINE_KEY})
            acknowledge_with(one, _STATE_MACHINE)
        if isinstance(one, processing.ProcessingStep):
            _acknowledge_step(one)
        if isinstance(one, processing.SparkHistoryServer):
            _acknowledge_history_server(one)
        if isinstance(one, kms.Key):
            acknowledge_with(one, _KEY)


def _acknowledge_step(step: processing.ProcessingStep) -> None:
    acknowledge_with(
        step,
        {
            "SageMakerProcessing::VolumeKey": (
                "SageMaker encrypts volumes by a key of its own; the data is public."
            ),
            "SageMakerProcessing::NetworkIsolation": (
                "Isolation is one word, enable_network_isolation; the code is this project's."
            ),
        },
    )


def _acknowledge_history_server(server: processing.SparkHistoryServer) -> None:
    acknowledge_with(server, _HISTORY_SERVER)
    for one in server.node.find_all():
        if isinstance(one, ec2.CfnVPCEndpoint):
            acknowledge_with(one, _S3_ENDPOINT)
        if isinstance(one, logs.CfnLogGroup) and one.kms_key_id is None:
            acknowledge_with(one, {"checkov::CKV_AWS_158": _NO_LOG_KEY})


def acknowledge_with(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings on a construct and those in it.

    Args:
        construct: The construct.
        reasons: Why, by the id of what is acknowledged.
    """
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=one, reason=reason) for one, reason in reasons.items())
    )

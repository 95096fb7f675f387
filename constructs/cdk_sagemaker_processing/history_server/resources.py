"""The resources of a History Server.

What they are made of takes a second to load, so this module is loaded only where
there is a History Server.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from cdk_sagemaker_processing.access import Location, Statement
from cdk_sagemaker_processing.access.key_policies import let_logs_use
from cdk_sagemaker_processing.cdk.pseudo import as_text
from cdk_sagemaker_processing.history_server.access import (
    TASKS,
    execution_statements,
    task_statements,
    trust_conditions,
)
from cdk_sagemaker_processing.history_server.chosen_images import ChosenImages
from cdk_sagemaker_processing.history_server.containers import Plan, containers
from cdk_sagemaker_processing.history_server.fargate import DEFAULT_STORAGE_GIB, minutes
from cdk_sagemaker_processing.history_server.images import IMAGES_GIB
from cdk_sagemaker_processing.history_server.mirror_code import EXCLUDED, MIRROR_FOLDER
from cdk_sagemaker_processing.history_server.network import (
    Network,
    Subnets,
    own_network,
    users_network,
)
from cdk_sagemaker_processing.history_server.options import Options
from cdk_sagemaker_processing.history_server.sources import Source
from cdk_sagemaker_processing.history_server.task import Task, task_definition
from cdk_sagemaker_processing.images import grant_pull
from cdk_sagemaker_processing.removal import allowed_removal

__all__ = ["Resources", "make"]

# ECS API reference, RegisterTaskDefinition: 255 letters, digits, '-' and '_', of which a stack's
# name takes 128 at most.
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_MOST_OF_ID = 80
_DISTINCT = 8
# As `IMAGES_GIB`, with SageMaker's own image.
_SAGEMAKERS_GIB = 15


@dataclass(frozen=True, slots=True)
class Resources:
    """What a History Server is made of.

    Attributes:
        network: The task's network.
        cluster: The cluster that its tasks run in, and no others.
        log_group: Where its containers log.
        task_role: The role of what runs in the task.
        execution_role: The role in which ECS starts it.
        task: The task definition.
        family: The name that its revisions share.
        plan: What the task does.
    """

    network: Network
    cluster: ecs.Cluster
    log_group: logs.LogGroup
    task_role: iam.Role
    execution_role: iam.Role
    task: ecs.CfnTaskDefinition
    family: str
    plan: Plan


def make(
    scope: Construct,
    options: Options,
    sources: Sequence[Source],
    images: ChosenImages,
    subnets: Subnets | None,
) -> Resources:
    """The resources of a History Server that nothing is wrong with.

    Args:
        scope: The server.
        options: What the user asked for.
        sources: The prefixes of event logs.
        images: The images.
        subnets: The subnets of the user's VPC, None where there is none.
    """
    if options.encryption_key:
        let_logs_use(options.encryption_key, scope, f"{_outermost(scope).stack_name}-*")
    log_group = _log_group(scope, "Log", options)
    code = _published(scope)
    plan = _plan(options, sources, images, code)
    storage = plan.ephemeral_gib
    roles = _roles(scope, sources, code, images, log_group)
    where = _network(scope, options, subnets)
    cluster = ecs.Cluster(
        scope,
        "Cluster",
        vpc=where.vpc,
        # It is paid by the metric, and an account may have it on by default.
        container_insights_v2=ecs.ContainerInsights.DISABLED,
    )
    family = _family(scope)
    task = task_definition(
        scope,
        Task(
            family=family,
            # A number known only at deploy has a text of its own.
            cpu=cdk.Tokenization.stringify_number(options.cpu),
            memory_mib=plan.memory_mib,
            ephemeral_gib=storage if storage > DEFAULT_STORAGE_GIB else None,
            architecture=images.architecture,
            task_role_arn=roles[0].role_arn,
            execution_role_arn=roles[1].role_arn,
            log_group=log_group.log_group_name,
        ),
        containers(plan),
    )
    return Resources(where, cluster, log_group, *roles, task, family, plan)


def _log_group(scope: Construct, name: str, options: Options) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        name,
        encryption_key=options.encryption_key,
        retention=options.log_retention,
        removal_policy=allowed_removal(scope, options.removal_policy),
    )


def _outermost(scope: Construct) -> cdk.Stack:
    """The stack whose name CloudFormation begins the names of its log groups with."""
    stack = cdk.Stack.of(scope)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack


def _published(scope: Construct) -> Location:
    """The mirror's code, as the CDK publishes it."""
    asset = s3_assets.Asset(
        scope,
        "MirrorCode",
        path=str(MIRROR_FOLDER),
        exclude=[*EXCLUDED],
        ignore_mode=cdk.IgnoreMode.GLOB,
    )
    name = asset.s3_bucket_name
    return Location(as_text(cdk.Stack.of(scope).resolve(name)) or name, asset.s3_object_key)


def _plan(
    options: Options, sources: Sequence[Source], images: ChosenImages, code: Location
) -> Plan:
    storage, balanced = options.ephemeral_storage, options.load_balancer
    images_gib = _SAGEMAKERS_GIB if images.is_sagemakers else IMAGES_GIB
    # As much for event logs as there is beside Spark's own image.
    default_gib = DEFAULT_STORAGE_GIB - IMAGES_GIB + images_gib
    return Plan(
        sources=tuple(one.s3_uri for one in sources),
        code=f"s3://{code.bucket}/{code.prefix}",
        memory_mib=int(options.memory.to_mebibytes()),
        ephemeral_gib=int(storage.to_gibibytes()) if storage else default_gib,
        images_gib=images_gib,
        idle_minutes=None if options.always_on else minutes(options.idle_timeout),
        max_minutes=None if options.always_on else minutes(options.max_lifetime),
        spark_conf=options.spark_conf or {},
        loopback_only=balanced is None,
        url=balanced.url if balanced else None,
        server_image=images.server.uri,
        mirror_image=images.mirror.uri,
    )


def _roles(
    scope: Construct,
    sources: Sequence[Source],
    code: Location,
    images: ChosenImages,
    log_group: logs.LogGroup,
) -> tuple[iam.Role, iam.Role]:
    """The role of what runs in the task, and the one in which ECS starts it."""
    may = task_statements([one.place for one in sources], code)
    task_role = _role(scope, "TaskRole", "HistoryServer", may)
    for key in dict.fromkeys(one.key for one in sources if one.key):
        key.grant_decrypt(task_role)
    pulled = [one for one in (images.server, images.mirror) if one.repository_arn]
    starts = execution_statements(
        log_group.log_group_arn, [str(one.repository_arn) for one in pulled]
    )
    execution_role = _role(scope, "ExecutionRole", "StartTask", starts)
    for one in pulled:
        grant_pull(one, execution_role)
    return task_role, execution_role


def _role(scope: Construct, name: str, policy: str, statements: list[Statement]) -> iam.Role:
    document = {"Version": "2012-10-17", "Statement": statements}
    return iam.Role(
        scope,
        name,
        # Keys and repositories of other accounts must know the role's name.
        role_name=cdk.PhysicalName.GENERATE_IF_NEEDED,
        assumed_by=iam.ServicePrincipal(TASKS, conditions=trust_conditions()),
        inline_policies={policy: iam.PolicyDocument.from_json(document)},
    )


def _network(scope: Construct, options: Options, subnets: Subnets | None) -> Network:
    if options.vpc is None or subnets is None:
        return own_network(scope, _log_group(scope, "FlowLog", options))
    return users_network(scope, options.vpc, subnets, options.security_groups)


def _family(scope: Construct) -> str:
    """A name that no other server has: not in its stack, nor in a second deploy of the app."""
    name = _UNFIT.sub("-", scope.node.id)[:_MOST_OF_ID]
    return f"{cdk.Stack.of(scope).stack_name}-{name}-{scope.node.addr[-_DISTINCT:]}"

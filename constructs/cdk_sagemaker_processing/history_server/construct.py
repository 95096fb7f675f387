"""The Spark History Server: a task that shows the event logs of jobs, while they run and after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.history_server.access import Opened, open_statements
from cdk_sagemaker_processing.history_server.checks import wrong_options, wrong_policy
from cdk_sagemaker_processing.history_server.chosen_images import Architecture, choose
from cdk_sagemaker_processing.history_server.options import Options
from cdk_sagemaker_processing.history_server.sources import sources
from cdk_sagemaker_processing.storage import EventLogs

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets
    from aws_cdk import aws_ecs as ecs
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_sns as sns

    from cdk_sagemaker_processing.history_server.load_balancer import HistoryLoadBalancer
    from cdk_sagemaker_processing.history_server.network import Subnets
    from cdk_sagemaker_processing.history_server.resources import Resources
    from cdk_sagemaker_processing.history_server.service import Service

__all__ = ["SparkHistoryServer"]

_MEMORY = cdk.Size.gibibytes(4)
_IDLE = cdk.Duration.minutes(30)
_LIFETIME = cdk.Duration.hours(8)
# By which the command finds servers among the outputs of stacks.
_OUTPUT = "HistoryServer"
_OUTPUT_FORM = 1


class SparkHistoryServer(Construct):
    """Spark's own History Server, for jobs that have ended and for those that run.

    It costs nothing while nobody looks: it is a task on Fargate that
    ``sagemaker-processing history open`` starts, and that ends when it has had
    no visitor for a while. Nothing reaches it from outside: people come by a
    tunnel of AWS Systems Manager, as far as `grant_open` lets them.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope.
        event_logs: Where event logs lie: ``ProcessingStorage.event_logs``, an
            ``EventLogs`` of any bucket, an S3 URI that ends in a slash, or
            several of these. To read a bucket that a KMS key encrypts, give
            ``EventLogs`` of a bucket that knows its key.
        vpc: The VPC of the task; by default a small one of its own, with a
            flow log, that costs nothing while no task runs: two public subnets,
            no NAT gateway, a gateway endpoint for S3.
        subnets: Which of the VPC's subnets; by default private ones with a way
            out, else public ones, in which the task gets a public IP address.
        security_groups: The security groups of the task; by default one that
            lets nothing in, and HTTPS out.
        cpu: The task's CPU units, 1024 for one vCPU: 256, 512, 1024, 2048,
            4096, 8192 or 16384.
        memory: The task's memory, 4 GiB by default; of it 60% are the server's
            Java heap. What goes with which ``cpu``:
            https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
        ephemeral_storage: The task's disk, for event logs and what Spark makes
            of them: 21 to 200 GiB; 20 GiB by default, 31 with SageMaker's image.
            When it is full, the oldest event logs make room.
        architecture: ``ARM64``, which costs a fifth less and is the default, or
            ``X86_64``, which SageMaker's own images are for.
        spark_conf: Settings of Spark's, such as
            ``{"spark.history.ui.maxApplications": "500"}``.
        framework_version: The version of SageMaker's own Spark image to run,
            such as ``3.5``; by default Spark's own public image is, which is
            smaller, and reads the event logs of older and newer versions too.
        image: Another image that holds Spark, by its URI, as a repository,
            whose ``latest`` is taken, or as an asset.
        mirror_image: Another image that holds Python 3.11 or newer and boto3,
            for the process that copies event logs to the task.
        idle_timeout: For how long the task goes on without a visitor, in whole
            minutes; 30 by default, None for ever. It ends for none if it is
            always on.
        max_lifetime: For how long it goes on in any case, in whole minutes;
            eight hours by default, None for ever. It ends for none if it is
            always on.
        log_retention: How long the task's log and the flow log are kept; three
            months by default.
        encryption_key: The KMS key that encrypts these logs; a key of AWS's own
            by default. Its policy is changed as needed; for an imported one a
            warning tells what it must allow.
        removal_policy: What becomes of these logs when the stack is deleted;
            they stay by default, until their events have reached their age.
            ``DESTROY`` holds only in an app that allows it, by the context key
            ``cdk-sagemaker-processing:allowDestroy``.
        always_on: Whether a task runs at all times, as an ECS service with
            alarms: about 38 USD a month with what is the default here. It does
            not by default.
        load_balancer: A load balancer before a server that is always on; none
            by default: it is then reached by the tunnel.
        alarms_topic: Where the alarms of a server that is always on go.

    Attributes:
        cluster: The ECS cluster, in which nothing else runs.
        family: The family of the task definition.
        task_role: The role of what runs in the task.
        execution_role: The role in which ECS starts it.
        log_group: Where it logs.
        vpc: Its VPC.
        service: The ECS service, None if it is not always on.
        load_balancer: The load balancer, None without one.
        alarms: The alarms; none if it is not always on.

    Raises:
        ValidationError: The server could not run as asked for; every reason is
            in the message.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        event_logs: EventLogs | str | Sequence[EventLogs | str],
        vpc: ec2.IVpc | None = None,
        subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        cpu: float = 1024,
        memory: cdk.Size = _MEMORY,
        ephemeral_storage: cdk.Size | None = None,
        architecture: Architecture | None = None,
        spark_conf: Mapping[str, str] | None = None,
        framework_version: str | None = None,
        image: str | ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
        mirror_image: str | ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
        idle_timeout: cdk.Duration | None = _IDLE,
        max_lifetime: cdk.Duration | None = _LIFETIME,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        encryption_key: kms.IKey | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        always_on: bool = False,
        load_balancer: HistoryLoadBalancer | None = None,
        alarms_topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, id)
        options = Options(
            event_logs=event_logs,
            vpc=vpc,
            subnets=subnets,
            security_groups=security_groups,
            cpu=cpu,
            memory=memory,
            ephemeral_storage=ephemeral_storage,
            architecture=architecture,
            spark_conf=spark_conf,
            framework_version=framework_version,
            image=image,
            mirror_image=mirror_image,
            idle_timeout=idle_timeout,
            max_lifetime=max_lifetime,
            log_retention=log_retention,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            always_on=always_on,
            load_balancer=load_balancer,
            alarms_topic=alarms_topic,
        )
        made = self._made(options)
        kept = _kept(self, options, made) if always_on else None
        self._connections = made.network.connections
        self.cluster: ecs.ICluster = made.cluster
        self.family = made.family
        self.task_role: iam.IRole = made.task_role
        self.execution_role: iam.IRole = made.execution_role
        self.log_group: logs.ILogGroup = made.log_group
        self.vpc: ec2.IVpc = made.network.vpc
        self.service: ecs.CfnService | None = kept.service if kept else None
        self.load_balancer: elbv2.ApplicationLoadBalancer | None = (
            kept.listener.load_balancer if kept and kept.listener else None
        )
        self.alarms: tuple[cloudwatch.Alarm, ...] = kept.alarms if kept else ()
        self._tell(made)

    @property
    def connections(self) -> ec2.Connections:
        """The ways to and from the task.

        Give this, not the server, where the CDK asks for an ``ec2.IConnectable``.
        """
        return self._connections

    def grant_open(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody open the server: see, start, reach and stop its tasks, and read its log.

        That is all that ``sagemaker-processing history`` asks of AWS, but for
        what it takes to find a job by its name, ``--job``.
        """
        roles = [self.task_role.role_arn, self.execution_role.role_arn]
        statements = open_statements(
            Opened(
                stack=cdk.Stack.of(self).stack_name,
                cluster=self.cluster.cluster_name,
                family=self.family,
                log_group_arn=self.log_group.log_group_arn,
                role_arns=roles,
            )
        )
        grants = [
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=one["Action"],
                resource_arns=one["Resource"],
                conditions=one.get("Condition"),
            )
            for one in statements
        ]
        whole = grants[0]
        for one in grants[1:]:
            whole = whole.combine(one)
        return whole

    def _made(self, options: Options) -> Resources:
        """The resources, once nothing is wrong."""
        stack = cdk.Stack.of(self)
        found, wrong = sources(options.event_logs)
        images = choose(
            stack,
            framework_version=options.framework_version,
            image=options.image,
            mirror_image=options.mirror_image,
            architecture=options.architecture,
        )
        wrong += [*wrong_policy(found), *wrong_options(options, stack), *images.problems]
        subnets = _subnets(options)
        if isinstance(subnets, Problem):
            wrong.append(subnets)
        if wrong or isinstance(subnets, Problem):
            raise ValidationError(self.node.path, type(self).__name__, wrong)
        from cdk_sagemaker_processing.history_server import resources  # noqa: PLC0415 # see there

        return resources.make(self, options, found, images, subnets)

    def _tell(self, made: Resources) -> None:
        """Tell the command where the server is: see ``client``."""
        service, plan = self.service, made.plan
        told = {
            "historyServer": _OUTPUT_FORM,
            "path": self.node.path,
            "cluster": self.cluster.cluster_name,
            "taskDefinition": self.family,
            "taskDefinitionArn": made.task.ref,
            "subnets": _items(made.network.subnets.ids),
            "securityGroups": made.network.security_group_ids,
            "assignPublicIp": made.network.assign_public_ip,
            "logGroup": self.log_group.log_group_name,
            "service": service.attr_name if service else None,
            "url": plan.url,
            "sources": [*plan.sources],
            "idleMinutes": plan.idle_minutes,
        }
        cdk.CfnOutput(
            self,
            _OUTPUT,
            value=json.dumps(told),
            description=f"History Server {self.node.path}",
        )


def _items(ids: Sequence[str]) -> list[str]:
    """Ids as items of JSON text, also those of a list known only at deploy."""
    return [cdk.Fn.join('", "', [*ids])] if cdk.Token.is_unresolved([*ids]) else [*ids]


def _subnets(options: Options) -> Subnets | Problem | None:
    """The subnets of the user's VPC, None without one, or why there are none."""
    vpc: Any = options.vpc
    if not hasattr(vpc, "select_subnets"):
        return None
    # Whoever has a VPC has loaded what this module loads.
    from cdk_sagemaker_processing.history_server.network import subnets_of  # noqa: PLC0415

    return subnets_of(vpc, options.subnets)


def _kept(scope: Construct, options: Options, made: Resources) -> Service:
    # It loads half of the CDK, for those who have a service.
    from cdk_sagemaker_processing.history_server.service import keep_running  # noqa: PLC0415

    return keep_running(scope, options, made)

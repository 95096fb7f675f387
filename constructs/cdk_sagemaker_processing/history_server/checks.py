"""What is wrong with what a user asks of a History Server, all at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.access import Location
from cdk_sagemaker_processing.cdk.argument_types import (
    wrong_constructs,
    wrong_encryption_key,
    wrong_flag,
    wrong_removal_policy,
    wrong_retention,
    wrong_topic,
)
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.history_server.access import task_statements
from cdk_sagemaker_processing.history_server.fargate import wrong_sizes, wrong_time
from cdk_sagemaker_processing.history_server.load_balancer import wrong_load_balancer
from cdk_sagemaker_processing.history_server.options import Options
from cdk_sagemaker_processing.history_server.settings import OWNED
from cdk_sagemaker_processing.history_server.sources import Source
from cdk_sagemaker_processing.request.values import TOKEN

__all__ = ["wrong_options", "wrong_policy"]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_OF_POLICY = 10_240
# About what a token becomes.
_TOKEN_LENGTH = 60
# As long as that of the mirror's code, which is published only once nothing is wrong.
_PENDING_CODE = Location("b" * 63, "k" * 68)
_OWNED_BY = {
    "spark.history.fs.logDirectory": "it is the folder that the mirror fills: give event_logs",
    "spark.history.store.path": "it lies on the task's storage: give ephemeral_storage for more",
    "spark.history.ui.port": "the health check, the tunnel and the load balancer go there",
}


def wrong_options(options: Options, stack: cdk.Stack) -> list[Problem]:
    """What is wrong with a user's arguments, but for sources and images.

    Args:
        options: The arguments.
        stack: The stack that the server is in.
    """
    return [
        *wrong_sizes(
            cpu=options.cpu, memory=options.memory, ephemeral_storage=options.ephemeral_storage
        ),
        *_wrong_conf(options.spark_conf),
        *wrong_time("idle_timeout", options.idle_timeout),
        *wrong_time("max_lifetime", options.max_lifetime),
        *wrong_retention(options.log_retention),
        *wrong_encryption_key(options.encryption_key),
        *wrong_removal_policy(options.removal_policy),
        *_wrong_network(options),
        *_wrong_mode(options, stack),
    ]


def wrong_policy(sources: Sequence[Source]) -> Iterator[Problem]:
    """Sources that are too many for one role's policy."""
    text = json.dumps(task_statements([one.place for one in sources], _PENDING_CODE))
    length = len(TOKEN.sub("", text)) + _TOKEN_LENGTH * len(TOKEN.findall(text))
    if length > _MOST_OF_POLICY:
        yield Problem(
            f"event_logs: to read {len(sources)} sources takes a policy of about {length:,} "
            f"characters, and IAM takes {_MOST_OF_POLICY:,}: gather event logs in fewer prefixes, "
            "or give some to a SparkHistoryServer of their own"
        )


def _wrong_conf(given: Any) -> Iterator[Problem]:
    if given is None:
        return
    if not isinstance(given, Mapping):
        yield Problem(f"spark_conf must be a mapping of names to strings, got {given!r}")
        return
    for name, value in given.items():
        if not isinstance(name, str):
            yield Problem(f"spark_conf: a setting's name must be a string, got {name!r}")
        elif name in OWNED:
            why = _OWNED_BY.get(name, "nothing else works in its task")
            yield Problem(f"spark_conf: {name} is the construct's own, as {why}: leave it out")
        elif not isinstance(value, str):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield Problem(f"spark_conf[{name!r}] must be a string, got {value!r}: write {text!r}")


def _wrong_network(options: Options) -> Iterator[Problem]:
    vpc: Any = options.vpc
    if vpc is None:
        for name in ("subnets", "security_groups"):
            if getattr(options, name):
                yield Problem(f"{name} goes with a vpc: give the vpc too, or leave {name} out")
    elif not hasattr(vpc, "select_subnets"):
        hint = "write ec2.Vpc.from_lookup(...)" if isinstance(vpc, str) else "give an ec2.IVpc"
        yield Problem(f"vpc must be an ec2.IVpc, got {vpc!r}: {hint}")
    if vpc is not None and options.security_groups:
        yield from wrong_constructs(
            "security_groups",
            options.security_groups,
            "ec2.ISecurityGroup",
            "security_group_id",
            "ec2.SecurityGroup.from_security_group_id(self, 'Group', ...)",
        )


def _wrong_mode(options: Options, stack: cdk.Stack) -> Iterator[Problem]:
    yield from wrong_flag("always_on", options.always_on)
    yield from wrong_topic("alarms_topic", options.alarms_topic)
    for name in ("load_balancer", "alarms_topic"):
        if getattr(options, name) is not None and not options.always_on:
            yield Problem(
                f"{name} goes with always_on=True, as a task that is started when somebody opens "
                f"it needs none: give that too, or leave {name} out and open the server by "
                "sagemaker-processing history open"
            )
    if options.load_balancer is not None:
        yield from wrong_load_balancer(options.load_balancer, stack, options.vpc)

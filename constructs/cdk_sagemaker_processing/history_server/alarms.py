"""What alarms when a History Server that is always on does not run, or does not show all."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_sagemaker_processing.history_server.listener import Listener

__all__ = ["alarms"]

_SERVICES = "AWS/ECS"
_OWN = "SparkHistoryServer"
_PERIOD_MINUTES = 5
_MEMORY_PERCENT = 90


def alarms(
    scope: Construct,
    *,
    cluster: str,
    service: str,
    family: str,
    log_group: logs.ILogGroup,
    listener: Listener | None,
    topic: sns.ITopic | None,
) -> tuple[cloudwatch.Alarm, ...]:
    """The alarms of a service.

    Args:
        scope: Where they are made.
        cluster: The name of the service's cluster.
        service: The service's name.
        family: The family of its task definition, which no other server has.
        log_group: Where its containers log.
        listener: The load balancer before it.
        topic: Who is told; nobody by default.
    """
    place = {"ClusterName": cluster, "ServiceName": service}
    made = [
        _not_running(scope, place),
        _memory(scope, place),
        _errors(scope, family, log_group),
        *([_unhealthy(scope, listener)] if listener else []),
    ]
    if topic:
        for one in made:
            one.add_alarm_action(actions.SnsAction(topic))
    return tuple(made)


def _not_running(scope: Construct, place: dict[str, str]) -> cloudwatch.Alarm:
    """Each running task gives one sample a minute, and none is no data.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
    """
    return _metric(_SERVICES, "CPUUtilization", "SampleCount", place).create_alarm(
        scope,
        "NotRunning",
        alarm_description=f"No task of the Spark History Server {scope.node.path} has run for 15 "
        "minutes: the events of its service and the last ENDED line of its log say why.",
        threshold=1,
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluation_periods=3,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )


def _memory(scope: Construct, place: dict[str, str]) -> cloudwatch.Alarm:
    return _metric(_SERVICES, "MemoryUtilization", "Average", place).create_alarm(
        scope,
        "MemoryHigh",
        alarm_description=f"The Spark History Server {scope.node.path} has used more than "
        f"{_MEMORY_PERCENT}% of its memory for 15 minutes: give it more, memory=.",
        threshold=_MEMORY_PERCENT,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=3,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _errors(scope: Construct, family: str, log_group: logs.ILogGroup) -> cloudwatch.Alarm:
    """What it cannot show, such as a denied prefix, the mirror says in a line that begins so."""
    logs.MetricFilter(
        scope,
        "Errors",
        log_group=log_group,
        metric_namespace=_OWN,
        metric_name=f"Errors-{family}",
        filter_pattern=logs.FilterPattern.literal("[level = ERROR, ...]"),
        metric_value="1",
    )
    return _metric(_OWN, f"Errors-{family}", "Sum", {}).create_alarm(
        scope,
        "EventLogsNotShown",
        alarm_description=f"The Spark History Server {scope.node.path} cannot show all event logs: "
        "the lines of its log that begin with ERROR say which, and why.",
        threshold=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _unhealthy(scope: Construct, listener: Listener) -> cloudwatch.Alarm:
    metric = listener.target_group.metrics.healthy_host_count(
        statistic="Minimum", period=cdk.Duration.minutes(_PERIOD_MINUTES)
    )
    return metric.create_alarm(
        scope,
        "NotHealthy",
        alarm_description=f"The load balancer has found no Spark History Server {scope.node.path} "
        "that answers for 15 minutes.",
        threshold=1,
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluation_periods=3,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )


def _metric(
    namespace: str, name: str, statistic: str, dimensions: dict[str, str]
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        dimensions_map=dimensions,
        period=cdk.Duration.minutes(_PERIOD_MINUTES),
    )

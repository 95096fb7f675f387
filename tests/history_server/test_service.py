"""A server that is always on: its service, what stands before it, what alarms."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.history_server.mirror.troubles import Troubles
from tests.history_server.servers import properties, resources, server, told
from tests.support import new_stack, resolved, template_of

NAME = "history.example.com"
URLS: dict[str, Any] = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "history",
}


def oidc(**options: Any) -> processing.HistoryOidc:
    """People log in somewhere."""
    secret = cdk.SecretValue.secrets_manager("client")
    return processing.HistoryOidc(**{**URLS, "client_secret": secret, **options})


def balancer(stack: cdk.Stack, **options: Any) -> processing.HistoryLoadBalancer:
    """A load balancer with the certificate that it must have."""
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", "arn:aws:acm:eu-west-1:111122223333:certificate/1"
    )
    return processing.HistoryLoadBalancer(
        **{"certificate": certificate, "domain_name": NAME, **options}
    )


def vpc_of(stack: cdk.Stack) -> ec2.Vpc:
    """A VPC of a user's, with subnets of every kind."""
    return ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)


def environment(stack: cdk.Stack) -> dict[str, str]:
    """The environment of both containers."""
    containers = properties(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    return {one["Name"]: one["Value"] for each in containers for one in each["Environment"]}


def test_it_is_a_service_of_one_task(stack: cdk.Stack) -> None:
    """Never of two, rolled back if it does not start, reached by the tunnel alone."""
    server(stack, always_on=True)

    assert properties(stack, "AWS::ECS::Service") == {
        "AvailabilityZoneRebalancing": "DISABLED",
        "Cluster": "<HistoryCluster88373996>",
        "DeploymentConfiguration": {
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            "MaximumPercent": 100,
            "MinimumHealthyPercent": 0,
        },
        "DesiredCount": 1,
        "EnableECSManagedTags": True,
        "EnableExecuteCommand": True,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "AssignPublicIp": "ENABLED",
                "SecurityGroups": ["<HistorySecurityGroup91DC7F1E>"],
                "Subnets": ["<HistoryVpcSubnet124A94E49>", "<HistoryVpcSubnet2CAEB7ECC>"],
            }
        },
        "PlatformVersion": "1.4.0",
        "PropagateTags": "SERVICE",
        "TaskDefinition": "<HistoryTaskA874461A>",
    }
    kinds = Counter(one["Type"] for one in template_of(stack)["Resources"].values())
    assert not [kind for kind in kinds if "LoadBalancing" in kind or "Ingress" in kind]


def test_it_starts_once_its_network_has_a_way_out(stack: cdk.Stack) -> None:
    """Else its images could not be pulled, and the deploy would fail for it now and then."""
    server(stack, always_on=True)

    (service,) = resources(stack, "AWS::ECS::Service").values()
    assert service["DependsOn"] == [
        "HistoryVpcSubnet1Routes4E20529E",
        "HistoryVpcSubnet2Routes438D3E28",
        "HistoryVpcWayOut69A67BD0",
    ]


def test_it_never_ends_for_want_of_visitors_or_of_youth(stack: cdk.Stack) -> None:
    """Whatever the times are: the service would start the next at once."""
    server(stack, always_on=True, idle_timeout=cdk.Duration.minutes(5))

    assert not {"HISTORY_IDLE_MINUTES", "HISTORY_MAX_MINUTES"} & set(environment(stack))
    output = json.loads(told(stack))
    assert output["service"] == "<HistoryServiceECEAEB65>"
    assert output["idleMinutes"] is None


def test_its_alarms_go_where_they_are_wanted(stack: cdk.Stack) -> None:
    """No task, no memory left, logs that are not shown."""
    topic = sns.Topic(stack, "Topic")
    made = server(stack, always_on=True, alarms_topic=topic)

    alarms = [
        resolved(stack, one["Properties"])
        for one in resources(stack, "AWS::CloudWatch::Alarm").values()
    ]
    assert len(made.alarms) == len(alarms) == 3
    service = [
        {"Name": "ClusterName", "Value": "<HistoryCluster88373996>"},
        {"Name": "ServiceName", "Value": "<HistoryServiceECEAEB65>"},
    ]
    for alarm in alarms:
        assert alarm.pop("AlarmActions") == ["<TopicBFC7AF6E>"]
        assert "Spark History Server Prod/History" in alarm.pop("AlarmDescription")
        assert alarm.pop("Period") == 300
    assert alarms == [
        {
            "ComparisonOperator": "LessThanThreshold",
            "Dimensions": service,
            "EvaluationPeriods": 3,
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/ECS",
            "Statistic": "SampleCount",
            "Threshold": 1,
            "TreatMissingData": "breaching",
        },
        {
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": service,
            "EvaluationPeriods": 3,
            "MetricName": "MemoryUtilization",
            "Namespace": "AWS/ECS",
            "Statistic": "Average",
            "Threshold": 90,
            "TreatMissingData": "notBreaching",
        },
        {
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": 1,
            "MetricName": f"Errors-{made.family}",
            "Namespace": "SparkHistoryServer",
            "Statistic": "Sum",
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
        },
    ]
    assert properties(stack, "AWS::Logs::MetricFilter") == {
        "FilterPattern": "[level = ERROR, ...]",
        "LogGroupName": "<HistoryLogCA27105B>",
        "MetricTransformations": [
            {
                "MetricName": f"Errors-{made.family}",
                "MetricNamespace": "SparkHistoryServer",
                "MetricValue": "1",
            }
        ],
    }


def test_what_the_mirror_cannot_show_is_what_alarms(stack: cdk.Stack) -> None:
    """It counts lines by their first word: those in which the mirror names what is wrong."""
    server(stack, always_on=True)
    lines: list[str] = []

    troubles = Troubles(lambda level, text: lines.append(f"{level} {text}"), lambda: 0)
    troubles.are({"s3://a/": "denied"})

    pattern = properties(stack, "AWS::Logs::MetricFilter")["FilterPattern"]
    assert [f"[level = {line.split()[0]}, ...]" for line in lines] == [pattern]


def test_the_alarm_stays_on_while_it_lasts(stack: cdk.Stack) -> None:
    """Each of its periods has a line, whenever it began, and none has more than two."""
    server(stack, always_on=True)
    (alarm,) = (
        one["Properties"]
        for one in resources(stack, "AWS::CloudWatch::Alarm").values()
        if one["Properties"].get("MetricName", "").startswith("Errors-")
    )
    period = int(alarm["Period"])
    for begins in range(0, period, 7):
        lines = [at // period for at in told_from(begins, begins + 24 * period)]
        assert set(lines) >= set(range(24))
        assert all(lines.count(one) <= 2 for one in lines)


def told_from(begins: int, ends: int) -> list[int]:
    """When the mirror tells of a trouble that lasts, where it looks every ten seconds."""
    told: list[int] = []
    now = begins

    def tell(*_: str) -> None:
        told.append(now)

    troubles = Troubles(tell, lambda: now)
    for at in range(begins, ends, 10):
        now = at
        troubles.are({"s3://a/": "denied"})
    return told


def test_alarms_need_nobody_to_tell(stack: cdk.Stack) -> None:
    """They are seen in the console as well."""
    server(stack, always_on=True)

    alarms = resources(stack, "AWS::CloudWatch::Alarm").values()
    assert len(alarms) == 3
    assert all("AlarmActions" not in one["Properties"] for one in alarms)


def test_a_load_balancer_is_internal_and_takes_https_alone(stack: cdk.Stack) -> None:
    """From the VPC's own addresses, by TLS 1.2 and 1.3, and of it alone the task takes anything."""
    made = server(stack, always_on=True, vpc=vpc_of(stack), load_balancer=balancer(stack))

    assert made.load_balancer is not None
    balanced = properties(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balanced["LoadBalancerAttributes"]}
    assert balanced["Scheme"] == "internal"
    assert attributes == {
        "deletion_protection.enabled": "false",
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }
    assert properties(stack, "AWS::ElasticLoadBalancingV2::Listener") == {
        "Certificates": [{"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1"}],
        "DefaultActions": [
            {"TargetGroupArn": "<HistoryLoadBalancerServers000053C3>", "Type": "forward"}
        ],
        "LoadBalancerArn": "<HistoryLoadBalancer9FF3E209>",
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    }
    target = properties(stack, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert target["HealthCheckPath"] == "/api/v1/version"
    assert (target["Port"], target["Protocol"], target["TargetType"]) == (18080, "HTTP", "ip")
    (way_in,) = [
        resolved(stack, one["Properties"])
        for one in resources(stack, "AWS::EC2::SecurityGroupIngress").values()
    ]
    assert way_in == {
        "Description": "from the load balancer",
        "FromPort": 18080,
        "GroupId": "<HistorySecurityGroup91DC7F1E>",
        "IpProtocol": "tcp",
        "SourceSecurityGroupId": "<HistoryLoadBalancerSecurityGroupEB489B41>",
        "ToPort": 18080,
    }
    groups = resources(stack, "AWS::EC2::SecurityGroup")
    outer = resolved(stack, groups["HistoryLoadBalancerSecurityGroupEB489B41"]["Properties"])
    assert outer["SecurityGroupIngress"] == [
        {
            "CidrIp": "<Vpc8378EB38>",
            "Description": "to the Spark History Server",
            "FromPort": 443,
            "IpProtocol": "tcp",
            "ToPort": 443,
        }
    ]


def test_behind_a_load_balancer_spark_knows_its_address(stack: cdk.Stack) -> None:
    """It listens beyond the task, its redirects name https, the service is registered there."""
    server(stack, always_on=True, vpc=vpc_of(stack), load_balancer=balancer(stack))

    found = environment(stack)
    assert f"spark.ui.proxyRedirectUri=https://{NAME}" in found["HISTORY_SERVER_CONF"]
    assert "SPARK_LOCAL_IP" not in found
    assert json.loads(told(stack))["url"] == f"https://{NAME}"
    (service,) = resources(stack, "AWS::ECS::Service").values()
    assert service["DependsOn"] == ["HistoryLoadBalancerHttpsF32F898E"]
    assert service["Properties"]["HealthCheckGracePeriodSeconds"] == 120
    assert resolved(stack, service["Properties"]["LoadBalancers"]) == [
        {
            "ContainerName": "server",
            "ContainerPort": 18080,
            "TargetGroupArn": "<HistoryLoadBalancerServers000053C3>",
        }
    ]


def test_a_load_balancer_that_finds_no_server_alarms(stack: cdk.Stack) -> None:
    """Beside the alarms that every service has."""
    made = server(stack, always_on=True, vpc=vpc_of(stack), load_balancer=balancer(stack))

    assert [one.node.id for one in made.alarms] == [
        "NotRunning",
        "MemoryHigh",
        "EventLogsNotShown",
        "NotHealthy",
    ]
    alarm = [
        one["Properties"]
        for one in resources(stack, "AWS::CloudWatch::Alarm").values()
        if one["Properties"]["MetricName"] == "HealthyHostCount"
    ]
    assert [(one["Threshold"], one["TreatMissingData"]) for one in alarm] == [(1, "breaching")]


def test_who_may_connect_may_be_said(stack: cdk.Stack) -> None:
    """Of those that are named, no others."""
    allowed = [ec2.Peer.ipv4("10.20.0.0/16"), ec2.Peer.ipv4("10.30.0.0/16")]
    server(
        stack,
        always_on=True,
        vpc=vpc_of(stack),
        load_balancer=balancer(stack, allowed=allowed, deletion_protection=True),
    )

    groups = resources(stack, "AWS::EC2::SecurityGroup").values()
    rules = [
        rule["CidrIp"]
        for one in groups
        for rule in one["Properties"].get("SecurityGroupIngress", ())
    ]
    assert rules == ["10.20.0.0/16", "10.30.0.0/16"]
    balanced = properties(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert {"Key": "deletion_protection.enabled", "Value": "true"} in balanced[
        "LoadBalancerAttributes"
    ]


def test_requests_may_be_logged(stack: cdk.Stack) -> None:
    """In a bucket of the user's."""
    bucket = s3.Bucket(stack, "Requests")
    given = balancer(stack, access_logs_bucket=bucket)
    server(stack, always_on=True, vpc=vpc_of(stack), load_balancer=given)

    balanced = properties(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balanced["LoadBalancerAttributes"]}
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.prefix"] == "Prod/History"


def test_people_may_log_in_by_openid_connect(stack: cdk.Stack) -> None:
    """Before anything reaches the server; the secret is not in the template."""
    given = balancer(
        stack, authentication=oidc(session_timeout=cdk.Duration.hours(8)), internet_facing=True
    )
    server(stack, always_on=True, load_balancer=given)

    listener = properties(stack, "AWS::ElasticLoadBalancingV2::Listener")
    log_in, forward = listener["DefaultActions"]
    assert forward["Type"] == "forward"
    assert log_in["AuthenticateOidcConfig"] == {
        "AuthorizationEndpoint": "https://login.example.com/authorize",
        "ClientId": "history",
        "ClientSecret": "{{resolve:secretsmanager:client:SecretString:::}}",
        "Issuer": "https://login.example.com",
        "SessionTimeout": "28800",
        "TokenEndpoint": "https://login.example.com/token",
        "UserInfoEndpoint": "https://login.example.com/userinfo",
    }
    balanced = properties(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balanced["Scheme"] == "internet-facing"
    assert balanced["Subnets"] == ["<HistoryVpcSubnet124A94E49>", "<HistoryVpcSubnet2CAEB7ECC>"]


def test_people_may_log_in_by_cognito(stack: cdk.Stack) -> None:
    """At a user pool of the app's."""
    pool = cognito.UserPool(stack, "Pool")
    given = processing.HistoryCognito(
        user_pool=pool,
        user_pool_client=pool.add_client("Client", generate_secret=True),
        user_pool_domain=pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix="history")
        ),
    )
    server(
        stack,
        always_on=True,
        vpc=vpc_of(stack),
        load_balancer=balancer(stack, authentication=given),
    )

    listener = properties(stack, "AWS::ElasticLoadBalancingV2::Listener")
    assert [one["Type"] for one in listener["DefaultActions"]] == [
        "authenticate-cognito",
        "forward",
    ]


def problems(stack: cdk.Stack, **options: Any) -> list[str]:
    """What is wrong with a server."""
    with pytest.raises(processing.ValidationError) as error:
        server(stack, **options)
    return [one.text for one in error.value.problems]


def test_nobody_sees_it_from_outside_without_logging_in(stack: cdk.Stack) -> None:
    """The refusal says what to do instead."""
    given = balancer(stack, internet_facing=True)

    assert problems(stack, always_on=True, load_balancer=given) == [
        (
            "load_balancer: an internet-facing load balancer without authentication shows every "
            "job's code, settings and environment to anybody: give it "
            "authentication=processing.HistoryOidc(...) or processing.HistoryCognito(...), make it "
            "internal, internet_facing=False, or leave load_balancer out and open the server by a "
            "tunnel: sagemaker-processing history open"
        )
    ]


def test_a_load_balancer_that_nobody_reaches_is_refused(stack: cdk.Stack) -> None:
    """The server's own VPC is connected to nothing."""
    (found,) = problems(stack, always_on=True, load_balancer=balancer(stack))

    assert found.startswith(
        "load_balancer: an internal load balancer in a VPC of the server's own is reached by nobody"
    )


def test_a_load_balancer_goes_with_a_service(stack: cdk.Stack) -> None:
    """A task on demand is not there for it."""
    given = balancer(stack)

    (found,) = problems(stack, vpc=vpc_of(stack), load_balancer=given)
    assert found.startswith("load_balancer goes with always_on=True, as a task that is started")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domain_name": "https://h.example.com"}, "load_balancer.domain_name must be a name"),
        ({"domain_name": ""}, "load_balancer.domain_name must be a name"),
        ({"authentication": "oidc"}, "must be a processing.HistoryOidc or a processing."),
        (
            {"authentication": oidc(issuer="http://login.example.com")},
            "load_balancer.authentication.issuer must be an https:// URL, got 'http://login",
        ),
        (
            {"authentication": oidc(client_secret="hunter2")},  # noqa: S106 # refused
            "client_secret must be a cdk.SecretValue, got a str, which the template would show",
        ),
    ],
    ids=["url", "no name", "kind", "http", "secret"],
)
def test_a_load_balancer_that_could_not_work_is_refused(
    stack: cdk.Stack, options: dict[str, Any], words: str
) -> None:
    """And no secret is told in the refusal."""
    given = balancer(stack, **options)
    (found,) = problems(stack, always_on=True, vpc=vpc_of(stack), load_balancer=given)

    assert words in found
    assert "hunter2" not in found


def test_a_domain_name_may_be_known_only_at_deploy(stack: cdk.Stack) -> None:
    """As that of a hosted zone of the app's is."""
    name = cdk.CfnParameter(stack, "Name").value_as_string
    server(
        stack,
        always_on=True,
        vpc=vpc_of(stack),
        load_balancer=balancer(stack, domain_name=name),
    )

    assert json.loads(told(stack))["url"] == "https://<Name>"


def test_logged_requests_need_a_region(tmp_path: Path) -> None:
    """Which account writes them differs by region."""
    stack = new_stack(tmp_path, environment=None)
    given = balancer(stack, access_logs_bucket=s3.Bucket(stack, "Requests"))

    (found,) = problems(stack, always_on=True, vpc=vpc_of(stack), load_balancer=given)
    assert found.startswith("load_balancer.access_logs_bucket: which account writes these logs")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "say who may connect, allowed=[ec2.Peer.ipv4(...)]"),
        (
            {"internet_facing": True, "authentication": oidc()},
            "has no public subnet for an internet-facing load balancer: give another vpc",
        ),
    ],
    ids=["internal", "internet-facing"],
)
def test_a_vpc_may_be_too_little_known(
    stack: cdk.Stack, options: dict[str, Any], words: str
) -> None:
    """One imported by its ids may know neither its range nor public subnets."""
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["a", "b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
        private_subnet_route_table_ids=["rtb-1", "rtb-2"],
    )
    given = balancer(stack, **options)

    (found,) = problems(stack, always_on=True, vpc=vpc, load_balancer=given)
    assert words in found

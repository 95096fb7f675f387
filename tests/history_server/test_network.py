"""The network that a task is in."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

import cdk_sagemaker_processing as processing
from tests.history_server.servers import LOGS, properties, resources, server, told
from tests.support import new_stack, resolved, template_of

HERE = "<AWS::Region>:<AWS::AccountId>"


def vpc_of(stack: cdk.Stack, *types: ec2.SubnetType, **options: Any) -> ec2.Vpc:
    """A VPC of a user's, with subnets of these types."""
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=1 if ec2.SubnetType.PRIVATE_WITH_EGRESS in types else 0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=one.value, subnet_type=one) for one in types
        ],
        **options,
    )


def ids(stack: cdk.Stack, subnets: list[ec2.ISubnet]) -> list[str]:
    """The ids of subnets as `told` shows them."""
    return [resolved(stack, one.subnet_id) for one in subnets]


def test_its_own_vpc_has_a_way_out_and_none_in(stack: cdk.Stack) -> None:
    """Two public subnets without public addresses of their own, and HTTPS to anywhere."""
    server(stack)

    assert [
        resolved(stack, one["Properties"]) for one in resources(stack, "AWS::EC2::Subnet").values()
    ] == [
        {
            "AvailabilityZone": "<0>",
            "CidrBlock": "10.0.0.0/27",
            "MapPublicIpOnLaunch": False,
            "Tags": [{"Key": "Name", "Value": "Prod/History/Vpc"}],
            "VpcId": "<HistoryVpc8BE20A54>",
        },
        {
            "AvailabilityZone": "<1>",
            "CidrBlock": "10.0.0.32/27",
            "MapPublicIpOnLaunch": False,
            "Tags": [{"Key": "Name", "Value": "Prod/History/Vpc"}],
            "VpcId": "<HistoryVpc8BE20A54>",
        },
    ]
    assert properties(stack, "AWS::EC2::Route") == {
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": "<HistoryVpcGatewayCB433D57>",
        "RouteTableId": "<HistoryVpcRoutes9952114E>",
    }
    assert properties(stack, "AWS::EC2::SecurityGroup") == {
        "GroupDescription": "Spark History Server: no way in, HTTPS out",
        "SecurityGroupEgress": [
            {
                "CidrIp": "0.0.0.0/0",
                "Description": "S3, registries, logs, tunnel",
                "FromPort": 443,
                "IpProtocol": "tcp",
                "ToPort": 443,
            }
        ],
        "VpcId": "<HistoryVpc8BE20A54>",
    }


def test_its_zones_are_those_of_the_region_of_the_deploy(tmp_path: Path) -> None:
    """No stack needs to know them."""
    stack = new_stack(tmp_path)
    server(stack)

    zones = [
        one["Properties"]["AvailabilityZone"]
        for one in resources(stack, "AWS::EC2::Subnet").values()
    ]
    assert zones == [{"Fn::Select": [at, {"Fn::GetAZs": ""}]} for at in (0, 1)]


def test_s3_is_near_and_nothing_is_written_through_it(stack: cdk.Stack) -> None:
    """A gateway endpoint, which costs nothing."""
    server(stack)

    assert properties(stack, "AWS::EC2::VPCEndpoint") == {
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": ["s3:GetObject", "s3:ListBucket"],
                    "Resource": "*",
                }
            ],
        },
        "RouteTableIds": ["<HistoryVpcRoutes9952114E>"],
        "ServiceName": "com.amazonaws.<AWS::Region>.s3",
        "VpcEndpointType": "Gateway",
        "VpcId": "<HistoryVpc8BE20A54>",
    }


def test_its_traffic_is_logged(stack: cdk.Stack) -> None:
    """By a role that may write this log, and that flow logs of this account alone may take."""
    server(stack)

    assert properties(stack, "AWS::EC2::FlowLog") == {
        "DeliverLogsPermissionArn": "<HistoryVpcFlowLogRoleB19F4495>",
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": "<HistoryFlowLog791B49A4>",
        "MaxAggregationInterval": 600,
        "ResourceId": "<HistoryVpc8BE20A54>",
        "ResourceType": "VPC",
        "TrafficType": "ALL",
    }
    role = resources(stack, "AWS::IAM::Role")["HistoryVpcFlowLogRoleB19F4495"]["Properties"]
    assert resolved(stack, role["AssumeRolePolicyDocument"]["Statement"]) == [
        {
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"arn:<AWS::Partition>:ec2:{HERE}:vpc-flow-log/*"},
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
            },
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        }
    ]
    assert resolved(stack, role["Policies"][0]["PolicyDocument"]["Statement"]) == [
        {
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Effect": "Allow",
            "Resource": "<HistoryFlowLog791B49A4>",
        }
    ]


PUBLIC, PRIVATE = ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_WITH_EGRESS
ISOLATED = ec2.SubnetType.PRIVATE_ISOLATED


def test_in_a_users_vpc_it_is_in_private_subnets(stack: cdk.Stack) -> None:
    """They have a way out, so the task gets no public address, and no VPC is made."""
    vpc = vpc_of(stack, PUBLIC, PRIVATE)
    server(stack, vpc=vpc)

    output = told(stack)
    assert all(one in output for one in ids(stack, vpc.private_subnets))
    assert not any(one in output for one in ids(stack, vpc.public_subnets))
    assert '"assignPublicIp": "DISABLED"' in output
    assert len(resources(stack, "AWS::EC2::VPC")) == 1
    assert not resources(stack, "AWS::EC2::VPCEndpoint")
    assert len(resources(stack, "AWS::Logs::LogGroup")) == 1


def test_without_private_subnets_it_is_in_public_ones(stack: cdk.Stack) -> None:
    """With a public address, by which nothing comes in."""
    vpc = vpc_of(stack, PUBLIC, ISOLATED)
    server(stack, vpc=vpc)

    output = told(stack)
    assert all(one in output for one in ids(stack, vpc.public_subnets))
    assert '"assignPublicIp": "ENABLED"' in output


@pytest.mark.parametrize(
    ("chosen", "address"), [(PUBLIC, "ENABLED"), (ISOLATED, "DISABLED")], ids=["public", "isolated"]
)
def test_it_is_in_the_subnets_that_are_chosen(
    stack: cdk.Stack, chosen: ec2.SubnetType, address: str
) -> None:
    """Isolated ones too, as interface endpoints may be there."""
    vpc = vpc_of(stack, PUBLIC, PRIVATE, ISOLATED)
    selection = ec2.SubnetSelection(subnet_type=chosen)
    server(stack, vpc=vpc, subnets=selection)

    output = told(stack)
    found = vpc.select_subnets(subnet_type=chosen).subnet_ids
    assert all(resolved(stack, one) in output for one in found)
    assert f'"assignPublicIp": "{address}"' in output


def test_security_groups_may_be_the_users(stack: cdk.Stack) -> None:
    """Then none is made, and theirs are not touched."""
    vpc = vpc_of(stack, PUBLIC)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    made = server(stack, vpc=vpc, security_groups=[group])

    assert list(resources(stack, "AWS::EC2::SecurityGroup")) == ["GroupC77FDACD"]
    assert made.connections.security_groups == [group]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"vpc": "vpc-1"},
            "vpc must be an ec2.IVpc, got 'vpc-1': write ec2.Vpc.from_lookup(...)",
        ),
        (
            {"subnets": ec2.SubnetSelection(subnet_type=PUBLIC)},
            "subnets goes with a vpc: give the vpc too, or leave subnets out",
        ),
        (
            {"security_groups": ["sg-1"]},
            "security_groups goes with a vpc: give the vpc too, or leave security_groups out",
        ),
    ],
    ids=["id", "subnets", "groups"],
)
def test_a_network_that_does_not_fit_is_refused(
    stack: cdk.Stack, options: dict[str, Any], words: str
) -> None:
    """With the way out."""
    with pytest.raises(processing.ValidationError) as error:
        server(stack, **options)

    assert str(error.value) == f"Prod/History (SparkHistoryServer): {words}"


@pytest.mark.parametrize(
    ("subnets", "words"),
    [
        (None, "has neither private subnets with a way out nor public ones: a task must reach"),
        (
            ec2.SubnetSelection(subnet_type=PUBLIC),
            "There are no 'Public' subnet groups in this VPC.",
        ),
        ("subnet-1", "subnets must be an ec2.SubnetSelection, got 'subnet-1'"),
        (
            ec2.SubnetSelection(availability_zones=["eu-west-9z"], subnet_type=ISOLATED),
            "subnets: the VPC 'Prod/Vpc' has no such subnet",
        ),
    ],
    ids=["none", "type", "id", "empty"],
)
def test_a_vpc_without_such_subnets_is_refused(
    stack: cdk.Stack, subnets: object, words: str
) -> None:
    """A task that cannot reach S3 would start and show nothing."""
    vpc = vpc_of(stack, ISOLATED)
    with pytest.raises(processing.ValidationError) as error:
        server(stack, vpc=vpc, subnets=subnets)

    assert words in str(error.value)


def test_nothing_comes_in_by_any_rule(stack: cdk.Stack) -> None:
    """No rule of a security group names a way in, in it or beside it."""
    server(stack)

    template = template_of(stack)["Resources"]
    groups = [one for one in template.values() if one["Type"] == "AWS::EC2::SecurityGroup"]
    assert all("SecurityGroupIngress" not in one["Properties"] for one in groups)
    assert not [one for one in template.values() if "Ingress" in one["Type"]]


def test_subnets_may_be_a_list_known_only_at_deploy(stack: cdk.Stack) -> None:
    """As another stack's export has them, or a parameter; the output is JSON of all of them."""
    subnets = cdk.Fn.split(",", cdk.Fn.import_value("subnets"))
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Given",
        vpc_id="vpc-1",
        availability_zones=cdk.Fn.get_azs(),
        private_subnet_ids=subnets,
    )
    server(stack, vpc=vpc, always_on=True)

    (service,) = resources(stack, "AWS::ECS::Service").values()
    network = service["Properties"]["NetworkConfiguration"]
    exported = {"Fn::Split": [",", {"Fn::ImportValue": "subnets"}]}
    assert network["AwsvpcConfiguration"]["Subnets"] == exported
    (value,) = (one["Value"] for one in template_of(stack)["Outputs"].values())
    assert {"Fn::Join": ['", "', exported]} in value["Fn::Join"][1]


def test_the_name_of_the_vpc_is_no_longer_than_a_tag_may_be(stack: cdk.Stack) -> None:
    """Below the stages of a pipeline, paths are long: their end tells more than their beginning."""
    deep: Construct = stack
    for number in range(10):
        deep = Construct(deep, f"{number}{'x' * 30}")
    processing.SparkHistoryServer(deep, "History", event_logs=LOGS)

    (name,) = properties(stack, "AWS::EC2::VPC")["Tags"]
    assert name["Value"].endswith("/History/Vpc")
    assert len(name["Value"]) == 256

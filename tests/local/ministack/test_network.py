"""A VPC as the CDK synthesizes it, in the local AWS."""

from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.local.ministack.test_stacks import Stack

pytestmark = pytest.mark.local_cloud


def template(port: int, **gateway: str) -> dict[str, Any]:
    """A VPC with a group whose members reach each other, and a NAT gateway with its address."""
    group = {"Fn::GetAtt": ["Group", "GroupId"]}
    rule = {"GroupId": group, "IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    tags = [{"Key": "stage", "Value": gateway["stage"]}] if gateway else []
    return {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.1.0.0/24"},
            },
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "jobs", "VpcId": {"Ref": "Vpc"}},
            },
            "Within": {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": rule | {"SourceSecurityGroupId": group},
            },
            "Out": {
                "Type": "AWS::EC2::SecurityGroupEgress",
                "Properties": rule | {"CidrIp": "10.0.0.0/8"},
            },
            "Watched": {
                "Type": "AWS::EC2::FlowLog",
                "Properties": {
                    "ResourceId": {"Ref": "Vpc"},
                    "ResourceType": "VPC",
                    "TrafficType": "REJECT",
                    "LogDestinationType": "cloud-watch-logs",
                    "LogGroupName": "flows",
                    "Tags": tags,
                },
            },
            "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc", "Tags": tags}},
            "Closed": {
                "Type": "Custom::VpcRestrictDefaultSG",
                "Properties": {
                    "ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:none",
                    "DefaultSecurityGroupId": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]},
                    "Account": {"Ref": "AWS::AccountId"},
                },
            },
            "Gateway": {
                "Type": "AWS::EC2::NatGateway",
                "Properties": {
                    "SubnetId": {"Ref": "Subnet"},
                    "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
                    "Tags": tags,
                },
            },
        },
        "Outputs": {
            "Block": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}},
            "Group": {"Value": group},
            "FlowLog": {"Value": {"Ref": "Watched"}},
            "PublicIp": {"Value": {"Ref": "Address"}},
            "Allocation": {"Value": {"Fn::GetAtt": ["Address", "AllocationId"]}},
            "Gateway": {"Value": {"Ref": "Gateway"}},
            "Default": {"Value": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}},
        },
    }


def test_a_vpc_is_deployed_changed_and_deleted(cloud: Any) -> None:
    """Rules follow the template; gateway, address and flow log stay and go with the stack."""
    stack, ec2 = Stack(cloud), cloud.client("ec2")
    outputs = stack.deploy(template(443))
    assert outputs["Block"] == "10.1.0.0/16"
    (address,) = ec2.describe_addresses(AllocationIds=[outputs["Allocation"]])["Addresses"]
    assert address["PublicIp"] == outputs["PublicIp"]
    assert ports(ec2, outputs["Group"]) == ([443], [443])
    (default,) = ec2.describe_security_groups(GroupIds=[outputs["Default"]])["SecurityGroups"]
    assert default["IpPermissions"] == default["IpPermissionsEgress"] == []

    assert stack.deploy(template(80, stage="test")) == outputs
    assert ports(ec2, outputs["Group"]) == ([80], [80])
    (gateway,) = gateways(ec2, outputs)
    assert gateway["State"] == "available"
    assert gateway["Tags"] == [{"Key": "stage", "Value": "test"}]
    (flow_log,) = ec2.describe_flow_logs(FlowLogIds=[outputs["FlowLog"]])["FlowLogs"]
    assert (flow_log["TrafficType"], flow_log["LogDestination"]) == ("REJECT", "flows")
    assert flow_log["Tags"] == gateway["Tags"]

    stack.client.delete_stack(StackName=stack.name)
    stack.client.get_waiter("stack_delete_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1}
    )
    assert [one["State"] for one in gateways(ec2, outputs)] in ([], ["deleted"])
    known = [one["AllocationId"] for one in ec2.describe_addresses()["Addresses"]]
    assert outputs["Allocation"] not in known
    assert ec2.describe_flow_logs(FlowLogIds=[outputs["FlowLog"]])["FlowLogs"] == []


def test_what_was_removed_by_hand_does_not_hinder(cloud: Any) -> None:
    """A stack goes though a rule and an address of it are gone."""
    stack, ec2 = Stack(cloud), cloud.client("ec2")
    outputs = stack.deploy(template(443))
    (group,) = ec2.describe_security_groups(GroupIds=[outputs["Group"]])["SecurityGroups"]
    ec2.revoke_security_group_egress(
        GroupId=outputs["Group"], IpPermissions=group["IpPermissionsEgress"]
    )
    assert ports(ec2, outputs["Group"]) == ([443], [])
    ec2.release_address(AllocationId=outputs["Allocation"])

    stack.client.delete_stack(StackName=stack.name)
    stack.client.get_waiter("stack_delete_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1}
    )
    assert [one["State"] for one in gateways(ec2, outputs)] in ([], ["deleted"])


def test_a_flow_log_that_notes_other_traffic_is_another(cloud: Any) -> None:
    """EC2 changes none."""
    stack, ec2 = Stack(cloud), cloud.client("ec2")
    body = template(443)
    before = stack.deploy(body)
    body["Resources"]["Watched"]["Properties"]["TrafficType"] = "ALL"
    after = stack.deploy(body)
    assert after["FlowLog"] != before["FlowLog"]
    (flow_log,) = ec2.describe_flow_logs(FlowLogIds=[after["FlowLog"]])["FlowLogs"]
    assert flow_log["TrafficType"] == "ALL"
    assert ec2.describe_flow_logs(FlowLogIds=[before["FlowLog"]])["FlowLogs"] == []


def test_a_rule_of_a_group_that_is_not_there_is_refused(cloud: Any) -> None:
    """By its name."""
    stack = Stack(cloud)
    rule = {"GroupId": "sg-none", "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1}
    wrong = {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": rule | {"CidrIp": "10.0.0.0/8"}}
    with pytest.raises(WaiterError):
        stack.deploy({"Resources": {"Wrong": wrong}})
    assert "The security group 'sg-none' does not exist" in "\n".join(stack.reasons())


def ports(ec2: Any, group: str) -> tuple[list[int], list[int]]:
    """The ports that a group lets in from its own members, and out to a network."""
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    inward = [one for one in found["IpPermissions"] if one["UserIdGroupPairs"]]
    assert all(one["UserIdGroupPairs"][0]["GroupId"] == group for one in inward)
    outward = [one for one in found["IpPermissionsEgress"] if one["IpProtocol"] == "tcp"]
    return [one["FromPort"] for one in inward], [one["FromPort"] for one in outward]


def gateways(ec2: Any, outputs: dict[str, str]) -> list[dict[str, Any]]:
    """The stack's NAT gateway."""
    found: list[dict[str, Any]] = ec2.describe_nat_gateways()["NatGateways"]
    return [one for one in found if one["NatGatewayId"] == outputs["Gateway"]]

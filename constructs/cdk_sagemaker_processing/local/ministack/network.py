"""The resources of a VPC that MiniStack's CloudFormation lacks, so that a step in a VPC deploys.

Rules of security groups that stand by themselves, which the CDK writes where a group refers to
itself; NAT gateways and their addresses, which its default VPC has; flow logs; the VPC's own
CidrBlock; and the CDK's resource that closes a VPC's default group, whose function needs the AWS
SDK for Node.
Nothing here carries traffic: a job's network is that of this machine, or none.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

_Properties = Mapping[str, Any]
_Made = tuple[str, dict[str, Any]]

_VPC = "AWS::EC2::VPC"
_CLOSED_GROUP = "Custom::VpcRestrictDefaultSG"
_OF_FLOW_LOG = (
    "LogDestination",
    "LogDestinationType",
    "LogGroupName",
    "ResourceId",
    "ResourceType",
    "TrafficType",
)
_RULES = {
    "AWS::EC2::SecurityGroupIngress": "IpPermissions",
    "AWS::EC2::SecurityGroupEgress": "IpPermissionsEgress",
}


def install() -> None:
    """Let stacks have the resources of a VPC."""
    handlers = provisioners._RESOURCE_HANDLERS
    for kind, store in _RULES.items():
        handlers[kind] = _rule_handlers(store)
    handlers["AWS::EC2::EIP"] = {
        "create": _create_address,
        "update": _kept(_address_of),
        "delete": _delete_address,
    }
    handlers["AWS::EC2::NatGateway"] = {
        "create": _create_gateway,
        "update": _kept(lambda identity: (identity, {"NatGatewayId": identity})),
        "delete": _delete_gateway,
    }
    handlers["AWS::EC2::FlowLog"] = {
        "create": _create_flow_log,
        "update": _update_flow_log,
        "delete": _delete_flow_log,
    }
    handlers[_CLOSED_GROUP] = {
        "create": lambda _logical_id, props, _stack_name: _close(props),
        "update": lambda _identity, _old, new, *_: _close(new),
        "delete": lambda *_: None,
    }
    vpc = handlers[_VPC]
    handlers[_VPC] = {
        **vpc,
        "create": _with_block(vpc["create"]),
        "update": _with_block(vpc["update"]),
    }


def _rule_handlers(store: str) -> dict[str, Callable[..., Any]]:
    def rules(props: _Properties) -> list[Any]:
        group = ec2._security_groups.get(props["GroupId"])
        found: list[Any] = group.setdefault(store, []) if group else []
        return found

    def create(logical_id: str, props: _Properties, stack_name: str) -> _Made:
        if props["GroupId"] not in ec2._security_groups:
            raise ValueError(f"The security group '{props['GroupId']}' does not exist")
        rules(props).extend(provisioners._ec2_sg_permissions([props]))
        return f"{stack_name}-{logical_id}", {"Id": f"{stack_name}-{logical_id}"}

    def delete(_identity: str, props: _Properties) -> None:
        for rule in provisioners._ec2_sg_permissions([props]):
            if rule in rules(props):
                rules(props).remove(rule)

    def update(
        identity: str, old: _Properties, new: _Properties, stack_name: str, *_: Any
    ) -> _Made:
        delete(identity, old)
        return create(identity.removeprefix(f"{stack_name}-"), new, stack_name)

    return {"create": create, "update": update, "delete": delete}


def _close(props: _Properties) -> _Made:
    identity = props["DefaultSecurityGroupId"]
    ec2._security_groups[identity] |= {store: [] for store in _RULES.values()}
    return f"default-security-group-{identity}", {}


def _create_address(_logical_id: str, props: _Properties, _stack_name: str) -> _Made:
    known = set(ec2._addresses)
    ec2._allocate_address({"Domain": [props.get("Domain", "vpc")]})
    (allocation,) = set(ec2._addresses) - known
    provisioners._ec2_apply_tags(allocation, props)
    return _address_of(ec2._addresses[allocation]["PublicIp"])


def _address_of(identity: str) -> _Made:
    allocation = _allocation(identity)
    return identity, {"PublicIp": identity, "AllocationId": allocation}


def _allocation(public_ip: str) -> str | None:
    found = (one for one, address in ec2._addresses.items() if address["PublicIp"] == public_ip)
    return next(found, None)


def _delete_address(identity: str, _props: _Properties) -> None:
    if allocation := _allocation(identity):
        ec2._release_address({"AllocationId": [allocation]})


def _create_gateway(_logical_id: str, props: _Properties, _stack_name: str) -> _Made:
    known = set(ec2._nat_gateways)
    names = ("SubnetId", "AllocationId", "ConnectivityType")
    ec2._create_nat_gateway({name: [props[name]] for name in names if name in props})
    (gateway,) = set(ec2._nat_gateways) - known
    provisioners._ec2_apply_tags(gateway, props)
    return gateway, {"NatGatewayId": gateway}


def _delete_gateway(identity: str, _props: _Properties) -> None:
    ec2._delete_nat_gateway({"NatGatewayId": [identity]})


def _create_flow_log(_logical_id: str, props: _Properties, _stack_name: str) -> _Made:
    known = set(ec2._flow_logs)
    given = {
        f"{name}.1" if name == "ResourceId" else name: [props[name]]
        for name in _OF_FLOW_LOG
        if name in props
    }
    ec2._create_flow_logs(given)
    (flow_log,) = set(ec2._flow_logs) - known
    provisioners._ec2_apply_tags(flow_log, props)
    return flow_log, {"Id": flow_log}


def _update_flow_log(
    identity: str, old: _Properties, new: _Properties, stack_name: str, *_: Any
) -> _Made:
    # All but its tags makes another: AWS::EC2::FlowLog, "Update requires".
    if any(old.get(name) != new.get(name) for name in _OF_FLOW_LOG):
        _delete_flow_log(identity, old)
        return _create_flow_log("", new, stack_name)
    provisioners._ec2_apply_tags(identity, new, old)
    return identity, {"Id": identity}


def _delete_flow_log(identity: str, _props: _Properties) -> None:
    ec2._delete_flow_logs({"FlowLogId.1": [identity]})


def _kept(described: Callable[[str], _Made]) -> Callable[..., _Made]:
    def update(identity: str, old: _Properties, new: _Properties, *_: Any) -> _Made:
        made = described(identity)
        provisioners._ec2_apply_tags(made[1].get("AllocationId", identity), new, old)
        return made

    return update


def _with_block(original: Callable[..., _Made]) -> Callable[..., _Made]:
    def provision(*arguments: Any) -> _Made:
        identity, attributes = original(*arguments)
        return identity, {**attributes, "CidrBlock": ec2._vpcs[identity]["CidrBlock"]}

    return provision

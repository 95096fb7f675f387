"""What a job's containers may reach."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, resolved, state_of, statements_of, template_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
OWN_GROUP = "<CleanSecurityGroup1ED1621D>"
PRIVATE = ["<VpcPrivateSubnet1Subnet536B997A>", "<VpcPrivateSubnet2Subnet3788AAA1>"]
PUBLIC = ["<VpcPublicSubnet1Subnet5C2D37C4>", "<VpcPublicSubnet2Subnet691E08A3>"]
JSONATA = sfn.QueryLanguage.JSONATA


def step_with(stack: cdk.Stack, name: str = "Clean", **options: Any) -> processing.ProcessingStep:
    """A step in a network."""
    return processing.ProcessingStep(stack, name, image_uri=IMAGE, **options)


def network_of(step: processing.ProcessingStep) -> Any:
    """The request's NetworkConfig, None if it has none."""
    return resolved(cdk.Stack.of(step), step.render_request()).get("NetworkConfig")


def made_vpc(stack: cdk.Stack, *kinds: ec2.SubnetType) -> ec2.Vpc:
    """A VPC with subnets of some kinds, with the CDK's own by default."""
    subnets = [ec2.SubnetConfiguration(name=one.name, subnet_type=one) for one in kinds]
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=0 if kinds else 1,
        subnet_configuration=subnets or None,
    )


def resources_of(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    """The properties of a stack's resources of a type."""
    return [
        resolved(stack, one["Properties"])
        for one in template_of(stack)["Resources"].values()
        if one["Type"] == kind
    ]


def test_a_vpc_alone_is_enough(stack: cdk.Stack) -> None:
    """Its private subnets, and a security group of the step's own."""
    assert network_of(step_with(stack, vpc=made_vpc(stack))) == {
        "VpcConfig": {"SecurityGroupIds": [OWN_GROUP], "Subnets": PRIVATE}
    }


def test_instances_of_a_job_reach_each_other_and_nobody_else_reaches_them(
    stack: cdk.Stack,
) -> None:
    """A distributed job needs it; outwards all is open, as in the CDK."""
    step_with(stack, vpc=made_vpc(stack), instance_count=2)

    assert resources_of(stack, "AWS::EC2::SecurityGroupIngress") == [
        {
            "Description": "between instances of a job",
            "GroupId": OWN_GROUP,
            "IpProtocol": "-1",
            "SourceSecurityGroupId": OWN_GROUP,
        }
    ]
    (group,) = resources_of(stack, "AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in group
    assert [one["CidrIp"] for one in group["SecurityGroupEgress"]] == ["0.0.0.0/0"]


@pytest.mark.parametrize(
    ("chosen", "subnets"),
    [
        (ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC), PUBLIC),
        ({"subnet_type": ec2.SubnetType.PUBLIC}, PUBLIC),
        (ec2.SubnetSelection(one_per_az=True), PRIVATE),
        (ec2.SubnetSelection(), PRIVATE),
        ({}, PRIVATE),
    ],
    ids=["selection", "mapping", "one each", "empty selection", "empty mapping"],
)
def test_subnets_are_chosen_as_in_the_cdk(
    stack: cdk.Stack, chosen: Any, subnets: list[str]
) -> None:
    """By a selection, or by its words as a mapping."""
    step = step_with(stack, vpc=made_vpc(stack), vpc_subnets=chosen)

    assert network_of(step)["VpcConfig"]["Subnets"] == subnets


def test_subnets_may_be_named_one_by_one(stack: cdk.Stack) -> None:
    """As constructs."""
    vpc = made_vpc(stack)
    chosen = ec2.SubnetSelection(subnets=vpc.private_subnets[:1])

    assert (
        network_of(step_with(stack, vpc=vpc, vpc_subnets=chosen))["VpcConfig"]["Subnets"]
        == (PRIVATE[:1])
    )


def test_isolated_subnets_are_taken_where_there_are_no_others(stack: cdk.Stack) -> None:
    """With endpoints for S3 and ECR a job needs no internet."""
    vpc = made_vpc(stack, ec2.SubnetType.PRIVATE_ISOLATED)

    assert len(network_of(step_with(stack, vpc=vpc))["VpcConfig"]["Subnets"]) == 2


def test_an_imported_vpc_is_joined_by_its_ids(stack: cdk.Stack) -> None:
    """Its subnets' ids may be the deploy's."""
    known = ec2.Vpc.from_vpc_attributes(
        stack,
        "Known",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
    )
    late = ec2.Vpc.from_vpc_attributes(
        stack,
        "Late",
        vpc_id=cdk.Fn.import_value("vpc"),
        availability_zones=["eu-west-1a"],
        private_subnet_ids=[cdk.Fn.import_value("subnet")],
    )

    found = [
        network_of(step_with(stack, f"Clean{at}", vpc=vpc))["VpcConfig"]["Subnets"]
        for at, vpc in enumerate((known, late))
    ]

    assert found == [["subnet-1", "subnet-2"], ["<subnet>"]]


def test_a_vpc_of_another_stack_is_joined(tmp_path: Path) -> None:
    """The security group is in the step's stack, so the VPC's waits for nothing of it."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    base, jobs = cdk.Stack(app, "Base"), cdk.Stack(app, "Jobs")
    step = step_with(jobs, vpc=made_vpc(base))
    machine_of(step)

    app.synth()

    assert network_of(step)["VpcConfig"]["SecurityGroupIds"] == [OWN_GROUP]
    assert [one.split(":")[0] for one in network_of(step)["VpcConfig"]["Subnets"]] == ["<Base"] * 2
    assert not resources_of(base, "AWS::EC2::SecurityGroup")


def test_security_groups_of_the_users_take_the_place_of_the_steps_own(stack: cdk.Stack) -> None:
    """Whether they are made here or imported."""
    vpc = made_vpc(stack)
    groups = [
        ec2.SecurityGroup(stack, "Jobs", vpc=vpc),
        ec2.SecurityGroup.from_security_group_id(stack, "Lake", "sg-1"),
    ]

    step = step_with(stack, vpc=vpc, security_groups=groups)

    assert network_of(step)["VpcConfig"]["SecurityGroupIds"] == ["<JobsDF1CC2D4>", "sg-1"]
    assert len(resources_of(stack, "AWS::EC2::SecurityGroup")) == 1


def test_steps_of_a_stack_have_security_groups_of_their_own(stack: cdk.Stack) -> None:
    """A way opened for one is none for the other."""
    vpc = made_vpc(stack)

    groups = [
        network_of(step_with(stack, name, vpc=vpc))["VpcConfig"]["SecurityGroupIds"]
        for name in ("A", "B")
    ]

    assert groups[0] != groups[1]


def test_ways_to_a_jobs_containers_are_opened_as_in_the_cdk(stack: cdk.Stack) -> None:
    """From either side."""
    vpc = made_vpc(stack)
    step = step_with(stack, vpc=vpc)
    base = ec2.SecurityGroup(stack, "Base", vpc=vpc)

    base.connections.allow_from(step.connections, ec2.Port.tcp(5432), "jobs read")
    step.connections.allow_from(base, ec2.Port.tcp(80))

    ways = {
        (one["GroupId"], one["SourceSecurityGroupId"], one.get("FromPort"))
        for one in resources_of(stack, "AWS::EC2::SecurityGroupIngress")
    }
    assert ways == {
        (OWN_GROUP, OWN_GROUP, None),
        ("<Base93336DB5>", OWN_GROUP, 5432),
        (OWN_GROUP, "<Base93336DB5>", 80),
    }


def test_a_step_in_no_vpc_has_no_ways(stack: cdk.Stack) -> None:
    """Nor has one whose groups are known by their ids only."""
    by_ids = {"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]}
    for at, options in enumerate(({}, by_ids)):
        step = step_with(stack, f"Clean{at}", **options)
        with pytest.raises(processing.ValidationError, match="no connections: give it a vpc"):
            _ = step.connections


@pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
def test_ids_are_taken_too(stack: cdk.Stack, language: sfn.QueryLanguage | None) -> None:
    """Each, or a whole list, may be known only at run time."""
    known = step_with(stack, "A", subnets=["subnet-1", "subnet-2"], security_group_ids=["sg-1"])
    late = step_with(
        stack,
        "B",
        subnets=processing.StateInput.texts("subnets"),
        security_group_ids=[processing.StateInput.text("group")],
    )
    members = "Parameters" if language is None else "Arguments"

    assert state_of(known, language)[members]["NetworkConfig"] == {
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    }
    assert state_of(late, language)[members]["NetworkConfig"] == {
        "VpcConfig": {
            "SecurityGroupIds.$": "States.Array($.group)",
            "Subnets.$": "$.subnets",
        }
        if language is None
        else {
            "SecurityGroupIds": ["{% $states.input.group %}"],
            "Subnets": "{% $states.input.subnets %}",
        }
    }


@pytest.mark.parametrize("by", ["vpc", "ids", "override"])
def test_a_job_in_a_vpc_may_make_its_network_interfaces(stack: cdk.Stack, by: str) -> None:
    """However the VPC came into the request."""
    vpc = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "vpc": lambda: {"vpc": made_vpc(stack)},
        "ids": lambda: {"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]},
        "override": lambda: {"request_overrides": {"NetworkConfig.VpcConfig": vpc}},
    }

    step_with(stack, **makers[by]())

    sids = [one.get("Sid") for one in statements_of(stack, "CleanRole")]
    assert "JoinSubnets" in sids


FLAGS: dict[str, tuple[Callable[[], Any], sfn.QueryLanguage | None, Any]] = {
    "True": (lambda: True, None, {"{}": True}),
    "False": (lambda: False, None, {"{}": False}),
    "JSONPath": (lambda: sfn.JsonPath.object_at("$.flag"), None, {"{}.$": "$.flag"}),
    "JSONata": (
        lambda: "{% $states.input.flag %}",
        JSONATA,
        {"{}": "{% $states.input.flag %}"},
    ),
}


@pytest.mark.parametrize("kind", FLAGS)
@pytest.mark.parametrize(
    ("argument", "member"),
    [
        ("enable_network_isolation", "EnableNetworkIsolation"),
        ("encrypt_inter_container_traffic", "EnableInterContainerTrafficEncryption"),
    ],
)
def test_a_flag_is_sent_as_it_is_given(
    stack: cdk.Stack, argument: str, member: str, kind: str
) -> None:
    """True, False or one of the run; nothing is sent where nothing is said."""
    make, language, sent = FLAGS[kind]
    state = state_of(step_with(stack, **{argument: make()}), language)

    config = (state.get("Parameters") or state["Arguments"])["NetworkConfig"]

    assert config == {name.format(member): value for name, value in sent.items()}


def test_nothing_is_said_of_the_network_of_one_instance(stack: cdk.Stack) -> None:
    """The service's own defaults hold where the user says nothing."""
    assert network_of(step_with(stack)) is None


COUNTS: dict[str, Callable[[cdk.Stack], Any]] = {
    "two": lambda _: 2,
    "a path": lambda _: sfn.JsonPath.number_at("$.count"),
    "JSONata": lambda _: "{% $states.input.count %}",
    "of the deploy": lambda stack: cdk.CfnParameter(stack, "N", type="Number").value_as_number,
}


@pytest.mark.parametrize("count", COUNTS)
def test_what_several_instances_send_each_other_is_encrypted(stack: cdk.Stack, count: str) -> None:
    """So it is where there may be several; False is the way out."""
    instances = COUNTS[count](stack)

    quiet = network_of(step_with(stack, "A", instance_count=instances))
    plain = network_of(
        step_with(stack, "B", instance_count=instances, encrypt_inter_container_traffic=False)
    )

    assert quiet == {"EnableInterContainerTrafficEncryption": True}
    assert plain == {"EnableInterContainerTrafficEncryption": False}


def test_an_override_of_the_count_overrides_nothing_else(stack: cdk.Stack) -> None:
    """Overrides come after all else, as they are written."""
    path = "ProcessingResources.ClusterConfig.InstanceCount"

    assert network_of(step_with(stack, request_overrides={path: 3})) is None


@pytest.mark.parametrize(
    "value", ["true", 1, sfn.JsonPath.string_at("$.flag")], ids=["text", "number", "path"]
)
def test_what_is_no_flag_is_refused(stack: cdk.Stack, value: Any) -> None:
    """The message says how a flag of the run is written."""
    with pytest.raises(
        processing.ValidationError,
        match=r"enable_network_isolation must be True or False, got .*sfn.JsonPath.object_at",
    ):
        step_with(stack, enable_network_isolation=value)


WRONG: dict[str, tuple[Callable[[cdk.Stack], dict[str, Any]], str]] = {
    "an id as a VPC": (lambda _: {"vpc": "vpc-1"}, r"vpc must be an ec2.IVpc.*from_lookup"),
    "a number as a VPC": (lambda _: {"vpc": 5}, r"vpc must be an ec2.IVpc, got 5: give an"),
    "ids as a selection": (
        lambda stack: {"vpc": made_vpc(stack), "vpc_subnets": ["subnet-1"]},
        r"vpc_subnets must be an ec2.SubnetSelection, got .*ids go to subnets",
    ),
    "an id as a group": (
        lambda stack: {"vpc": made_vpc(stack), "security_groups": ["sg-1"]},
        r"security_groups\[0\] must be an ec2.ISecurityGroup, got 'sg-1': ids go to",
    ),
    "a group outside a list": (
        lambda stack: {
            "vpc": made_vpc(stack),
            "security_groups": ec2.SecurityGroup.from_security_group_id(stack, "G", "sg-1"),
        },
        "security_groups must be a list",
    ),
    "a VPC and ids": (
        lambda stack: {"vpc": made_vpc(stack), "subnets": ["subnet-1"]},
        "vpc and subnets: give a vpc with vpc_subnets and security_groups, or subnets",
    ),
    "subnets alone": (
        lambda _: {"subnets": ["subnet-1"]},
        "subnets and security_group_ids go together",
    ),
    "group ids alone": (
        lambda _: {"security_group_ids": ["sg-1"]},
        "subnets and security_group_ids go together",
    ),
    "a selection of no VPC": (
        lambda _: {"vpc_subnets": ec2.SubnetSelection(one_per_az=True)},
        "vpc_subnets: give the vpc too",
    ),
    "groups of no VPC": (
        lambda stack: {
            "security_groups": [ec2.SecurityGroup.from_security_group_id(stack, "G", "sg-1")]
        },
        "security_groups: give the vpc too",
    ),
    "17 subnets": (
        lambda _: {
            "subnets": [f"subnet-{at}" for at in range(17)],
            "security_group_ids": ["sg-1"],
        },
        "subnets must be 1 to 16 items, got 17",
    ),
    "6 groups": (
        lambda stack: {
            "vpc": made_vpc(stack),
            "security_groups": [
                ec2.SecurityGroup.from_security_group_id(stack, f"G{at}", f"sg-{at}")
                for at in range(6)
            ],
        },
        "security_groups or security_group_ids must be 1 to 5 items, got 6",
    ),
    "a word that no selection has": (
        lambda stack: {"vpc": made_vpc(stack), "vpc_subnets": {"subnetType": "x"}},
        r"Prod/Clean \(ProcessingStep\): vpc_subnets.*subnetType",
    ),
    "a kind of subnet that there is not": (
        lambda stack: {
            "vpc": made_vpc(stack),
            "vpc_subnets": {"subnet_type": ec2.SubnetType.PRIVATE_ISOLATED},
        },
        r"Prod/Clean \(ProcessingStep\): vpc.*no 'Isolated' subnet groups",
    ),
    "a zone that there is not": (
        lambda stack: {
            "vpc": made_vpc(stack),
            "vpc_subnets": ec2.SubnetSelection(availability_zones=["eu-west-1z"]),
        },
        r"vpc_subnets",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_network_is_named_with_its_argument(stack: cdk.Stack, case: str) -> None:
    """The one that the user wrote."""
    make, words = WRONG[case]
    options = make(stack)

    with pytest.raises(processing.ValidationError, match=words):
        step_with(stack, **options)

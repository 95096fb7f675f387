"""Many steps within the limits of IAM, CloudFormation and Step Functions.

A hundred in one machine, and four hundred in nested stacks, by the app of docs/tasks/many-steps.md.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.docs.blocks import blocks_of
from tests.support import ENVIRONMENT

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_INLINE = 10_240
LONGEST_MANAGED = 6_144
LONGEST_TRUST = 2_048
MOST_MANAGED = 10
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
# The service's refusal says what it means by 1 MB: "Template may not exceed 1000000 bytes in size".
LARGEST_TEMPLATE = 1_000_000
MOST_RESOURCES = 500
MOST_IN_AN_OPERATION = 2_500
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
LARGEST_DEFINITION = 1_048_576

STEPS = 100
# The longest of what each can be.
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::StackName": "s" * 128,
    "AWS::URLSuffix": "amazonaws.com.cn",
}
REFS = {"AWS::S3::Bucket": "b" * 63, "AWS::IAM::Role": "r" * 64}
# What a nested stack is given or gives: names and ARNs of buckets and state machines.
PASSED = f"arn:aws-us-gov:states:ap-southeast-1:111122223333:stateMachine:{'m' * 80}"
ARNS = {
    "AWS::CloudFormation::Stack": PASSED,
    "AWS::IAM::Role": f"arn:aws-us-gov:iam::111122223333:role/{'r' * 64}",
    "AWS::Logs::LogGroup": f"arn:aws-us-gov:logs:ap-southeast-1:111122223333:{'l' * 512}:*",
    "AWS::S3::Bucket": f"arn:aws-us-gov:s3:::{'b' * 63}",
}


_FUNCTION = re.compile("Ref$|Fn::")


@dataclass(frozen=True)
class Template:
    """A stack's template, and what CloudFormation makes of its parts at their longest.

    Attributes:
        text: What the CDK wrote.
        resources: Its resources by their logical ids.
    """

    text: str
    resources: dict[str, Any]

    def of(self, kind: str) -> dict[str, Any]:
        """The properties of the resources of a type, with intrinsic functions filled in."""
        return {
            name: self._filled(one["Properties"])
            for name, one in self.resources.items()
            if one["Type"] == kind
        }

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and _FUNCTION.match(name := next(iter(value))):
            return self._called(name, value[name])
        return {key: self._filled(one) for key, one in value.items()}

    def _called(self, function: str, given: Any) -> str:
        if function == "Ref":
            if given in PSEUDO or given not in self.resources:
                return PSEUDO.get(given, PASSED)
            return REFS[self.resources[given]["Type"]]
        if function == "Fn::Sub":
            return re.sub(r"\$\{([^}!]+)\}", lambda one: self._called("Ref", one[1]), given)
        if function == "Fn::Join":
            return str(given[0]).join(map(self._filled, given[1]))
        if function == "Fn::FindInMap":
            # Accounts of images are all that is looked up.
            return PSEUDO["AWS::AccountId"]
        assert given[1].partition(".")[0] in ("Arn", "Outputs")
        return ARNS[self.resources[given[0]]["Type"]]


def size(policy: dict[str, Any]) -> int:
    """The characters that IAM counts, which white space is not among."""
    return len(re.sub(r"\s", "", json.dumps(policy)))


def pipeline(
    folder: Path,
    *,
    steps: int,
    minimize: bool = True,
    environment: cdk.Environment | None = None,
    shares_role: bool = False,
) -> Template:
    """A machine of that many steps, each with code of its own, that read one another's outputs."""
    context = {"@aws-cdk/aws-iam:minimizePolicies": minimize}
    app = cdk.App(outdir=str(folder / "cdk.out"), context=context)
    stack = cdk.Stack(app, "Nightly", env=environment)
    service = iam.ServicePrincipal("sagemaker.amazonaws.com")
    role = iam.Role(stack, "Jobs", assumed_by=service) if shares_role else None
    source = "s3://raw-data-of-111122223333/flights/"
    chain: sfn.Chain | processing.SKLearnStep | None = None
    for at in range(steps):
        code = folder / f"transform_{at}.py"
        code.write_text(f"print({at})\n")
        step = processing.SKLearnStep(
            stack,
            f"TransformRegion{at:03}",
            framework_version="1.2-1",
            code=code,
            inputs=[processing.ProcessingInput(source, input_name="flights")],
            outputs=[processing.ProcessingOutput("transformed")],
            arguments=["--day", processing.StateInput.text("day")],
            role=role,
        )
        source = step.output("transformed")
        chain = chain.next(step) if chain else step
    assert chain
    processing.ProcessingWorkflow(stack, "Flow", definition=chain)
    return read(Path(app.synth().get_stack_by_name("Nightly").template_full_path))


def read(file: Path) -> Template:
    """A template that was written."""
    text = file.read_text()
    return Template(text, json.loads(text)["Resources"])


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((minimize, environment), id=f"{how}-{where}")
        for minimize, how in ((True, "as cdk init"), (False, "without the flag"))
        for environment, where in ((None, "any region"), (ENVIRONMENT, "one region"))
    ],
)
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """100 steps, with and without the flag that cdk init sets, for any region and for one."""
    minimize, environment = request.param
    folder = tmp_path_factory.mktemp("many")
    return pipeline(folder, steps=STEPS, minimize=minimize, environment=environment)


def inline_sizes(template: Template) -> dict[str, int]:
    """The size of all inline policies of each role, those attached as resources among them."""
    sizes = Counter(
        {
            name: sum(size(one["PolicyDocument"]) for one in role.get("Policies", ()))
            for name, role in template.of("AWS::IAM::Role").items()
        }
    )
    for name, policy in template.of("AWS::IAM::Policy").items():
        for role in template.resources[name]["Properties"]["Roles"]:
            sizes[role["Ref"]] += size(policy["PolicyDocument"])
    return sizes


def managed_policies(template: Template) -> Counter[str]:
    """How many managed policies each role has."""
    return Counter(
        role["Ref"]
        for one in template.resources.values()
        if one["Type"] == "AWS::IAM::ManagedPolicy"
        for role in one["Properties"]["Roles"]
    )


def managed_sizes(template: Template) -> list[int]:
    """The size of each managed policy."""
    return [size(one["PolicyDocument"]) for one in template.of("AWS::IAM::ManagedPolicy").values()]


def test_every_inline_policy_is_within_its_limit(template: Template) -> None:
    """All of a role together, the CDK's default policy among them, at the longest of names."""
    sizes = inline_sizes(template)

    assert len(sizes) == STEPS + 1
    assert min(sizes.values()) > 0
    assert max(sizes.values()) <= LONGEST_INLINE


def test_every_managed_policy_is_within_its_limit(template: Template) -> None:
    """And no role has more than IAM attaches; the machine's alone has any."""
    (attached,) = managed_policies(template).values()

    assert max(managed_sizes(template)) <= LONGEST_MANAGED
    assert attached <= MOST_MANAGED


def test_every_trust_policy_is_within_its_limit(template: Template) -> None:
    """Who may take a role is a policy too."""
    trusts = [one["AssumeRolePolicyDocument"] for one in template.of("AWS::IAM::Role").values()]

    assert max(map(size, trusts)) <= LONGEST_TRUST


def test_the_template_and_the_definition_are_within_theirs(template: Template) -> None:
    """As the CDK writes them, indented."""
    (machine,) = template.of("AWS::StepFunctions::StateMachine").values()

    assert len(json.loads(machine["DefinitionString"])["States"]) == STEPS
    assert len(machine["DefinitionString"].encode()) <= LARGEST_DEFINITION
    assert len(template.text.encode()) <= LARGEST_TEMPLATE
    assert len(template.resources) <= MOST_RESOURCES


def test_a_jobs_role_is_of_one_size_however_many_steps_there_are(tmp_path: Path) -> None:
    """A step's role speaks of its own job alone."""
    few, many = (pipeline(tmp_path, steps=steps) for steps in (2, 6))

    (of_few,), (of_many,) = (
        [
            found
            for name, found in inline_sizes(one).items()
            if name.startswith("TransformRegion001")
        ]
        for one in (few, many)
    )

    assert of_few == of_many


@pytest.mark.parametrize("minimize", [True, False])
def test_a_role_of_the_users_serves_many_steps(tmp_path: Path, *, minimize: bool) -> None:
    """Its policy grows by each step's places, which no statement of another step has."""
    shared = pipeline(tmp_path, steps=20, minimize=minimize, shares_role=True)

    sizes = inline_sizes(shared)
    assert len(sizes) == 2
    assert max(sizes.values()) <= LONGEST_INLINE
    assert max(managed_sizes(shared)) <= LONGEST_MANAGED
    assert max(managed_policies(shared).values()) <= MOST_MANAGED


@pytest.mark.parametrize("minimize", [True, False])
@pytest.mark.parametrize("steps", [20, 60])
def test_a_role_that_outgrows_iam_is_warned_of(
    tmp_path: Path, steps: int, *, minimize: bool
) -> None:
    """At synth, as the deploy would fail; one that does not is no matter for a warning."""
    shared = pipeline(tmp_path, steps=steps, minimize=minimize, shares_role=True)

    written = "".join(one.read_text() for one in (tmp_path / "cdk.out").glob("*.json"))
    too_many = max(managed_policies(shared).values()) > MOST_MANAGED
    assert too_many == ("cdk-sagemaker-processing:role-size" in written) == (steps == 60)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Template]:
    """The templates of the page's app: the parent's and those of its nested stacks."""
    folder = tmp_path_factory.mktemp("page")
    (app,) = (one.text for one in blocks_of("docs/tasks/many-steps.md") if one.title == "app.py")
    for name, text in (("app.py", app), ("transform.py", ""), ("first.csv", "")):
        (folder / name).write_text(text)
    variables = os.environ | {"CDK_OUTDIR": str(folder / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=folder, env=variables, check=True)
    return [read(file) for file in sorted(folder.glob("cdk.out/*.template.json"))]


def test_four_hundred_steps_in_one_app_are_within_all_limits(parts: list[Template]) -> None:
    """Of each template, each definition and each role, with no flag of the CDK's set."""
    definitions = [
        machine["DefinitionString"]
        for part in parts
        for machine in part.of("AWS::StepFunctions::StateMachine").values()
    ]

    states = [len(json.loads(one)["States"]) for one in definitions]
    assert sorted(states) == [4, 100, 100, 100, 100]
    assert max(len(one) for one in definitions) <= LARGEST_DEFINITION
    assert max(len(one.text.encode()) for one in parts) <= LARGEST_TEMPLATE
    assert max(len(one.resources) for one in parts) <= MOST_RESOURCES
    assert sum(len(one.resources) for one in parts) <= MOST_IN_AN_OPERATION
    for part in parts:
        assert max(inline_sizes(part).values()) <= LONGEST_INLINE
        assert max(managed_policies(part).values(), default=0) <= MOST_MANAGED
        assert max(managed_sizes(part), default=0) <= LONGEST_MANAGED

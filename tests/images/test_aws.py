"""AWS's own images: where each region has them, at synth and at deploy."""

import json
from pathlib import Path

import aws_cdk as cdk
import cfnlint
import pytest
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_stepfunctions as sfn
from botocore.session import get_session

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.images import CONTEXT_KEY, Framework, aws_image
from tests.support import new_stack, resolved, statements_of, template_of

NAMES: dict[Framework, str] = {
    "sklearn": "sagemaker-scikit-learn:1.2-1-cpu-py3",
    "spark": "sagemaker-spark-processing:3.5-cpu",
}
# Of the SageMaker SDKs 2.257.7 and 3.27.0, and the hosts of ECR's endpoints; at least one of each
# partition. Region by region: scikit-learn's account, Spark's, the domain.
KNOWN = {
    "us-east-1": ("683313688378", "173754725891", "amazonaws.com"),
    "eu-west-1": ("141502667606", "571004829621", "amazonaws.com"),
    "ca-west-1": ("190319476487", "000907499111", "amazonaws.com"),
    "ap-southeast-6": (None, "278240940207", "amazonaws.com"),
    "ap-southeast-7": (None, "471112967968", "amazonaws.com"),
    "cn-north-1": ("450853457545", "671472414489", "amazonaws.com.cn"),
    "cn-northwest-1": ("451049120500", "844356804704", "amazonaws.com.cn"),
    "us-gov-west-1": ("414596584902", "271483468897", "amazonaws.com"),
    "us-iso-east-1": ("833128469047", None, "c2s.ic.gov"),
    "us-isob-east-1": ("281123927165", None, "sc2s.sgov.gov"),
    "us-isof-south-1": ("124985052026", None, "csp.hci.ic.gov"),
    "eu-isoe-west-1": (None, "010264522435", "cloud.adc-e.uk"),
    "eusc-de-east-1": (None, "713710892325", "amazonaws.eu"),
}


def in_region(folder: Path, region: str) -> cdk.Stack:
    """A stack of a region."""
    return new_stack(folder, environment=cdk.Environment(region=region, account="111122223333"))


def uri_in(stack: cdk.Stack, framework: Framework) -> str | None:
    """The URI of a framework's image in a stack, None where there is none."""
    image = aws_image(stack, framework).image
    return str(resolved(stack, image.uri)) if image else None


@pytest.mark.parametrize("region", KNOWN)
def test_each_region_has_its_registry(tmp_path: Path, region: str) -> None:
    """Account and domain are those of the region, for each framework that it has."""
    sklearn, spark, domain = KNOWN[region]
    stack = in_region(tmp_path, region)
    registry = f"dkr.ecr.{region}.{domain}"

    assert uri_in(stack, "sklearn") == (
        f"{sklearn}.{registry}/{NAMES['sklearn']}" if sklearn else None
    )
    assert uri_in(stack, "spark") == (f"{spark}.{registry}/{NAMES['spark']}" if spark else None)


def test_the_table_covers_44_regions_of_8_partitions(tmp_path: Path) -> None:
    """Of all regions that botocore knows; the domain is the one botocore has for each."""
    partitions = get_session().get_data("endpoints")["partitions"]
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    found: dict[str, set[str]] = {}
    counts = {"sklearn": 0, "spark": 0}
    for partition in partitions:
        for region in partition["regions"]:
            stack = cdk.Stack(app, f"In-{region}", env=cdk.Environment(region=region))
            for framework, name in NAMES.items():
                uri = uri_in(stack, framework)
                if uri is not None:
                    account, host = uri.split(".", 1)
                    assert len(account) == 12
                    assert account.isdigit()
                    assert host == f"dkr.ecr.{region}.{partition['dnsSuffix']}/{name}"
                    counts[framework] += 1
                    found.setdefault(partition["partition"], set()).add(region)

    assert counts == {"sklearn": 37, "spark": 40}
    assert {partition: len(regions) for partition, regions in found.items()} == {
        "aws": 34,
        "aws-cn": 2,
        "aws-us-gov": 2,
        "aws-iso": 1,
        "aws-iso-b": 1,
        "aws-iso-e": 1,
        "aws-iso-f": 2,
        "aws-eusc": 1,
    }


def test_a_region_without_an_image_is_refused(tmp_path: Path, script: Path) -> None:
    """The message lists where there is one, and every way out."""
    with pytest.raises(processing.ValidationError) as refused:
        processing.SKLearnStep(in_region(tmp_path, "eusc-de-east-1"), "Clean", code=script)

    text = str(refused.value)
    assert "no SKLearn image for processing in 'eusc-de-east-1'" in text
    assert "us-east-1, us-east-2, us-gov-east-1" in text
    assert "image_uri or image" in text
    assert f'"{CONTEXT_KEY}": {{"eusc-de-east-1": {{"sklearn": "<account>"}}}}' in text
    assert text.endswith("[CreateProcessingJob AppSpecification.ImageUri]")


def test_a_stack_without_a_region_finds_the_account_at_deploy(tmp_path: Path, script: Path) -> None:
    """Only in a mapping of the framework that it uses, of the regions that have it."""
    stack = new_stack(tmp_path, environment=None)
    step = processing.SKLearnStep(stack, "Clean", code=script)

    assert resolved(stack, step.render_request()["AppSpecification"]["ImageUri"]) == (
        "<SageMakerProcessingSKLearnImages.<AWS::Region>.account>.dkr.ecr.<AWS::Region>"
        f".<AWS::URLSuffix>/{NAMES['sklearn']}"
    )
    mappings = template_of(stack)["Mappings"]
    assert list(mappings) == ["SageMakerProcessingSKLearnImages"]
    (mapping,) = mappings.values()
    assert mapping["us-east-1"] == {"account": "683313688378"}
    assert len(mapping) == 37
    assert "eusc-de-east-1" not in mapping


def test_the_role_may_pull_the_image_that_the_deploy_finds(tmp_path: Path, script: Path) -> None:
    """The mapping's account stands in the permission, no wildcard."""
    stack = new_stack(tmp_path, environment=None)
    processing.PySparkStep(stack, "Clean", submit_app=script)

    (pull,) = [one for one in statements_of(stack, "CleanRole") if one["Sid"] == "PullImage"]
    assert pull["Resource"] == (
        "arn:<AWS::Partition>:ecr:<AWS::Region>:"
        "<SageMakerProcessingSparkImages.<AWS::Region>.account>"
        ":repository/sagemaker-spark-processing"
    )


def test_a_framework_has_one_mapping_however_many_steps_use_it(
    tmp_path: Path, script: Path
) -> None:
    """A further framework brings its own when it comes."""
    stack = new_stack(tmp_path, environment=None)
    for name in ("One", "Two"):
        processing.SKLearnStep(stack, name, code=script)
    processing.PySparkStep(stack, "Three", submit_app=script)
    processing.SparkJarStep(stack, "Four", submit_app=script, submit_class="Main")

    mappings = template_of(stack)["Mappings"]
    assert {name: len(rows) for name, rows in mappings.items()} == {
        "SageMakerProcessingSKLearnImages": 37,
        "SageMakerProcessingSparkImages": 40,
    }


def test_a_stack_with_a_region_carries_no_mapping(stack: cdk.Stack, script: Path) -> None:
    """What is known at synth needs no table at deploy."""
    processing.SKLearnStep(stack, "Clean", code=script)

    assert "Mappings" not in template_of(stack)


def test_a_region_without_an_account_is_enough(tmp_path: Path) -> None:
    """The image's account follows from the region alone."""
    stack = new_stack(tmp_path, environment=cdk.Environment(region="eu-west-1"))

    assert uri_in(stack, "spark") == (
        f"571004829621.dkr.ecr.eu-west-1.amazonaws.com/{NAMES['spark']}"
    )
    assert "Mappings" not in template_of(stack)


def test_an_account_without_a_region_is_not(tmp_path: Path) -> None:
    """It may still be deployed to any region."""
    stack = new_stack(tmp_path, environment=cdk.Environment(account="111122223333"))

    assert str(uri_in(stack, "spark")).startswith("<SageMakerProcessingSparkImages.<AWS::Region>")


def test_an_image_of_ones_own_needs_no_mapping(tmp_path: Path, script: Path) -> None:
    """No table is asked for what the user names."""
    stack = new_stack(tmp_path, environment=None)
    processing.SKLearnStep(
        stack, "Clean", code=script, image_uri="111122223333.dkr.ecr.eu-west-1.amazonaws.com/x:1"
    )

    assert "Mappings" not in template_of(stack)


def test_a_nested_stack_carries_the_mapping_that_it_uses(tmp_path: Path, script: Path) -> None:
    """A template can look into its own mappings only."""
    stack = new_stack(tmp_path, environment=None)
    nested = cdk.NestedStack(stack, "Nested")
    processing.SKLearnStep(nested, "Clean", code=script)

    assert list(template_of(nested)["Mappings"]) == ["SageMakerProcessingSKLearnImages"]
    assert "Mappings" not in template_of(stack)


def test_a_machine_in_another_stack_has_the_mapping_too(tmp_path: Path, script: Path) -> None:
    """The image's URI stands in the machine's definition."""
    stack = new_stack(tmp_path, environment=None)
    step = processing.SKLearnStep(stack, "Clean", code=script)
    other = cdk.Stack(cdk.App.of(stack), "Other")
    body = sfn.DefinitionBody.from_chainable(step)
    sfn.StateMachine(other, "Machine", definition_body=body)

    (mapping,) = template_of(other)["Mappings"].values()
    assert mapping["us-east-1"] == {"account": "683313688378"}


def test_templates_of_any_region_are_valid(tmp_path: Path, script: Path) -> None:
    """Cfn-lint finds neither an error nor a warning, with every way to give an image."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    stack = new_stack(tmp_path, environment=None)
    asset = ecr_assets.DockerImageAsset(
        stack, "Built", directory=str(tmp_path), exclude=["cdk.out", "jobs"]
    )
    chain = (
        processing.SKLearnStep(stack, "SKLearn", code=script)
        .next(processing.PySparkStep(stack, "Spark", submit_app=script))
        .next(processing.PySparkStep(stack, "Own", submit_app=script, image=asset))
    )
    body = sfn.DefinitionBody.from_chainable(chain)
    sfn.StateMachine(stack, "Machine", definition_body=body)

    # W3005: the CDK's StateMachine names its role in DependsOn beside the GetAtt.
    found = cfnlint.lint(json.dumps(template_of(stack)), regions=["eu-west-1"])
    assert [str(one) for one in found if one.rule.id != "W3005"] == []

"""Images of the user's own: by URI, by repository, by asset; and who may pull them."""

import string
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.images import Image, grant_pull, own_image
from tests.support import ENVIRONMENT, new_stack, resolved, statements_of, template_of

DIGEST = "sha256:" + "0123456789abcdef" * 4
HERE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def image_of(**arguments: Any) -> Image:
    """The image that the arguments choose."""
    choice = own_image(**arguments)
    assert choice.problems == ()
    assert choice.image is not None
    return choice.image


def refusal(**arguments: Any) -> str:
    """What is wrong with the arguments, a line each."""
    choice = own_image(**arguments)
    assert choice.image is None
    return "\n".join(map(str, choice.problems))


def role_statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    """What the role of the step Clean may do on ECR."""
    sids = ("PullImage", "LogInToRegistry")
    return [one for one in statements_of(stack, "CleanRole") if one.get("Sid") in sids]


def pulling(repository_arn: str) -> list[dict[str, Any]]:
    """The statements that let a role pull from one repository, and nothing more."""
    return [
        {"Sid": "PullImage", "Effect": "Allow", "Action": PULL, "Resource": repository_arn},
        {
            "Sid": "LogInToRegistry",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
    ]


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    """A folder to build an image from."""
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    return folder


def test_an_image_by_its_uri_is_taken_as_it_is(stack: cdk.Stack, script: Path) -> None:
    """And its repository is all that the role may pull from."""
    step = processing.PySparkStep(
        stack, "Clean", submit_app=script, image_uri=f"{HERE}/team/clean:7"
    )

    assert step.render_request()["AppSpecification"]["ImageUri"] == f"{HERE}/team/clean:7"
    assert role_statements(stack) == pulling(
        "arn:<AWS::Partition>:ecr:eu-west-1:111122223333:repository/team/clean"
    )


def test_versions_beside_a_uri_are_not_looked_at(stack: cdk.Stack, script: Path) -> None:
    """As in the SageMaker SDK, so that its calls move as they are."""
    step = processing.PySparkStep(
        stack,
        "Clean",
        submit_app=script,
        framework_version="9.9",
        py_version="py37",
        image_uri=f"{HERE}/clean:7",
    )

    assert step.render_request()["AppSpecification"]["ImageUri"] == f"{HERE}/clean:7"


# By what of a URI is known before the run, the ARN's end.
URIS = {
    f"{HERE}/clean": "eu-west-1:111122223333:repository/clean",
    f"{HERE}/clean:7": "eu-west-1:111122223333:repository/clean",
    f"{HERE}/team/clean@{DIGEST}": "eu-west-1:111122223333:repository/team/clean",
    f"{HERE}/clean:{{% $tag %}}": "eu-west-1:111122223333:repository/clean",
    f"{HERE}/clean-{{% $kind %}}:7": "eu-west-1:111122223333:repository/clean-*",
    f"{HERE}/{{% $name %}}": "eu-west-1:111122223333:repository/*",
    "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/clean:7": (
        "cn-north-1:111122223333:repository/clean"
    ),
    "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/clean:7": (
        "us-gov-west-1:111122223333:repository/clean"
    ),
    "111122223333.dkr-ecr.us-west-2.on.aws/clean:7": "us-west-2:111122223333:repository/clean",
}


@pytest.mark.parametrize("uri", URIS)
def test_a_uri_names_its_repository(stack: cdk.Stack, uri: str) -> None:
    """As far as it is known before the run; a tag of the run leaves it known."""
    assert resolved(stack, image_of(image_uri=uri).repository_arn) == (
        f"arn:<AWS::Partition>:ecr:{URIS[uri]}"
    )


@pytest.mark.parametrize("uri", ["{% $image %}", "{% $account %}.dkr.ecr.x.y/z:1", "clean:7"])
def test_a_uri_of_which_nothing_is_known_names_none(uri: str) -> None:
    """Then the role may pull any, which only the user could narrow."""
    assert image_of(image_uri=uri).repository_arn is None


def test_a_uri_of_the_stacks_own_account_and_region_names_its_repository(stack: cdk.Stack) -> None:
    """Both as CloudFormation fills them in."""
    uri = f"{cdk.Aws.ACCOUNT_ID}.dkr.ecr.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}/clean:7"

    assert resolved(stack, image_of(image_uri=uri).repository_arn) == (
        "arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository/clean"
    )


def test_an_account_of_the_run_is_in_no_permission() -> None:
    """A path of the execution's input means nothing in a policy."""
    uri = f"{sfn.JsonPath.string_at('$.account')}.dkr.ecr.eu-west-1.amazonaws.com/clean:7"

    assert image_of(image_uri=uri).repository_arn is None


def test_a_repository_of_the_stack_is_pulled_from(stack: cdk.Stack, script: Path) -> None:
    """With the tag latest, as in the CDK, and the grant on that repository alone."""
    repository = ecr.Repository(stack, "Images")
    step = processing.PySparkStep(stack, "Clean", submit_app=script, image=repository)

    uri = resolved(stack, step.render_request()["AppSpecification"]["ImageUri"])
    assert uri.endswith(".<AWS::URLSuffix>/<Images2D38C313>:latest")
    assert role_statements(stack) == pulling("<Images2D38C313>")


@pytest.mark.parametrize(
    ("image_tag", "end"), [(None, ":latest"), ("1.0_b", ":1.0_b"), (DIGEST, f"@{DIGEST}")]
)
def test_a_tag_or_a_digest_chooses_the_repositorys_image(
    stack: cdk.Stack, script: Path, image_tag: str | None, end: str
) -> None:
    """Each in its own form."""
    repository = ecr.Repository.from_repository_name(stack, "Images", "team/clean")
    step = processing.SparkJarStep(
        stack,
        "Clean",
        submit_app=script,
        submit_class="Main",
        image=repository,
        image_tag=image_tag,
    )

    uri = resolved(stack, step.render_request()["AppSpecification"]["ImageUri"])
    assert uri == f"111122223333.dkr.ecr.eu-west-1.<AWS::URLSuffix>/team/clean{end}"
    assert role_statements(stack) == pulling(
        "arn:<AWS::Partition>:ecr:eu-west-1:111122223333:repository/team/clean"
    )


KINDS: dict[type[processing.ProcessingStep], Callable[[Path], dict[str, Any]]] = {
    processing.ProcessingStep: lambda _: {},
    processing.ScriptStep: lambda script: {"code": script},
    processing.SKLearnStep: lambda script: {"code": script},
    processing.PySparkStep: lambda script: {"submit_app": script},
    processing.SparkJarStep: lambda script: {"submit_app": script, "submit_class": "Main"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_step_takes_a_repository(
    stack: cdk.Stack, script: Path, kind: type[processing.ProcessingStep]
) -> None:
    """By the same arguments, with the same grant."""
    repository = ecr.Repository.from_repository_name(stack, "Images", "clean")
    given = {"image": repository, "image_tag": "7", **KINDS[kind](script)}
    step = kind(stack, "Clean", **given)

    uri = resolved(stack, step.render_request()["AppSpecification"]["ImageUri"])
    assert uri == "111122223333.dkr.ecr.eu-west-1.<AWS::URLSuffix>/clean:7"
    assert role_statements(stack) == pulling(
        "arn:<AWS::Partition>:ecr:eu-west-1:111122223333:repository/clean"
    )


def test_a_tag_may_be_known_only_at_run_time(stack: cdk.Stack, script: Path) -> None:
    """The repository stays known, and so does the permission."""
    repository = ecr.Repository.from_repository_name(stack, "Images", "clean")
    tag = sfn.JsonPath.string_at("$.tag")
    step = processing.PySparkStep(
        stack, "Clean", submit_app=script, image=repository, image_tag=tag
    )

    uri = resolved(stack, step.render_request()["AppSpecification"]["ImageUri"])
    assert uri.endswith("/clean:{$.tag}")
    assert role_statements(stack)[0]["Resource"].endswith(":repository/clean")


def test_a_repository_of_another_account_is_pulled_from_there(
    stack: cdk.Stack, script: Path
) -> None:
    """Imported by its ARN; its own policy is its owner's."""
    arn = "arn:aws:ecr:eu-west-1:444455556666:repository/clean"
    repository = ecr.Repository.from_repository_arn(stack, "Images", arn)
    step = processing.PySparkStep(stack, "Clean", submit_app=script, image=repository)

    uri = resolved(stack, step.render_request()["AppSpecification"]["ImageUri"])
    assert uri == "444455556666.dkr.ecr.eu-west-1.<AWS::URLSuffix>/clean:latest"
    assert role_statements(stack) == pulling(arn)
    assert statements_of(stack, "CleanRoleDefaultPolicy") == []


def test_a_repository_of_another_stack_is_exported(stack: cdk.Stack, script: Path) -> None:
    """By the CDK, which sees it used here."""
    owner = cdk.Stack(cdk.App.of(stack), "Owner", env=ENVIRONMENT)
    repository = ecr.Repository(owner, "Images")
    processing.PySparkStep(stack, "Clean", submit_app=script, image=repository)

    (resource,) = {one["Resource"] for one in role_statements(stack) if one["Sid"] == "PullImage"}
    assert resource.startswith("<Owner:ExportsOutputFnGetAttImages")


def test_an_asset_is_pulled_from_the_bootstraps_repository(
    tmp_path: Path, script: Path, dockerfile: Path
) -> None:
    """In any region, by the names that the bootstrap gives."""
    stack = new_stack(tmp_path, environment=None)
    asset = ecr_assets.DockerImageAsset(stack, "Image", directory=str(dockerfile))
    step = processing.PySparkStep(stack, "Clean", submit_app=script, image=asset)

    name = "cdk-hnb659fds-container-assets-<AWS::AccountId>-<AWS::Region>"
    assert resolved(stack, step.render_request()["AppSpecification"]["ImageUri"]) == (
        "<AWS::AccountId>.dkr.ecr.<AWS::Region>.<AWS::URLSuffix>/" + f"{name}:{asset.asset_hash}"
    )
    assert role_statements(stack) == pulling(
        f"arn:<AWS::Partition>:ecr:<AWS::Region>:<AWS::AccountId>:repository/{name}"
    )


def test_a_long_uri_of_tokens_is_not_measured(stack: cdk.Stack, script: Path) -> None:
    """Only what CloudFormation fills in has a length that the limit is about."""
    repository = ecr.Repository(stack, "Images")
    step = processing.PySparkStep(
        stack, "Clean", submit_app=script, image=repository, image_tag="t" * 128
    )

    assert len(str(step.render_request()["AppSpecification"]["ImageUri"])) > 255


def test_another_accounts_repository_of_the_app_lets_the_role_pull(
    tmp_path: Path, script: Path
) -> None:
    """Its own policy must, beside the role's."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    owner, user = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-west-1"))
        for name, account in (("Owner", "444455556666"), ("User", "111122223333"))
    )
    repository = ecr.Repository(owner, "Images", repository_name="clean")
    processing.PySparkStep(user, "Clean", submit_app=script, image=repository)

    (resource,) = template_of(owner)["Resources"].values()
    (statement,) = resolved(owner, resource["Properties"]["RepositoryPolicyText"])["Statement"]
    assert sorted(statement["Action"]) == PULL
    assert statement["Principal"] == {"AWS": "arn:<AWS::Partition>:iam::111122223333:root"}
    (role,) = [
        one["Properties"]
        for one in template_of(user)["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
    ]
    (tag,) = role["Tags"]
    assert statement["Condition"] == {
        "StringEquals": {f"aws:PrincipalTag/{tag['Key']}": tag["Value"]}
    }
    assert role_statements(user) == pulling(
        "arn:<AWS::Partition>:ecr:eu-west-1:444455556666:repository/clean"
    )


OWN: dict[str, Callable[[cdk.Stack], dict[str, Any]]] = {
    "a repository of the account": lambda stack: {"image": ecr.Repository(stack, "Images")},
    "a URI": lambda _: {"image_uri": f"{HERE}/clean:7"},
}


@pytest.mark.parametrize("case", OWN)
def test_elsewhere_the_roles_own_policy_is_enough(stack: cdk.Stack, case: str) -> None:
    """Nothing is granted twice."""
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    grant_pull(image_of(**OWN[case](stack)), role)

    assert statements_of(stack, "Role") == []
    assert "RepositoryPolicyText" not in str(template_of(stack))


MIXED: dict[str, tuple[dict[str, Any], str]] = {
    "two images": ({"image_uri": "clean:7"}, "image_uri and image name one image each"),
    "a version": (
        {"framework_version": "3.5"},
        "framework_version chooses one of AWS's images, and image another",
    ),
    "a container": (
        {"py_version": "py312", "container_version": "1.3"},
        "py_version and container_version chooses one of AWS's images",
    ),
}


@pytest.mark.parametrize("case", MIXED)
def test_an_image_beside_another_is_refused(stack: cdk.Stack, script: Path, case: str) -> None:
    """Which of them is meant, only the user knows."""
    arguments, words = MIXED[case]
    repository = ecr.Repository(stack, "Images")

    with pytest.raises(processing.ValidationError) as refused:
        processing.PySparkStep(stack, "Clean", submit_app=script, image=repository, **arguments)

    assert words in str(refused.value)


def test_a_tag_without_a_repository_is_refused() -> None:
    """In a URI it stands in the text."""
    words = "image_tag='7' goes with image=<a repository>; in image_uri the tag follows the name"

    assert words in refusal(image_uri="clean", image_tag="7")
    assert words in refusal(image_tag="7")


def test_a_tag_of_an_asset_is_refused(stack: cdk.Stack, dockerfile: Path) -> None:
    """Its content is its tag."""
    asset = ecr_assets.DockerImageAsset(stack, "Image", directory=str(dockerfile))

    assert "an asset has a tag of its own" in refusal(image=asset, image_tag="7")


def test_a_step_of_no_framework_needs_an_image() -> None:
    """The message names both arguments."""
    assert refusal() == (
        "image_uri must be a string that is not empty, got None; or give an ecr.IRepository or a "
        "DockerImageAsset as image [CreateProcessingJob AppSpecification.ImageUri]"
    )


WRONG: dict[str, tuple[Callable[[cdk.Stack], object], str]] = {
    "a URI": (lambda _: "clean:7", "got 'clean:7': write image_uri='clean:7'"),
    "a resource": (
        lambda stack: ecr.CfnRepository(stack, "Images"),
        "write ecr.Repository.from_repository_attributes(self, 'Repository', repository_arn=",
    ),
    "an image of ECS": (
        lambda _: ecs.ContainerImage.from_registry("clean"),
        "an image of another service: give the repository or asset that it was made of",
    ),
    "a class": (lambda _: ecr.Repository, "got <class 'aws_cdk.aws_ecr.Repository'>"),
    "a number": (lambda _: 7, "write ecr.Repository.from_repository_name(self, 'Repository'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_image_of_another_kind_is_refused(stack: cdk.Stack, case: str) -> None:
    """The message says what to write."""
    value, words = WRONG[case]

    text = refusal(image=value(stack))

    assert "image must be an ecr.IRepository or an ecr_assets.DockerImageAsset, got" in text
    assert words in text


def test_a_repository_as_a_uri_is_refused(stack: cdk.Stack) -> None:
    """It has an argument of its own."""
    assert "give it as image" in refusal(image_uri=ecr.Repository(stack, "Images"))


@pytest.mark.parametrize("image_tag", ["", ":7", "clean:7", "a b", "sha256:12", "t" * 129, 7, None])
def test_a_tag_that_is_none_is_refused(stack: cdk.Stack, image_tag: Any) -> None:
    """The message has both forms, and a number in quotes."""
    repository = ecr.Repository.from_repository_name(stack, "Images", "clean")
    if image_tag is None:
        assert image_of(image=repository, image_tag=None).uri.endswith(":latest")
        return

    text = refusal(image=repository, image_tag=image_tag)

    assert "image_tag must be a tag (at most 128 letters" in text
    assert f"got {image_tag!r}" in text


TAGS = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=128)
REPOSITORY = ecr.Repository.from_repository_name(cdk.Stack(cdk.App(), "Ranged"), "Images", "clean")


@given(TAGS.filter(lambda tag: tag[0] not in ".-"))
def test_every_tag_that_docker_takes_is_taken(image_tag: str) -> None:
    """Letters, digits, and three signs of which two do not begin it."""
    assert image_of(image=REPOSITORY, image_tag=image_tag).uri.endswith(f"/clean:{image_tag}")


def test_those_who_give_no_repository_do_not_pay_for_ecr() -> None:
    """Each of these modules costs a part of a second at every synth."""
    code = (
        "import sys, aws_cdk as cdk, cdk_sagemaker_processing as processing; "
        "processing.ProcessingStep(cdk.Stack(), 'Run', image_uri='clean:7'); "
        "print([one for one in ('ecr', 'ecr_assets') if f'aws_cdk.aws_{one}' in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert found.stdout.strip() == "[]"

"""An image of the user's own: by its URI, or as the CDK has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.cdk.pseudo import PARTITION
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images.model import IMAGE_URI, Image, ImageChoice
from cdk_sagemaker_processing.images.versions import is_open
from cdk_sagemaker_processing.request.values import Joined, is_known

if TYPE_CHECKING:
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets
    from aws_cdk import aws_iam as iam

__all__ = ["grant_pull", "own_image", "repository_arn"]

_TOKEN = r"\$\{Token\[[^\]]+\]\}"  # noqa: S105 # the CDK's kind of token, no secret
# "https://aws_account_id.dkr.ecr.region.amazonaws.com", with -fips and as dkr-ecr for dual stack:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
_ECR = re.compile(
    rf"(?P<account>\d{{12}}|{_TOKEN})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+|{_TOKEN})\.[^/]+/"
    rf"(?P<name>({_TOKEN}|[^:@])*)(?P<end>[:@]?)"
)
_LATEST = "latest"
# https://docs.docker.com/reference/cli/docker/image/tag/
_TAG_OR_DIGEST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64}")


def own_image(
    *,
    image_uri: str | None = None,
    image: ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
    image_tag: str | None = None,
) -> ImageChoice:
    """An image given by its URI, a repository of the CDK or an asset of the CDK.

    Args:
        image_uri: The image's URI.
        image: The image as the CDK has it, instead.
        image_tag: The tag or digest of a repository's image; ``latest`` by
            default, as in the CDK.
    """
    wrong = (*_wrong_uri(image_uri, image), *_wrong_image(image), *_wrong_tag(image, image_tag))
    if wrong:
        return ImageChoice(None, wrong)
    if image_uri is not None:
        return ImageChoice(Image(image_uri, _arn_in(image_uri)))
    return ImageChoice(_constructed(image, image_tag))


def repository_arn(account: str, region: str, name: str) -> str:
    """The ARN of an ECR repository in the partition of the deploy."""
    return f"arn:{PARTITION}:ecr:{region}:{account}:repository/{name}"


def grant_pull(image: Image, role: iam.IRole) -> None:
    """Let a role pull the image as far as the image's repository has to allow it.

    What the role's own policy must say is not this function's: a repository in
    another account, made in the same app, must name the role as well.
    """
    repository = image.repository
    if repository is None or not _is_made_here(repository):
        return
    accounts = {repository.env.account, role.env.account}
    # Two that are both unknown are taken for one, as in the CDK.
    if len(accounts) > 1 and any(map(is_known, accounts)):
        repository.grant_pull(role)


def _constructed(image: Any, image_tag: str | None) -> Image:
    if _is_asset(image):
        return Image(image.image_uri, image.repository.repository_arn)
    uri = image.repository_uri_for_tag_or_digest(image_tag or _LATEST)
    return Image(uri, image.repository_arn, repository=image)


def _is_made_here(repository: ecr.IRepository) -> bool:
    """Whether the app has the repository's policy in its hands: an imported one has no resource."""
    return repository.node.default_child is not None


# Python cannot ask jsii what a value implements, and asking for the classes would import them.
def _is_repository(image: object) -> bool:
    return not isinstance(image, type) and hasattr(image, "repository_uri_for_tag_or_digest")


def _is_asset(image: object) -> bool:
    return (
        not isinstance(image, type) and hasattr(image, "image_uri") and hasattr(image, "repository")
    )


def _arn_in(uri: str) -> str | None:
    """The repository that a URI names, as far as it is known before the run."""
    value = run_time.text(uri)
    head = value.parts[0] if isinstance(value, Joined) else value
    found = _ECR.match(head) if isinstance(head, str) else None
    if found is None:
        return None
    is_whole = found["end"] or head == value
    return repository_arn(
        found["account"], found["region"], found["name"] if is_whole else f"{found['name']}*"
    )


def _wrong_uri(image_uri: Any, image: object) -> Iterator[Problem]:
    if image is None:
        if not isinstance(image_uri, str) or not image_uri:
            hint = ": give it as image" if _is_repository(image_uri) or _is_asset(image_uri) else ""
            other = "; or give an ecr.IRepository or a DockerImageAsset as image"
            yield Problem(
                f"image_uri must be a string that is not empty, got {image_uri!r}{hint or other}",
                IMAGE_URI,
            )
    elif image_uri is not None:
        yield Problem("image_uri and image name one image each: give one of the two", IMAGE_URI)


def _wrong_image(image: object) -> Iterator[Problem]:
    if image is None or _is_repository(image) or _is_asset(image):
        return
    yield Problem(
        "image must be an ecr.IRepository or an ecr_assets.DockerImageAsset, "
        f"got {image!r}: {_instead(image)}",
        IMAGE_URI,
    )


def _instead(image: object) -> str:
    if isinstance(image, str):
        return f"write image_uri={image!r}"
    if hasattr(image, "attr_repository_uri"):
        return (
            "write ecr.Repository.from_repository_attributes(self, 'Repository', "
            "repository_arn=<it>.attr_arn, repository_name=<it>.ref)"
        )
    if hasattr(image, "bind"):
        return "an image of another service: give the repository or asset that it was made of"
    return "write ecr.Repository.from_repository_name(self, 'Repository', '<name>')"


def _wrong_tag(image: object, image_tag: Any) -> Iterator[Problem]:
    if image_tag is None or (is_open(image_tag) and _is_repository(image)):
        return
    if image is None:
        yield Problem(
            f"image_tag={image_tag!r} goes with image=<a repository>; in image_uri the tag follows "
            "the name, <name>:<tag>",
            IMAGE_URI,
        )
    elif _is_asset(image):
        yield Problem(
            f"image_tag={image_tag!r}: an asset has a tag of its own: leave it out", IMAGE_URI
        )
    elif not isinstance(image_tag, str) or not _TAG_OR_DIGEST.fullmatch(image_tag):
        hint = "" if isinstance(image_tag, str) else f": write {str(image_tag)!r}"
        yield Problem(
            "image_tag must be a tag (at most 128 letters, digits, '_', '.' and '-') or a digest "
            f"(sha256:<64 hexadecimal digits>), got {image_tag!r}{hint}",
            IMAGE_URI,
        )

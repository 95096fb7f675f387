"""AWS's own image of a framework, in the region of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import own, table, versions
from cdk_sagemaker_processing.images.model import IMAGE_URI, Framework, Image, ImageChoice
from cdk_sagemaker_processing.request.values import is_known

if TYPE_CHECKING:
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets

__all__ = ["aws_image"]

# What CloudFormation says where the region is not in it: "Unable to get mapping for
# SageMakerProcessingSparkImages::<region>::account".
_MAPPING_ID = "SageMakerProcessing{}Images"
_ATTRIBUTE = "account"


def aws_image(
    stack: cdk.Stack,
    framework: Framework,
    framework_version: str | None = None,
    *,
    py_version: str | None = None,
    container_version: str | None = None,
    image_uri: str | None = None,
    image: ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
    image_tag: str | None = None,
) -> ImageChoice:
    """AWS's image of a framework in the stack's region, or the image given instead.

    In a stack without a region the account is looked up at deploy, in a
    mapping of that framework's regions that the template then carries.

    Args:
        stack: The stack whose region counts.
        framework: ``sklearn`` or ``spark``.
        framework_version: The framework's version, such as ``1.2-1`` or
            ``3.5``; ``1.2-1`` and Spark's newest by default.
        py_version: The container's Python, such as ``py312``; Spark only.
        container_version: The container's own version, such as ``1.3``; Spark
            only. Goes with ``py_version``: both or neither.
        image_uri: Another image. Versions are then not looked at, as in the
            SageMaker SDK.
        image: Another image, as the CDK has it; then no version may be given.
        image_tag: The tag or digest of ``image``, if it is a repository.
    """
    given = {
        "framework_version": framework_version,
        "py_version": py_version,
        "container_version": container_version,
    }
    if not (image_uri is None and image is None and image_tag is None):
        chosen = own.own_image(image_uri=image_uri, image=image, image_tag=image_tag)
        pinned = [name for name, value in given.items() if value is not None]
        mixed = _mixed(pinned) if image is not None and pinned else ()
        wrong = (*chosen.problems, *mixed)
        return ImageChoice(None, wrong) if wrong else chosen
    known = _chosen.setdefault(stack, {})
    key = (framework, *given.values())
    if key not in known:
        known[key] = _choose(stack, framework, given)
    return known[key]


# Each question to the CDK crosses into Node, and the steps of a stack choose among few images.
_chosen: WeakKeyDictionary[cdk.Stack, dict[tuple[str | None, ...], ImageChoice]] = (
    WeakKeyDictionary()
)


def _choose(stack: cdk.Stack, framework: Framework, given: Mapping[str, str | None]) -> ImageChoice:
    tag = versions.tag(framework, **given)
    accounts = table.accounts(stack, framework)
    if isinstance(tag, tuple) or isinstance(accounts, tuple):
        return ImageChoice(
            None, tuple(one for each in (tag, accounts) if isinstance(each, tuple) for one in each)
        )
    return _in_region(stack, framework, tag, accounts)


def _mixed(pinned: list[str]) -> tuple[Problem, ...]:
    return (
        Problem(
            f"{' and '.join(pinned)} chooses one of AWS's images, and image another: give one of "
            "the two",
            IMAGE_URI,
        ),
    )


def _in_region(
    stack: cdk.Stack, framework: Framework, tag: str, accounts: dict[str, str]
) -> ImageChoice:
    region = stack.region
    if not is_known(region):
        account = _at_deploy(stack, framework, accounts)
        suffix = cdk.Aws.URL_SUFFIX
    elif region in accounts:
        account, suffix = accounts[region], table.domain_suffix(region)
    else:
        return ImageChoice(None, (_no_image(framework, region, accounts),))
    name = table.lines(framework).repository
    uri = f"{account}.dkr.ecr.{region}.{suffix}/{name}:{tag}"
    return ImageChoice(Image(uri, own.repository_arn(account, region, name), framework))


def _at_deploy(stack: cdk.Stack, framework: Framework, accounts: dict[str, str]) -> str:
    """The account as CloudFormation finds it in the region it deploys to."""
    name = _MAPPING_ID.format(versions.TITLES[framework])
    mapping = stack.node.try_find_child(name)
    if mapping is None:
        rows = {region: {_ATTRIBUTE: account} for region, account in accounts.items()}
        mapping = cdk.CfnMapping(stack, name, mapping=rows)
    assert isinstance(mapping, cdk.CfnMapping)  # noqa: S101 # the id is this library's own
    return mapping.find_in_map(stack.region, _ATTRIBUTE)


def _no_image(framework: Framework, region: str, accounts: dict[str, str]) -> Problem:
    return Problem(
        f"AWS publishes no {versions.TITLES[framework]} image for processing in {region!r}, as far "
        f"as this version knows; it does in {', '.join(accounts)}. Deploy to one of these, give "
        "another image by image_uri or image, or, if AWS has one there by now, its account by the "
        f'context key "{table.CONTEXT_KEY}": {{"{region}": {{"{framework}": "<account>"}}}}',
        IMAGE_URI,
    )

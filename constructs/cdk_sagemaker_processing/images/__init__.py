"""Which container image a job runs on: AWS's own, by region and version."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import TOKEN

__all__ = ["Framework", "Image", "custom_image", "framework_image"]

Framework = Literal["sklearn", "spark"]

_TITLES = {"sklearn": "SKLearn", "spark": "Spark"}
_MAPPING_ID = "SageMakerProcessingImages"
# "Amazon ECR registries ... https://aws_account_id.dkr.ecr.region.amazonaws.com": ECR user guide.
_ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[^/]+/(?P<name>[^:@]+)")


@dataclass(frozen=True, slots=True)
class Image:
    """A container image and where it is pulled from.

    Attributes:
        uri: The image's URI, as CreateProcessingJob takes it.
        repository: The account, region and name of its ECR repository; None
            where the URI does not tell.
    """

    uri: str
    repository: tuple[str, str, str] | None


def custom_image(uri: str) -> Image:
    """An image given by its URI."""
    found = None if TOKEN.search(uri) else _ECR.match(uri)
    return Image(uri, (found["account"], found["region"], found["name"]) if found else None)


def framework_image(
    stack: cdk.Stack,
    framework: Framework,
    framework_version: str,
    *,
    image_uri: str | None = None,
    py_version: str | None = None,
    container_version: str | None = None,
) -> Image | Problem:
    """AWS's image of a framework in the stack's region, or the image given instead.

    In a stack without a region the account is looked up at deploy, in a
    mapping that the template then carries.

    Args:
        stack: The stack whose region counts.
        framework: ``sklearn`` or ``spark``.
        framework_version: The framework's version, such as ``1.2-1`` or ``3.5``.
        image_uri: Another image; then nothing is looked up.
        py_version: The container's Python, such as ``py312``; Spark only.
        container_version: The container's own version, such as ``1.3``; Spark
            only. Goes with ``py_version``: both or neither.

    Returns:
        The image, or what is wrong with the choice.
    """
    if image_uri is not None:
        return custom_image(image_uri)
    tag = _tag(framework, framework_version, py_version, container_version)
    if isinstance(tag, Problem):
        return tag
    name = str(_table()["frameworks"][framework]["repository"])
    region = stack.region
    if TOKEN.search(region):
        account, suffix = _at_deploy(stack, framework), cdk.Aws.URL_SUFFIX
    elif framework in (row := _table()["regions"].get(region, {})):
        account, suffix = row[framework], row["suffix"]
    else:
        return _no_image(framework, region)
    uri = f"{account}.dkr.ecr.{region}.{suffix}/{name}:{tag}"
    return Image(uri, (account, region, name))


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("image_uris.json").read_text()
    table: dict[str, Any] = json.loads(text)
    return table


def _tag(
    framework: Framework, version: str, py_version: str | None, container_version: str | None
) -> str | Problem:
    versions: dict[str, Any] = _table()["frameworks"][framework]["versions"]
    if version not in versions:
        hint = "" if isinstance(version, str) else f", a {type(version).__name__}: write a string"
        return Problem(
            f"framework_version must be one of {', '.join(map(repr, versions))} "
            f"for {_TITLES[framework]}, got {version!r}{hint}; another image is given by image_uri",
            "AppSpecification.ImageUri",
        )
    row = versions[version]
    if (py_version is None) != (container_version is None):
        return Problem(
            "py_version and container_version pin the container together: give both or neither, "
            f"got py_version={py_version!r}, container_version={container_version!r}",
            "AppSpecification.ImageUri",
        )
    if py_version is None:
        return str(row["tag"])
    if py_version not in row["py_versions"]:
        return Problem(
            f"py_version must be one of {', '.join(row['py_versions'])} "
            f"for {_TITLES[framework]} {version}, got {py_version!r}",
            "AppSpecification.ImageUri",
        )
    return f"{row['tag']}-{py_version}-v{container_version}"


def _at_deploy(stack: cdk.Stack, framework: Framework) -> str:
    """The account as CloudFormation finds it in the region it deploys to."""
    mapping = stack.node.try_find_child(_MAPPING_ID)
    if mapping is None:
        regions = _table()["regions"].items()
        mapping = cdk.CfnMapping(
            stack,
            _MAPPING_ID,
            mapping={
                region: {name: row[name] for name in _TITLES if name in row}
                for region, row in regions
            },
        )
    assert isinstance(mapping, cdk.CfnMapping)  # noqa: S101 # the id is this library's own
    return mapping.find_in_map(cdk.Aws.REGION, framework)


def _no_image(framework: Framework, region: str) -> Problem:
    having = [name for name, row in _table()["regions"].items() if framework in row]
    return Problem(
        f"AWS publishes no {_TITLES[framework]} image for processing in {region!r}, as far as "
        f"this version knows; it does in {', '.join(having)}. Deploy to one of these, "
        "or give the image by image_uri",
        "AppSpecification.ImageUri",
    )

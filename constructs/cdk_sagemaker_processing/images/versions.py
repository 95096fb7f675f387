"""Which tag of AWS's own images the versions that a user gave choose."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images.model import IMAGE_URI, Framework
from cdk_sagemaker_processing.images.table import Lines, lines
from cdk_sagemaker_processing.request.values import is_known

__all__ = ["TITLES", "is_open", "tag"]

TITLES: Mapping[Framework, str] = {"sklearn": "SKLearn", "spark": "Spark"}
# The SDK's scikit-learn processor has no default. This is the newest version that has stood
# in its tables for years.
_DEFAULTS: Mapping[Framework, str] = {"sklearn": "1.2-1"}
# https://docs.docker.com/reference/cli/docker/image/tag/
_TAG_PART = re.compile(r"[A-Za-z0-9_.-]+")


def is_open(value: object) -> bool:
    """Whether a value is known only at deploy or at run time, in part or in whole."""
    return isinstance(value, str) and (not is_known(value) or "{%" in value)


def tag(
    framework: Framework,
    framework_version: str | None,
    py_version: str | None,
    container_version: str | None,
) -> str | tuple[Problem, ...]:
    """The tag that the versions choose by the SageMaker SDK's rules, or what is wrong with them."""
    line = lines(framework)
    version = _default(framework) if framework_version is None else framework_version
    wrong = (
        *_wrong_version(framework, version),
        *_wrong_pair(line, version, py_version, container_version),
        *_wrong_python(framework, version, py_version),
        *_wrong_container(container_version),
    )
    if wrong:
        return wrong
    if py_version is None or line.pinned_tag is None:
        return line.tag.format(version=version)
    return line.pinned_tag.format(
        version=version, py_version=py_version, container_version=container_version
    )


def _default(framework: Framework) -> str:
    return _DEFAULTS.get(framework) or list(lines(framework).versions)[-1]


def _wrong_version(framework: Framework, version: Any) -> Iterator[Problem]:
    versions = lines(framework).versions
    if is_open(version) or (isinstance(version, str) and version in versions):
        return
    yield Problem(
        f"framework_version must be one of {', '.join(map(repr, versions))} "
        f"for {TITLES[framework]}, got {version!r}{_meant(version, versions)}; "
        "another image is given by image_uri or image",
        IMAGE_URI,
    )


def _meant(version: Any, versions: Mapping[str, Any]) -> str:
    given = str(version)
    near = [one for one in versions if given and (one.startswith(given) or given.startswith(one))]
    if not isinstance(version, str):
        such = f", such as {near[-1]!r}" if near else ""
        return f", a {type(version).__name__}: write a string{such}"
    return f": did you mean {near[-1]!r}?" if near else ""


def _wrong_pair(line: Lines, version: Any, py: Any, container: Any) -> Iterator[Problem]:
    if (py is None) == (container is None):
        return
    known = line.versions.get(version, {}) if isinstance(version, str) else {}
    newest = [
        f", such as py_version={py_version!r}, container_version={newest!r}"
        for py_version, newest in known.items()
        if py in (None, py_version)
    ]
    yield Problem(
        "py_version and container_version pin the container together: give both or neither"
        f"{newest[-1] if newest else ''}; got py_version={py!r}, container_version={container!r}",
        IMAGE_URI,
    )


def _wrong_python(framework: Framework, version: Any, py_version: Any) -> Iterator[Problem]:
    pythons = lines(framework).versions.get(version, {}) if isinstance(version, str) else {}
    if py_version is None or is_open(py_version) or not pythons:
        return
    if py_version not in list(pythons):
        yield Problem(
            f"py_version must be one of {', '.join(pythons)} for {TITLES[framework]} {version}, "
            f"got {py_version!r}",
            IMAGE_URI,
        )


def _wrong_container(container_version: Any) -> Iterator[Problem]:
    if container_version is None or is_open(container_version):
        return
    if not isinstance(container_version, str):
        yield Problem(
            f"container_version must be a string, got {container_version!r}: "
            f"write {str(container_version)!r}",
            IMAGE_URI,
        )
    elif not _TAG_PART.fullmatch(container_version):
        yield Problem(
            "container_version must be letters, digits, '_', '.' and '-', such as '1.3', "
            f"got {container_version!r}",
            IMAGE_URI,
        )
    elif re.match(r"v\d", container_version):
        yield Problem(
            f"container_version is written without the v of the tag: {container_version[1:]!r}, "
            f"got {container_version!r}",
            IMAGE_URI,
        )

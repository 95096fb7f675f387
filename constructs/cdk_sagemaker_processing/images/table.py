"""AWS's own images, as data: their versions, and the account that has them in each region.

A region newer than this version of the package is added by the app's context, in ``cdk.json``,
for all steps at once; its row may also replace one of the table's, as for a mirror:

    "cdk-sagemaker-processing:imageAccounts": {
        "<region>": {"sklearn": "<account>", "spark": "<account>"}
    }
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images.model import Framework
from cdk_sagemaker_processing.request.values import is_known

__all__ = ["CONTEXT_KEY", "Lines", "accounts", "domain_suffix", "lines"]

CONTEXT_KEY = "cdk-sagemaker-processing:imageAccounts"

_EXAMPLE = '{"<region>": {"sklearn": "<account>", "spark": "<account>"}}'
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Lines:
    """What there is of a framework's image.

    Attributes:
        repository: The name of its repository.
        tag: The tag of a version, of which ``{version}`` is a part.
        pinned_tag: The tag of a version with ``{py_version}`` and
            ``{container_version}``; None where these are no choice.
        versions: Each version's Pythons, and the newest container of each that
            this table knows of; oldest version first.
    """

    repository: str
    tag: str
    versions: Mapping[str, Mapping[str, str]]
    pinned_tag: str | None = None


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("image_uris.json").read_text()
    table: dict[str, Any] = json.loads(text)
    return table


@cache
def lines(framework: Framework) -> Lines:
    """What there is of a framework's image."""
    return Lines(**_table()["frameworks"][framework])


def domain_suffix(region: str) -> str:
    """The domain of a region's services; CloudFormation's word for it where it is not known."""
    known: str | None = _table()["regions"].get(region, {}).get("suffix")
    return known or cdk.Aws.URL_SUFFIX


def accounts(stack: cdk.Stack, framework: Framework) -> dict[str, str] | tuple[Problem, ...]:
    """The account that has a framework's image, by region.

    Those of the app's context come before those of the SageMaker SDKs.
    """
    context = stack.node.try_get_context(CONTEXT_KEY)
    if wrong := tuple(_wrong(context)):
        return wrong
    rows = {**_known(framework)}
    rows.update(
        {region: row[framework] for region, row in (context or {}).items() if framework in row}
    )
    return rows


@cache
def _known(framework: Framework) -> dict[str, str]:
    rows = _table()["regions"].items()
    return {region: row[framework] for region, row in rows if framework in row}


def _wrong(context: Any) -> Iterator[Problem]:
    if context is None:
        return
    if not isinstance(context, Mapping):
        hint = ": -c passes text only, so write it in cdk.json" if isinstance(context, str) else ""
        yield Problem(
            f"the context key {CONTEXT_KEY!r} must hold {_EXAMPLE}, got {context!r}{hint}"
        )
        return
    for region, row in context.items():
        where = f"the context key {CONTEXT_KEY!r}: {region!r}"
        if not _REGION.fullmatch(region):
            yield Problem(f"{where} is no region: write {_EXAMPLE}")
        elif not isinstance(row, Mapping):
            yield Problem(
                f"{where} must hold an account for each framework, got {row!r}: write {_EXAMPLE}"
            )
        else:
            yield from _wrong_row(where, row)


def _wrong_row(where: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    frameworks = ", ".join(_table()["frameworks"])
    for name, account in row.items():
        if name not in _table()["frameworks"]:
            yield Problem(f"{where}: there is no framework {name!r}; there are {frameworks}")
        elif not isinstance(account, str):
            yield Problem(
                f"{where}: the account of {name} must be a string of 12 digits, got {account!r}: "
                "put it in quotes"
            )
        elif is_known(account) and not _ACCOUNT.fullmatch(account):
            yield Problem(f"{where}: the account of {name} must have 12 digits, got {account!r}")

"""The part of S3 URIs that permissions can name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cdk_sagemaker_processing.cdk.pseudo import PARTITION
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import TOKEN, Joined, Text, is_known, is_run_time

__all__ = ["Location", "locate", "locations"]

# Spark takes s3a as well, and means the same place.
_S3 = re.compile("s3a?://")
_SPECIAL = re.compile(r"[*?$]")


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket and a key prefix, as far as they are known at synth."""

    bucket: str
    prefix: str

    @property
    def bucket_arn(self) -> str:
        """The ARN of the bucket."""
        return f"arn:{PARTITION}:s3:::{self.bucket}"

    @property
    def below(self) -> str:
        """All keys below the prefix, as a pattern of IAM's."""
        return f"{_literal(self.prefix)}*"

    @property
    def objects_arn(self) -> str:
        """The ARN of all objects below the prefix."""
        return f"{self.bucket_arn}/{self.below}"


def _literal(text: str) -> str:
    """Text in which nothing is a wildcard or a variable to IAM, the CDK's tokens left in place.

    Source: IAM user guide, "IAM policy elements: Variables and tags", special characters.
    """
    # Splitting by a pattern with one group puts the tokens at the odd places.
    return "".join(
        piece if at % 2 else _SPECIAL.sub(r"${\g<0>}", piece)
        for at, piece in enumerate(TOKEN.split(text))
    )


def locate(uri: Text) -> Location | Problem:
    """The part of an S3 URI that permissions can name: all before the first run-time value."""
    head = uri.parts[0] if isinstance(uri, Joined) else uri
    found = _S3.match(head) if isinstance(head, str) else None
    if found is None:
        return _unnamed(uri)
    bucket, slash, prefix = found.string[found.end() :].partition("/")
    if isinstance(uri, Joined) and not slash:
        return Problem(
            f"the bucket of {str(uri)!r} ends in a run-time value: put a slash after its name"
        )
    return Location(bucket, prefix)


def _unnamed(uri: Text) -> Problem:
    if is_known(uri):
        return Problem(f"no permission can name {str(uri)!r}: write it as s3://<bucket>/<key>")
    when, what = ("run time", "run-time") if is_run_time(uri) else ("deploy", "deploy-time")
    return Problem(
        f"the bucket of {str(uri)!r} is known only at {when}, so no permission can name it: "
        f"write it as s3://<bucket>/ followed by the {what} value, "
        "or give a role of your own (role=) that may use it"
    )


def locations(uris: Iterable[Text]) -> tuple[list[Location], list[Problem]]:
    """Each place once, in the order of the URIs, and a problem for each that has no name."""
    found = [locate(uri) for uri in uris]
    named = {one: None for one in found if isinstance(one, Location)}
    return list(named), [one for one in found if isinstance(one, Problem)]

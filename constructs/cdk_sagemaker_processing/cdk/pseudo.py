"""CloudFormation's pseudo parameters in text, as short as templates can have them.

The CDK writes text that holds a pseudo parameter as an Fn::Join of many lines;
a hundred roles of these are a megabyte, which is all that a template may have.
An Fn::Sub says the same in one.
"""

from functools import cache
from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.request.values import TOKEN

__all__ = [
    "ACCOUNT_ID",
    "PARTITION",
    "REGION",
    "URL_SUFFIX",
    "as_text",
    "compact",
    "substituted",
    "substituted_in",
]

# Each reading of `cdk.Aws` asks the CDK's kernel, and these are read for every statement.
PARTITION: str = cdk.Aws.PARTITION
REGION: str = cdk.Aws.REGION
ACCOUNT_ID: str = cdk.Aws.ACCOUNT_ID
URL_SUFFIX: str = cdk.Aws.URL_SUFFIX

_NAMES = {
    PARTITION: "AWS::Partition",
    REGION: "AWS::Region",
    ACCOUNT_ID: "AWS::AccountId",
    URL_SUFFIX: "AWS::URLSuffix",
}


def compact(value: Any) -> Any:
    """JSON in which each text of pseudo parameters is substituted in one."""
    if isinstance(value, str):
        return substituted(value)
    if isinstance(value, dict):
        return {key: compact(one) for key, one in value.items()}
    return [compact(one) for one in value] if isinstance(value, list) else value


def as_text(resolved: Any) -> str | None:
    """What an Fn::Sub of pseudo parameters says, as text that holds them; None of all else."""
    text = resolved.get("Fn::Sub") if isinstance(resolved, dict) else None
    if not isinstance(text, str):
        return None
    for token, name in _NAMES.items():
        text = text.replace(f"${{{name}}}", token)
    return None if "${" in TOKEN.sub("", text) else text


@cache
def substituted(text: str) -> str:
    """Text as an Fn::Sub, where it holds pseudo parameters beside other text and no other token."""
    # Splitting by a pattern with one group puts the tokens at the odd places.
    pieces = TOKEN.split(text)
    if not pieces[1::2] or text in _NAMES or any(one not in _NAMES for one in pieces[1::2]):
        return text
    written = (
        f"${{{_NAMES[piece]}}}" if at % 2 else piece.replace("${", "${!")
        for at, piece in enumerate(pieces)
    )
    template = "".join(written)
    substitution: str = cdk.Fn.sub(template)
    _substituted[substitution] = template
    return substitution


def substituted_in(token: str) -> str | None:
    """What an Fn::Sub of `substituted`, or a pseudo parameter, says; None of any other token."""
    if token in _NAMES:
        return f"${{{_NAMES[token]}}}"
    return _substituted.get(token)


# A token is unique in its process, so an entry never changes its meaning.
_substituted: dict[str, str] = {}

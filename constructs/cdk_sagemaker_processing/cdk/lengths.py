"""How long text is once it is deployed, of which some is filled in by CloudFormation."""

from typing import Any

from cdk_sagemaker_processing.cdk.pseudo import substituted_in
from cdk_sagemaker_processing.request.values import TOKEN

__all__ = ["length_of", "length_of_text"]

# Of the commercial regions, the longest of these.
_PSEUDO = {
    "AWS::AccountId": 12,
    "AWS::NoValue": 0,
    "AWS::Partition": len("aws"),
    "AWS::Region": len("ap-southeast-1"),
    "AWS::URLSuffix": len("amazonaws.com"),
}
# About what a resource's ARN has, and its name, which has at most 64.
_ARN = 100
_NAME = 60
_ACCOUNT = 12


def length_of(resolved: Any) -> int:
    """About how many characters a resolved value becomes: to a few in a hundred."""
    if isinstance(resolved, str):
        return len(resolved)
    if not isinstance(resolved, dict) or len(resolved) != 1:
        return _NAME
    ((function, given),) = resolved.items()
    if function == "Fn::Join":
        return sum(map(length_of, given[1])) + len(given[0]) * max(len(given[1]) - 1, 0)
    if function == "Ref":
        return _PSEUDO.get(given, _NAME)
    if function == "Fn::Sub" and isinstance(given, str):
        return _length_of_sub(given)
    return {"Fn::GetAtt": _ARN, "Fn::FindInMap": _ACCOUNT}.get(function, _NAME)


def length_of_text(text: str) -> int:
    """The same of text that holds tokens of the CDK's."""
    # Splitting by a pattern with one group puts the tokens at the odd places.
    pieces = TOKEN.split(text)
    return sum(
        _length_of_sub(substituted_in(piece)) if at % 2 else len(piece)
        for at, piece in enumerate(pieces)
    )


def _length_of_sub(text: str | None) -> int:
    if text is None:
        return _NAME
    known = 0
    for name, length in _PSEUDO.items():
        known += text.count(f"${{{name}}}") * length
        text = text.replace(f"${{{name}}}", "")
    return known + len(text)

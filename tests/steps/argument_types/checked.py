"""What a check of a kind says."""

from collections.abc import Callable, Iterable
from typing import Any

from cdk_sagemaker_processing.errors import Problem

__all__ = ["said"]


def said(check: Callable[[str, Any], Iterable[Problem]], value: Any) -> list[str]:
    """The problems of a value for an argument named ``it``; they name no API member."""
    found = list(check("it", value))
    assert not [one.member for one in found if one.member]
    return [one.text for one in found]

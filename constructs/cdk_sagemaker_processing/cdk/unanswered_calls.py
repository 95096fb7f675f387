"""Calls of the CDK's methods whose answers nobody needs, and which are not waited for."""

from typing import Any

import jsii

__all__ = ["call_unanswered"]

# jsii asks for each member of a struct that a method returns, a crossing into Node each. What it
# wraps for that is the method alone.
_invoke = getattr(type(jsii.kernel).invoke, "__wrapped__", type(jsii.kernel).invoke)


def call_unanswered(thing: object, method: str, *arguments: Any) -> None:
    """Call a method of an object of the CDK's, and leave its answer.

    Args:
        thing: The object.
        method: The method's name in the CDK's own language, such as
            ``addFileAsset``.
        *arguments: Its arguments.
    """
    _invoke(jsii.kernel, thing, method, list(arguments))

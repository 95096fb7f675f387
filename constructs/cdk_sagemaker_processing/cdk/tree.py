"""Where constructs stand in the app: what never changes of them, asked of the CDK once.

Each question to the CDK crosses into Node, and the steps of a stack all ask the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import IConstruct

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

__all__ = ["bucket_name", "path_of", "stack_of", "stage_of"]

Asked = TypeVar("Asked", bound=IConstruct)
Answer = TypeVar("Answer")


def _once(question: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    answers: WeakKeyDictionary[Asked, Answer] = WeakKeyDictionary()

    def answer(construct: Asked) -> Answer:
        if construct not in answers:
            answers[construct] = question(construct)
        return answers[construct]

    return answer


@_once
def stack_of(construct: IConstruct) -> cdk.Stack:
    """The stack that a construct is in.

    Raises:
        RuntimeError: It is in none.
    """
    return cdk.Stack.of(construct)


@_once
def stage_of(construct: IConstruct) -> cdk.Stage | None:
    """The stage that a construct is in, the app if there is no other; None outside of an app."""
    return cdk.Stage.of(construct)


@_once
def path_of(construct: IConstruct) -> str:
    """A construct's path in the app."""
    path: str = construct.node.path
    return path


@_once
def bucket_name(bucket: s3.IBucket) -> str:
    """A bucket's name, as the CDK stands for it."""
    name: str = bucket.bucket_name
    return name

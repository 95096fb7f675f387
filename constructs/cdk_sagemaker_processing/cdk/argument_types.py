"""Whether what users gave is of the CDK's type that an argument takes.

The CDK would fail deep inside with an AttributeError or TypeError of its own
that names neither the construct nor the argument.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem

__all__ = [
    "wrong_construct",
    "wrong_constructs",
    "wrong_duration",
    "wrong_encryption_key",
    "wrong_flag",
    "wrong_member",
    "wrong_removal_policy",
    "wrong_retention",
    "wrong_text",
    "wrong_topic",
]


def wrong_construct(name: str, value: Any, kind: str, sign: str, write: str) -> Iterator[Problem]:
    """What is wrong with a construct; None is right.

    Args:
        name: The argument.
        value: What came.
        kind: The CDK's interface that it takes.
        sign: A member of that interface by which it is told: Python cannot ask
            jsii whether a class implements one.
        write: What to write where the construct's ARN, id or name came.
    """
    if value is not None and not hasattr(value, sign):
        hint = f"write {write}" if isinstance(value, str) else "give the construct"
        yield Problem(f"{name} must be {kind}, got {value!r}: {hint}")


def wrong_constructs(name: str, value: Any, kind: str, sign: str, write: str) -> Iterator[Problem]:
    """What is wrong with a list of constructs: as of one."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        yield Problem(f"{name} must be a list of {kind}, got {value!r}: write [...] around it")
        return
    for at, one in enumerate(value):
        if one is None:
            yield Problem(f"{name}[{at}] must be {kind}, got None: leave it out")
        yield from wrong_construct(f"{name}[{at}]", one, kind, sign, write)


def wrong_encryption_key(value: Any) -> Iterator[Problem]:
    """What is wrong with the KMS key of a construct of one's own."""
    write = f"kms.Key.from_key_arn(self, 'Key', {value!r})"
    yield from wrong_construct(
        "encryption_key", value, "a kms.IKey", "add_to_resource_policy", write
    )


def wrong_topic(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with an SNS topic."""
    write = f"sns.Topic.from_topic_arn(self, 'Topic', {value!r})"
    yield from wrong_construct(name, value, "an sns.ITopic", "topic_arn", write)


def wrong_retention(value: Any) -> Iterator[Problem]:
    """What is wrong with how long a log is kept."""
    # It costs time to load, which every import of the package would pay.
    from aws_cdk import aws_logs as logs  # noqa: PLC0415

    yield from wrong_member(
        "log_retention", value, logs.RetentionDays, "logs.RetentionDays", "ONE_MONTH"
    )


def wrong_removal_policy(value: Any) -> Iterator[Problem]:
    """What is wrong with what becomes of data when its stack goes."""
    yield from wrong_member(
        "removal_policy", value, cdk.RemovalPolicy, "cdk.RemovalPolicy", "DESTROY"
    )


def wrong_member(name: str, value: Any, of: type, kind: str, example: str) -> Iterator[Problem]:
    """What is wrong with a member of one of the CDK's enumerations.

    Args:
        name: The argument.
        value: What came.
        of: The enumeration.
        kind: What the enumeration is called where people import it.
        example: One of its members.
    """
    if not isinstance(value, of):
        named = getattr(of, value.upper(), None) if isinstance(value, str) else None
        member = value.upper() if isinstance(value, str) and isinstance(named, of) else example
        yield Problem(f"{name} must be a {kind}, got {value!r}: write {kind}.{member}")


def wrong_duration(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with a duration; None is right."""
    if value is not None and not isinstance(value, cdk.Duration):
        yield Problem(f"{name} must be a cdk.Duration, got {value!r}: write cdk.Duration.hours(1)")


def wrong_flag(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with True or False, where any text would be taken for True."""
    if not isinstance(value, bool):
        yield Problem(f"{name} must be True or False, got {value!r}")


def wrong_text(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with a string; None is right."""
    if value is not None and not isinstance(value, str):
        yield Problem(f"{name} must be a string, got {value!r}")

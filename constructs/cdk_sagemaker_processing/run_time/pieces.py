"""Text of users' in pieces: what is written, and between it values of a run."""

import re

from cdk_sagemaker_processing.request.values import TOKEN

__all__ = ["LIST_TOKEN", "is_jsonata", "jsonata_in", "pieces_of", "values_in"]

# How the CDK writes a list that is not known yet: as its only item.
LIST_TOKEN = "#{Token["  # noqa: S105 # the CDK's kind of token, no secret
# A JSONata expression, or one of the CDK's tokens; an expression may hold tokens.
_VALUE = re.compile(rf"(\{{%.*?%\}}|{TOKEN.pattern.strip('()')})", re.DOTALL)


def pieces_of(text: str) -> list[str]:
    """A string split: at the odd places tokens and JSONata expressions, between them text."""
    # Splitting by a pattern with one group puts what it finds at the odd places.
    return _VALUE.split(text)


def values_in(text: str) -> list[str]:
    """The tokens and JSONata expressions in a string."""
    return pieces_of(text)[1::2]


def is_jsonata(value: str) -> bool:
    """Whether the string is one JSONata expression and nothing else."""
    return value.startswith("{%") and value.endswith("%}")


def jsonata_in(expression: str) -> str:
    """A JSONata expression without the signs around it."""
    return expression.removeprefix("{%").removesuffix("%}").strip()

"""What a mistake looks like: every problem of a construct, in one error."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Problem", "ValidationError"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words that mend it.

    Attributes:
        text: What came, what is allowed and how to mend it.
        member: The API member concerned, such as
            ``ProcessingResources.ClusterConfig.InstanceCount``; empty where
            the request has none.
    """

    text: str
    member: str = ""

    def __str__(self) -> str:
        """The text, with the API member where there is one."""
        return f"{self.text} [CreateProcessingJob {self.member}]" if self.member else self.text


class ValidationError(ValueError):
    """A construct was asked for something that could not work once deployed.

    Attributes:
        path: The construct's path in the app, such as ``Prod/Clean``.
        kind: The construct's class, such as ``PySparkStep``.
        problems: Everything found wrong, never only the first.
    """

    def __init__(self, path: str, kind: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.kind = kind
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path} ({kind}): {problem}" for problem in self.problems))

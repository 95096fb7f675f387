"""What is wrong with a definition, as AWS tells it."""

from collections.abc import Iterator
from dataclasses import dataclass

SCHEMA = "SCHEMA_VALIDATION_FAILED"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        message: What it is.
        location: Where, as a path through the definition; empty if it is the whole.
        code: AWS's name for what is wrong.
    """

    message: str
    location: str
    code: str = SCHEMA

    def __str__(self) -> str:
        """It, as the message of an InvalidDefinition error tells it."""
        told = f"{self.code}: {self.message}"
        return f"{told} at {self.location}" if self.location else told


Problems = Iterator[Problem]

"""Where the local cloud is known to differ from AWS's Step Functions.

docs/about/conformance.md shows this table; each row's cases are expected to fail until it is
mended.
"""

from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Gap:
    """A known difference.

    Attributes:
        name: What it is called by in tests.
        aws: What AWS does.
        here: What the local cloud does instead.
    """

    name: str
    aws: str
    here: str


GAPS: tuple[Gap, ...] = (
    Gap(
        "ResultWriter",
        "A distributed Map writes its results to S3 where ResultWriter says.",
        "The state fails with `States.ResultWriterFailed`, and says so.",
    ),
    Gap(
        "Redrive of a distributed Map",
        "Only the items that failed are run again, in the same Map Run.",
        "All items are run again, in another Map Run.",
    ),
    Gap(
        "UpdateMapRun",
        "A Map Run that runs takes over a new MaxConcurrency.",
        "It takes over how many items may fail; the old MaxConcurrency holds.",
    ),
    Gap(
        "Express workflows",
        "They have no list of executions, no history to read and five minutes.",
        "They run, and are listed, as standard ones do.",
    ),
    Gap(
        "Operators of JSONata 2.1",
        "Step Functions reads JSONata 2.0.6, and refuses the operators `??` and `?:`.",
        "They are read: the library that evaluates expressions is of a later release.",
    ),
    Gap(
        "Variables in the history",
        "The event that leaves a state tells the variables that it assigned.",
        "It tells the output only.",
    ),
    Gap(
        "Variables in DescribeStateMachine",
        "`variableReferences` tells which state reads which variables.",
        "It is left out.",
    ),
)


def gap(name: str) -> pytest.MarkDecorator:
    """Mark a case that fails because of a known difference.

    Args:
        name: The row's name.
    """
    (found,) = (one for one in GAPS if one.name == name)
    return pytest.mark.xfail(strict=True, reason=f"{found.aws} Here: {found.here}")

"""The state machine's variables that a step's cache uses, named so that no two steps share one.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import re

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.request.values import Joined, Reference, Text, join
from cdk_sagemaker_processing.steps.assembly.places import path_digest

__all__ = ["RUNS", "found", "is_source", "of_source", "source", "without_run"]

# How the variable of a step's source run stands in a definition, in either query language.
RUNS = re.compile(r"\$(run_[0-9a-f]{8})\b")


def found(path: str) -> str:
    """The variable of what a cache has found out so far, without its ``$``.

    Args:
        path: The step's path in the app.
    """
    return f"cache_{path_digest(path)}"


def source(path: str) -> str:
    """The variable of the name of the execution whose outputs of the step count, likewise."""
    return f"run_{path_digest(path)}"


def is_source(variable: str) -> bool:
    """Whether a variable, without its ``$``, is one of these."""
    return bool(RUNS.fullmatch(f"${variable}"))


def of_source(uri: Text, path: str) -> Text:
    """An output's URI in the execution whose outputs count, from that in the running one."""
    if not isinstance(uri, Joined):
        return uri
    run = Reference(jsonpath=f"${source(path)}", jsonata=f"${source(path)}")
    return join(*(run if part == run_time.EXECUTION_NAME else part for part in uri.parts))


def without_run(uri: Text) -> Text:
    """A URI without what names the execution that wrote below it."""
    if not isinstance(uri, Joined):
        return uri
    return join(*(part for part in uri.parts if not _is_run(part)))


def _is_run(part: str | Reference) -> bool:
    if isinstance(part, str):
        return False
    return part == run_time.EXECUTION_NAME or bool(RUNS.fullmatch(part.jsonpath or ""))

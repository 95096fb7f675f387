"""Values of the running execution, by name: for the arguments of steps in either query language.

Each function gives a CDK token, which states of other kinds take too where the
machine is JSONPath. A step renders it in its machine's language, JSONata as well.
"""

import re

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.request.values import Reference

__all__ = ["Execution", "StateInput"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What a path begins with, and hardly a member, which may well be called $ref.
_PATHS = ("$.", "$$.", "$[")
_START_TIME = "$$.Execution.StartTime"


class Execution:
    """What the running execution is called and when it began.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """

    @staticmethod
    def id() -> str:
        """The execution's ARN."""
        return run_time.text_standing_for(run_time.EXECUTION_ID)

    @staticmethod
    def name() -> str:
        """The execution's name, at most 80 characters; it may hold ``_`` and ``.``."""
        return run_time.text_standing_for(run_time.EXECUTION_NAME)

    @staticmethod
    def start_time() -> str:
        """When the execution began, in UTC, such as ``2026-01-31T04:05:06.789Z``."""
        return run_time.text_standing_for(
            Reference(jsonpath=_START_TIME, jsonata="$states.context.Execution.StartTime")
        )

    @staticmethod
    def start_date() -> str:
        """The day the execution began on, in UTC, such as ``2026-01-31``."""
        return run_time.text_standing_for(
            Reference(
                jsonpath=f"States.ArrayGetItem(States.StringSplit({_START_TIME}, 'T'), 0)",
                jsonata="$substringBefore($states.context.Execution.StartTime, 'T')",
            )
        )

    @staticmethod
    def input(*names: str) -> str:
        """A text of the input that the execution was started with, wherever the step stands.

        Args:
            names: The names that lead to it, from outside in.
        """
        below = _reference("$$.Execution.Input", "$states.context.Execution.Input", names)
        return run_time.text_standing_for(below)


class StateInput:
    """What a step finds in its state's input: that of the execution, or what a state before made.

    Within a ``Map`` it is the iteration's item.
    """

    @staticmethod
    def text(*names: str) -> str:
        """A text.

        Args:
            names: The names that lead to it, from outside in: ``text("day")``,
                ``text("range", "from")``.
        """
        return run_time.text_standing_for(_reference("$", "$states.input", names))

    @staticmethod
    def number(*names: str) -> float:
        """A number; in text, such as an argument, write ``f"{StateInput.number('count')}"``.

        Args:
            names: The names that lead to it, from outside in.
        """
        return run_time.number_standing_for(_reference("$", "$states.input", names))

    @staticmethod
    def texts(*names: str) -> list[str]:
        """A list of texts, such as all ``arguments``.

        Args:
            names: The names that lead to it, from outside in.
        """
        return run_time.texts_standing_for(_reference("$", "$states.input", names))


def _reference(jsonpath: str, jsonata: str, names: tuple[str, ...]) -> Reference:
    wrong = [name for name in names if not isinstance(name, str) or not name]
    if wrong or not names:
        raise ValueError(
            "names must be one or more names that lead to the value, from outside in, such as "
            f"text('range', 'from'), got {names!r}"
        )
    if any(name.startswith(_PATHS) for name in names):
        raise ValueError(
            "names are those of the input's members, with no path around them: "
            f"text('day') for $.day, got {names!r}; a path is given by sfn.JsonPath.string_at(...)"
        )
    return Reference(
        jsonpath=jsonpath + "".join(map(_jsonpath_name, names)),
        jsonata=jsonata + "".join(map(_jsonata_name, names)),
    )


def _jsonpath_name(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f".{name}" if _PLAIN.fullmatch(name) else f"['{escaped}']"


def _jsonata_name(name: str) -> str:
    if "`" in name:
        raise ValueError(f"a name cannot hold a backtick in JSONata, got {name!r}")
    return f".{name}" if _PLAIN.fullmatch(name) else f".`{name}`"

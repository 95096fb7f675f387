"""One parameter of a workflow; nothing here loads the CDK, so that the command may use it too."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.parameters.checks import (
    wrong_allowed,
    wrong_bounds,
    wrong_name,
    wrong_pattern,
    wrong_type,
)
from cdk_sagemaker_processing.parameters.value_types import WORDS, ParameterType, is_of, shown
from cdk_sagemaker_processing.request.values import Reference, is_known

__all__ = ["ParameterType", "WorkflowParameter"]


@dataclass(frozen=True, slots=True)
class WorkflowParameter:
    r"""A value that each execution of a workflow is given, checked before anything runs.

    Make it before the steps, let ``value`` or ``str()`` of it stand in their
    arguments, and name it in the ``parameters`` of the ``ProcessingWorkflow``.
    An execution reads it from the member of its input that has its name, and
    keeps it as the workflow variable ``$name``, which every later state can
    read, within ``Parallel`` and ``Map`` too. The iterations of a distributed
    ``Map`` are executions of their own that see no variable: give it to them
    by the ``Map``'s ``item_selector``.

    >>> day = WorkflowParameter("day", pattern=r"\d{4}-\d{2}-\d{2}")
    >>> day.problem("yesterday")
    'day must be text that matches \\d{4}-\\d{2}-\\d{2}, got "yesterday"'

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    Attributes:
        name: Its name: letters, digits and ``_``, at most 80 characters, and
            not that of a JSONata function, which the variable would hide, nor
            one that begins with ``workflow_``.
        type: ``string`` (the default), ``number``, ``integer``, ``boolean``, or
            ``strings``, a list of texts.
        default: Its value in executions that are given none; without one they
            must be given it.
        pattern: A regular expression that the whole text, or each of the texts,
            matches; of what Python, Java and JavaScript all know. Any text does
            by default.
        allowed_values: All values that it, or each of its texts, may have; any
            by default.
        minimum: The least number it may be; any by default.
        maximum: The greatest number it may be; any by default.
        description: What it is for; nothing is said by default.

    Raises:
        ValidationError: It could not be checked, or its default would be
            refused; every reason is in the message.
    """

    name: str
    type: ParameterType = "string"
    default: str | float | bool | Sequence[str] | None = None
    pattern: str | None = None
    allowed_values: Sequence[str | float] = ()
    minimum: float | None = None
    maximum: float | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be checked in a run."""
        for name in ("default", "allowed_values"):
            value = getattr(self, name)
            if isinstance(value, Sequence) and not isinstance(value, str):
                object.__setattr__(self, name, tuple(value))
        if wrong := self._problems():
            raise ValidationError(
                f"parameter {self.name!r}", type(self).__name__, [Problem(one) for one in wrong]
            )

    @property
    def required(self) -> bool:
        """Whether every execution must be given it."""
        return self.default is None

    @property
    def value(self) -> Any:
        """What stands for it in a step's arguments, in either query language.

        That is a string, a number for ``number`` and ``integer``, a list of
        strings for ``strings`` and what ``sfn.JsonPath.object_at`` gives for
        ``boolean``: tokens of the CDK's, which states of other kinds take too
        where the machine is JSONPath and no other text is beside them.
        """
        # The command reads parameters without the CDK, which is loaded here.
        from cdk_sagemaker_processing import run_time  # noqa: PLC0415

        variable = Reference(jsonpath=f"${self.name}", jsonata=f"${self.name}")
        makers = {
            "string": run_time.text_standing_for,
            "strings": run_time.texts_standing_for,
            "boolean": run_time.object_standing_for,
        }
        return makers.get(self.type, run_time.number_standing_for)(variable)

    @property
    def path(self) -> str:
        """What stands for it where a JSONPath state takes a path: ``items_path=days.path``."""
        return f"${self.name}"

    @property
    def jsonata(self) -> str:
        """What stands for it in states of other kinds that are JSONata: ``{% $name %}``."""
        return f"{{% ${self.name} %}}"

    def __str__(self) -> str:
        """What stands for it within text of a step, in either query language; lists as JSON."""
        from cdk_sagemaker_processing import run_time  # noqa: PLC0415 # as in `value`

        jsonpath, jsonata = {
            "string": ("${}", "${}"),
            "strings": ("States.JsonToString(${})", "$string(${})"),
        }.get(self.type, ("States.Format('{{}}', ${})", "$string(${})"))
        return run_time.text_standing_for(
            Reference(jsonpath=jsonpath.format(self.name), jsonata=jsonata.format(self.name))
        )

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        words = [WORDS[self.type]]
        if self.allowed_values:
            words.append("of " + ", ".join(map(shown, self.allowed_values)))
        if self.pattern is not None:
            words.append(f"that matches {self.pattern}")
        if self.minimum is not None:
            words.append(f"from {shown(self.minimum)}")
        if self.maximum is not None:
            words.append(f"up to {shown(self.maximum)}")
        return " ".join(words)

    def problem(self, value: object) -> str | None:
        """What an execution would say is wrong with a JSON value, None if nothing is."""
        if self._allows(value):
            return None
        return f"{self.name} must be {self.allowed}, got {shown(value)}"

    def parse(self, text: str) -> Any:
        """The value that a text on a command line means; the text itself where it means none.

        ``strings`` are a JSON list, or texts with commas between them.
        """
        if self.type == "string":
            return text
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if self.type == "strings":
            return value if isinstance(value, list) else text.split(",")
        if not is_of(self.type, value):
            return text
        return int(value) if self.type == "integer" else value

    def _allows(self, value: object) -> bool:
        if not is_of(self.type, value):
            return False
        values = value if isinstance(value, list | tuple) else (value,)
        return all(self._allows_one(one) for one in values)

    def _allows_one(self, value: Any) -> bool:
        if self.allowed_values and value not in self.allowed_values:
            return False
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return False
        if self.minimum is not None and value < self.minimum:
            return False
        return self.maximum is None or bool(value <= self.maximum)

    def _problems(self) -> list[str]:
        """What is wrong with it; its rules matter once it has a name and a type."""
        return (
            [*wrong_name(self.name), *wrong_type(self.type)]
            or [
                *wrong_pattern(self.type, self.pattern),
                *wrong_bounds(self.type, self.minimum, self.maximum),
                *wrong_allowed(self.type, self.allowed_values),
            ]
            or self._wrong_default()
        )

    def _wrong_default(self) -> list[str]:
        if self.default is None or not _is_literal(self.default):
            return []
        problem = self.problem(self.default)
        return [f"default: {problem}"] if problem else []


def _is_literal(value: object) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return all(is_known(one) for one in values)

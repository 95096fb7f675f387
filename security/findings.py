"""Findings, and the acknowledgements that answer them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Acknowledgement", "Evaluation", "Finding", "Judgement", "judge"]

# `Rule[/expression/]`: for findings that name a resource whose name changes with its content.
_EXPRESSION = re.compile(r"(?P<rule>[^\[]+)\[/(?P<expression>.+)/\]", re.DOTALL)
# What the CDK itself leaves out where it is acknowledged; its own constructs do so too.
_THE_CDKS = ("CloudFormation-Validate::", "Annotation::")
# The form that cdk-nag's own documents show: it hides the finding from this tool as well.
_HIDING = "Annotation::AwsSolutions-"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule of one tool, broken by one construct.

    Attributes:
        tool: The tool, as acknowledgements name it.
        rule: The rule, with what it is about in brackets where the tool says so.
        path: The path of the construct, or the file where there is none.
        what: What is wrong, in the tool's words.
    """

    tool: str
    rule: str
    path: str
    what: str

    @property
    def id(self) -> str:
        """What acknowledges it, in the CDK's form."""
        # The CDK writes the ids of acknowledgements without spaces.
        return f"{self.tool}::{self.rule}".replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A finding that is meant, on a construct and those in it.

    Attributes:
        path: The path of the construct.
        id: ``tool::rule``, exactly, or ``tool::rule[/expression/]`` for all of a rule whose
            brackets the regular expression matches as a whole.
        reason: Why it is meant.
    """

    path: str
    id: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it answers the finding."""
        if finding.path != self.path and not finding.path.startswith(f"{self.path}/"):
            return False
        if finding.id == self.id:
            return True
        written = _EXPRESSION.fullmatch(self.id)
        if written is None:
            return False
        rule, _, named = finding.id.removesuffix("]").partition("[")
        return rule == written["rule"] and bool(re.fullmatch(written["expression"], named))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one tool found in one stack.

    Attributes:
        tool: The tool, as findings name it.
        stack: The stack, as the table names it.
        rules: How many rules the tool evaluated.
        findings: What it found.
        note: What the reader must know of it, such as that nothing could be evaluated.
    """

    tool: str
    stack: str
    rules: int
    findings: Sequence[Finding] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Evaluations held against acknowledgements.

    Attributes:
        evaluations: All of them.
        answered: The acknowledgement of each finding that has one, a stack at a time.
        unanswered: The findings that have none, a stack at a time.
        unused: Acknowledgements that answer nothing, or that hide from cdk-nag what they answer.
    """

    evaluations: Sequence[Evaluation]
    answered: Sequence[tuple[str, Finding, Acknowledgement]] = field(default=())
    unanswered: Sequence[tuple[str, Finding]] = field(default=())
    unused: Sequence[Acknowledgement] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every finding is acknowledged and every acknowledgement needed."""
        return not self.unanswered and not self.unused


def judge(
    evaluations: Sequence[Evaluation],
    acknowledgements: Mapping[str, Sequence[Acknowledgement]],
) -> Judgement:
    """Hold what was found in each stack against the acknowledgements in it.

    An id that is acknowledged for the same reason in several places, as a function that many
    stacks call does it, is used when one of these places needs it.

    Args:
        evaluations: What was found.
        acknowledgements: What each stack acknowledges.
    """
    answered: list[tuple[str, Finding, Acknowledgement]] = []
    unanswered: list[tuple[str, Finding]] = []
    for evaluation in evaluations:
        for finding in evaluation.findings:
            here = acknowledgements.get(evaluation.stack, ())
            answer = next((one for one in here if one.covers(finding)), None)
            if answer is None:
                unanswered.append((evaluation.stack, finding))
            else:
                answered.append((evaluation.stack, finding, answer))
    used = {(one.id, one.reason) for _, _, one in answered}
    return Judgement(evaluations, answered, unanswered, _unused(acknowledgements, used))


def _unused(
    acknowledgements: Mapping[str, Iterable[Acknowledgement]], used: set[tuple[str, str]]
) -> list[Acknowledgement]:
    first: dict[tuple[str, str], Acknowledgement] = {}
    for here in acknowledgements.values():
        for one in here:
            if one.id.startswith(_THE_CDKS) and not one.id.startswith(_HIDING):
                continue
            first.setdefault((one.id, one.reason), one)
    return [one for key, one in first.items() if key not in used]

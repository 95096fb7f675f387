"""The judgement on a terminal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from security.findings import Evaluation, Finding, Judgement

__all__ = ["show"]

_LEAST_WIDTH = 118


def show(judgement: Judgement, console: Console) -> None:
    """Print what was evaluated, what is acknowledged and why, and what is not.

    Args:
        judgement: What was found.
        console: Where to.
    """
    console.width = max(console.width, _LEAST_WIDTH)
    console.print(
        Group(_counts(judgement), _answered(judgement), *_notes(judgement), *_open(judgement))
    )


def _counts(judgement: Judgement) -> Table:
    """A row a stack and a column a tool."""
    evaluations = judgement.evaluations
    tools = list(dict.fromkeys(one.tool for one in evaluations))
    unanswered = {(stack, finding) for stack, finding in judgement.unanswered}
    table = Table(title="Rules evaluated / findings / of these not acknowledged")
    table.add_column("Stack")
    for tool in tools:
        table.add_column(tool, justify="right")
    by_stack: dict[str, dict[str, Evaluation]] = defaultdict(dict)
    for one in evaluations:
        by_stack[one.stack][one.tool] = one
    for stack, row in by_stack.items():
        table.add_row(stack, *(_cell(row.get(tool), unanswered) for tool in tools))
    table.add_section()
    table.add_row("All", *(_sum(evaluations, tool, unanswered) for tool in tools))
    return table


def _sum(evaluations: Sequence[Evaluation], tool: str, unanswered: set[tuple[str, Finding]]) -> str:
    mine = [one for one in evaluations if one.tool == tool]
    return _figures(
        sum(one.rules for one in mine),
        sum(len(one.findings) for one in mine),
        sum(_unanswered(one, unanswered) for one in mine),
    )


def _cell(evaluation: Evaluation | None, unanswered: set[tuple[str, Finding]]) -> str:
    if evaluation is None:
        return ""
    return _figures(evaluation.rules, len(evaluation.findings), _unanswered(evaluation, unanswered))


def _unanswered(evaluation: Evaluation, unanswered: set[tuple[str, Finding]]) -> int:
    return sum((evaluation.stack, finding) in unanswered for finding in evaluation.findings)


def _figures(rules: int, findings: int, unanswered: int) -> str:
    if not rules:
        return "[dim]-[/]"
    mark = "red" if unanswered else "green"
    return f"{rules} / {findings} / [{mark}]{unanswered}[/]"


def _answered(judgement: Judgement) -> Table:
    """A row an acknowledgement."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for _, _, answer in judgement.answered:
        counts[answer.id, answer.reason] += 1
    table = Table("Findings", "Acknowledged", "Because", title="Acknowledged", show_lines=True)
    for (rule, reason), count in sorted(counts.items()):
        table.add_row(str(count), escape(rule), escape(reason))
    return table


def _notes(judgement: Judgement) -> Iterable[RenderableType]:
    for one in judgement.evaluations:
        if one.note:
            yield f"[yellow]{one.tool}, {escape(one.stack)}: {escape(one.note)}[/]"


def _open(judgement: Judgement) -> Iterable[RenderableType]:
    for stack, finding in judgement.unanswered:
        where = escape(f"{stack}: {finding.path}")
        yield f"[red]{escape(finding.id)}[/] {where}\n    {escape(finding.what)}"
    for answer in judgement.unused:
        yield (
            f"[red]Unused acknowledgement[/] {escape(answer.id)} on {escape(answer.path)}: "
            "nothing is found there, so remove it"
        )
    count = len(judgement.unanswered)
    mark = "green" if judgement.holds else "red"
    yield f"[{mark}]{count} unacknowledged findings[/]"

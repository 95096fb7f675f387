"""The judgement on a terminal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from security.findings import Evaluation, Finding, Judgement
from security.tools import packages

__all__ = ["show"]

_LEAST_WIDTH = 118
_SHORT = {
    "AwsSolutions": "cdk-nag",
    "CloudFormation-Validate": "CDK",
    "SageMakerProcessing": "jobs",
    "asl-validator": "asl",
}


def show(judgement: Judgement, console: Console) -> None:
    """Print what was evaluated, what is acknowledged and why, and what is not.

    Args:
        judgement: What was found.
        console: Where to.
    """
    console.width = max(console.width, _LEAST_WIDTH)
    console.print(
        Group(_counts(judgement), _answered(judgement), *_packages(judgement), *_open(judgement))
    )


def _counts(judgement: Judgement) -> Table:
    """A row a stack and a column a tool."""
    evaluations = [one for one in judgement.evaluations if one.tool != packages.TOOL]
    tools = list(dict.fromkeys(one.tool for one in evaluations))
    unanswered = {(stack, finding) for stack, finding in judgement.unanswered}
    table = Table(
        title="Rules evaluated / findings / of these not acknowledged",
        caption="CDK: its CloudFormation validation and the warnings of constructs; jobs: "
        "ProcessingChecks; asl: asl-validator",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("Stack", no_wrap=True)
    for tool in tools:
        table.add_column(_SHORT.get(tool, tool), justify="right", no_wrap=True)
    for stack in dict.fromkeys(one.stack for one in evaluations):
        here = [one for one in evaluations if one.stack == stack]
        table.add_row(stack, *(_cell(here, tool, unanswered) for tool in tools))
    table.add_section()
    table.add_row("All", *(_cell(evaluations, tool, unanswered) for tool in tools))
    return table


def _cell(
    evaluations: Sequence[Evaluation], tool: str, unanswered: set[tuple[str, Finding]]
) -> str:
    mine = [one for one in evaluations if one.tool == tool]
    rules = sum(one.rules for one in mine)
    findings = [(one.stack, finding) for one in mine for finding in one.findings]
    wrong = sum(one in unanswered for one in findings)
    mark = "red" if wrong else "green"
    return f"{rules}/{len(findings)}/[{mark}]{wrong}[/]" if rules else "[dim]-[/]"


def _answered(judgement: Judgement) -> Table:
    """A row an acknowledgement."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for _, _, answer in judgement.answered:
        counts[answer.id, answer.reason] += 1
    table = Table(title="Acknowledged", box=box.SIMPLE_HEAD)
    table.add_column("Findings", justify="right")
    table.add_column("Rule", overflow="fold", ratio=1)
    table.add_column("Because", ratio=1)
    for (rule, reason), count in sorted(counts.items()):
        table.add_row(str(count), escape(rule), escape(reason))
    return table


def _packages(judgement: Judgement) -> Iterable[RenderableType]:
    """A line a lock file."""
    for one in judgement.evaluations:
        if one.tool == packages.TOOL:
            said = f"{one.rules} packages audited, {len(one.findings)} findings"
            mark = "yellow" if one.note else "none"
            yield f"[{mark}]{one.tool}, {escape(one.stack)}: {escape(one.note or said)}[/]"


def _open(judgement: Judgement) -> Iterable[RenderableType]:
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for stack, finding in judgement.unanswered:
        places[finding.id, finding.what].append(f"{stack}: {finding.path}")
    for (rule, what), where in places.items():
        shown = "\n".join(f"    {escape(one)}" for one in where)
        yield f"[red]{escape(rule)}[/] {escape(what)}\n{shown}"
    for answer in judgement.unused:
        yield (
            f"[red]Unused acknowledgement[/] {escape(answer.id)} on {escape(answer.path)}: "
            "no finding needs it: remove it; for cdk-nag, write AwsSolutions:: before its rule"
        )
    mark = "green" if judgement.holds else "red"
    yield (
        f"[{mark}]{len(judgement.unanswered)} unacknowledged findings, "
        f"{len(judgement.answered)} acknowledged[/]"
    )

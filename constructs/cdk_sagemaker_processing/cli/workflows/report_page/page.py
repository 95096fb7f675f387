"""The page, from a report's values."""

import shlex
from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.marks import MARKS
from cdk_sagemaker_processing.cli.workflows.report_page.comparison import compare
from cdk_sagemaker_processing.cli.workflows.report_page.timeline import ticks, timeline
from cdk_sagemaker_processing.runs.progress import Status
from cdk_sagemaker_processing.runs.report.jobs import JobReport
from cdk_sagemaker_processing.runs.report.report import RunReport

__all__ = ["render"]

_RUN_STATUS = {
    "SUCCEEDED": Status.SUCCEEDED,
    "FAILED": Status.FAILED,
    "TIMED_OUT": Status.FAILED,
    "ABORTED": Status.STOPPED,
}
_CENT = 0.01
_LEAST = 0.0001
_FEW = 0.1


def render(report: RunReport) -> str:
    """Return the page of a report, as HTML.

    It holds no script, and its policy forbids the browser to fetch anything.

    Args:
        report: The report.
    """
    template = _environment().get_template("page.html.jinja")
    return template.render(
        report=report,
        run=report.run,
        status=_RUN_STATUS.get(report.run.status, Status.RUNNING),
        rows=timeline(report),
        ticks=ticks(report.seconds),
        comparison=compare(report),
        history_command=lambda job: _history_command(report, job),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cdk_sagemaker_processing.cli.workflows.report_page", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What a service or a log says may hold anything: none of it reaches the page raw.
        finalize=_finalize,
    )
    environment.filters |= {
        "duration": words.duration,
        "iso": lambda time: time.astimezone(UTC).isoformat(timespec="seconds"),
        "time": _time,
        "mark": lambda status: MARKS[Status(status)][0],
        "reason": words.reason,
        "hours": lambda hours: f"{hours:.3f}" if hours >= _FEW else f"{hours:.4f}",
        "money": _money,
    }
    return environment


def _finalize(value: object) -> object:
    # Markup made by the template itself is a str of a kind of its own.
    return _plain(value) if type(value) is str else value


def _plain(text: str) -> str:
    lines = "\n".join(words.plain(line) for line in text.splitlines())
    # JSON may hold halves of characters, which no file can.
    return lines.encode(errors="replace").decode()


def _time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _money(amount: float | None) -> str:
    if amount is None:
        return "not in the table"
    if amount >= _CENT or not amount:
        return f"{amount:,.2f}"
    return f"{amount:.4f}" if amount >= _LEAST else f"< {_LEAST}"


def _history_command(report: RunReport, job: JobReport) -> str:
    known = report.run.workflow
    stack = ["--stack", known.stack] if known and known.stack else []
    region = ["--region", report.run.arn.split(":")[3]]
    command = ["sagemaker-processing", "history", "open", "--job", job.name]
    return shlex.join([*command, *stack, *region])

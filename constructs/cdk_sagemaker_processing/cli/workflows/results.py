"""What a run came to, as a person reads it: its outputs, or why it failed."""

import itertools
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.marks import MARKS
from cdk_sagemaker_processing.history_server.client.pages import Application
from cdk_sagemaker_processing.runs.follower import Job, RunFollower
from cdk_sagemaker_processing.runs.outputs import Output, Sample, is_number
from cdk_sagemaker_processing.runs.progress import Status

LOG_TAIL_LINES = 20
"""How many lines of a failed job's log are shown."""

_CELL_WIDTH = 22
_SAMPLE_INDENT = 4


def print_outputs(console: Console, state_name: str, outputs: Sequence[Output]) -> None:
    """Print what one job left in S3, with the first rows of what is text.

    Args:
        console: Where to.
        state_name: The job's state.
        outputs: Its outputs.
    """
    for output in outputs:
        title = Text.assemble((f"{state_name} → {output.name}", "bold"), _amount(output))
        console.print(title, soft_wrap=True)
        console.print(Text(f"  {output.uri}", "cyan"), soft_wrap=True)
        if output.sample:
            table = sample_table(output.sample, console.width - _SAMPLE_INDENT)
            console.print(Padding(table, (0, 0, 0, _SAMPLE_INDENT), expand=False))
        console.print()


def _amount(output: Output) -> tuple[str, str]:
    """How much an output is, and its style: none at all is seldom meant."""
    if not output.files:
        return "  no files", "yellow"
    kinds = f" ({', '.join(output.kinds)})" if output.kinds else ""
    return (
        f"  {words.count(output.files, 'file')}, {words.size(output.size_in_bytes)}{kinds}",
        "dim",
    )


def sample_table(sample: Sample, width: int) -> Table:
    """Return a file's first rows, as many of its columns as fit.

    Args:
        sample: The rows.
        width: How many characters there are.
    """
    shown = _fitting_columns(sample, width)
    hidden = max(map(len, (sample.columns, *sample.rows))) - shown
    table = Table(box=None, show_header=bool(sample.columns), padding=(0, 2, 0, 0))
    for number, name in enumerate(_padded(sample.columns, shown)):
        table.add_column(
            Text(name),
            no_wrap=True,
            max_width=_CELL_WIDTH,
            header_style="dim underline",
            justify="right" if _is_numeric(sample, number) else "left",
        )
    if hidden:
        table.add_column(Text(f"+ {words.count(hidden, 'column')}", "dim"), no_wrap=True)
    for row in sample.rows:
        table.add_row(*(Text(cell) for cell in _padded(row, shown)))
    return table


def _padded(cells: Sequence[str], number: int) -> list[str]:
    return [*cells[:number], *[""] * (number - len(cells))]


def _is_numeric(sample: Sample, number: int) -> bool:
    return all(is_number(row[number]) for row in sample.rows if number < len(row))


def _fitting_columns(sample: Sample, width: int) -> int:
    lines = (sample.columns, *sample.rows)
    widths = [
        2 + min(max(len(line[number]) for line in lines if number < len(line)), _CELL_WIDTH)
        for number in range(max(map(len, lines)))
    ]
    if sum(widths) <= width:
        return len(widths)
    room = width - len("+ 999 columns") - 2
    fitting = sum(total <= room for total in itertools.accumulate(widths))
    return max(fitting, 1)


def print_failure(
    console: Console,
    follower: RunFollower,
    log_place: Callable[[Job], object],
) -> None:
    """Print why a run failed, its failed jobs' last log lines, and where the whole logs are.

    Args:
        console: Where to.
        follower: The run, followed to its end.
        log_place: Returns where a job's whole log is.
    """
    progress = follower.progress
    blamed = follower.blamed
    if not blamed:
        ended = "was stopped" if progress.status is Status.STOPPED else "failed"
        _print_reason(console, f"The run {ended}", progress.error, words.reason(progress.cause))
    for one in blamed:
        state, job = one.state.state, one.job
        title = f"{state.name} ({state.kind}) failed"
        reason = words.reason(one.cause)
        if job and job.log.lines:
            # The log's end says the rest of it.
            reason = reason.partition("\n")[0]
        _print_reason(console, title, one.error, reason)
        if one.run is not follower:
            told = Text(f"  in execution {one.run.execution_arn}", "dim")
            console.print(told, soft_wrap=True)
        if job and job.log.lines:
            _print_log(console, job, log_place(job))


def read_tails(follower: RunFollower) -> None:
    """Read the end of each log that tells why a run failed and that was not followed.

    Args:
        follower: The run.
    """
    for job in (one.job for one in follower.blamed):
        if job and not job.log.lines:
            job.log.lines = job.log.tail(LOG_TAIL_LINES)


def print_application(console: Console, application: Application) -> None:
    """Print one Spark application of the History Server's list."""
    took = words.duration(application.last.duration_in_milliseconds / 1000)
    state = took if application.completed else "not complete"
    told = Text.assemble(f"  {application.name}", (f"  {application.identity}  {state}", "dim"))
    console.print(told, soft_wrap=True)


def _print_reason(console: Console, title: str, error: str | None, reason: str) -> None:
    sign, style = MARKS[Status.FAILED]
    told = f"{sign} {title}: {error or 'no reason given'}"
    console.print(Text(told, f"bold {style}"), soft_wrap=True)
    for line in reason.splitlines():
        console.print(Text(f"  {words.plain(line)}"), soft_wrap=True)


def _print_log(console: Console, job: Job, place: object) -> None:
    console.print()
    console.print(Text(f"The end of its log, {place}", "bold"), soft_wrap=True)
    for line in job.log.lines[-LOG_TAIL_LINES:]:
        console.print(Text(f"  {words.plain(line)}"), soft_wrap=True)

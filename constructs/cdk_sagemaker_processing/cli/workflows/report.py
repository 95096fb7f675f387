"""The command `report`: a page that tells of a run."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.session import (
    AsJson,
    Profile,
    Region,
    Stack,
    clients,
    print_json,
    session,
)
from cdk_sagemaker_processing.cli.terminal.browser import open_page
from cdk_sagemaker_processing.cli.workflows.report_page import render
from cdk_sagemaker_processing.cli.workflows.show import TheRun
from cdk_sagemaker_processing.runs.found import find_run
from cdk_sagemaker_processing.runs.report.document import describe_report
from cdk_sagemaker_processing.runs.report.prices import PriceTable, PriceTableError, read_prices
from cdk_sagemaker_processing.runs.report.report import read_report

__all__ = ["report"]

_NO_FILE_NAME = re.compile(r"[^\w.-]+")


def _prices(file: Path | None) -> Path | None:
    """Refuse a file that is no price table before anything is asked."""
    _read_prices(file)
    return file


def _read_prices(file: Path | None) -> PriceTable:
    try:
        return read_prices(file)
    except PriceTableError as error:
        raise typer.BadParameter(str(error)) from error


def report(  # noqa: PLR0917 - Typer's way to say a command's options
    run: TheRun,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; a file of that name is replaced. By default "
            "report-RUN.html in this folder.",
            dir_okay=False,
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            help="A price table in JSON; by default on-demand list prices of us-east-1, of the "
            "day that the page tells.",
            callback=_prices,
            exists=True,
            dir_okay=False,
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Write a page on a run: timeline, durations beside earlier runs, cost, links, failures.

    It is one HTML file that needs nothing else, to keep or to send. --json prints its figures
    instead.
    """
    console = Console(highlight=False)
    with session(console):
        client_of = clients(profile, region)
        found = find_run(client_of, run, stack)
        made = read_report(client_of, found, _read_prices(prices))
        if as_json:
            print_json(console, describe_report(made))
            return
        file = output or Path(f"report-{_NO_FILE_NAME.sub('-', found.name)}.html")
        file.write_text(render(made), encoding="utf-8")
        console.print(Text(os.fspath(file)), soft_wrap=True)
        if browser:
            open_page(file.absolute().as_uri())

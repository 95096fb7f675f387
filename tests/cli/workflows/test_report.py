import json
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.cli.workflows import report
from tests.runs.deployed import Account
from tests.runs.report.fakes import failed, job, succeeded


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    """An account with a run, looked at from an empty folder."""
    made = Account()
    made.states.meta = SimpleNamespace(  # type: ignore[attr-defined] # as boto3's clients have it
        endpoint_url="https://states.us-east-1.amazonaws.com"
    )
    made.sagemaker.jobs["clean-1"] = job()
    made.run("night one", "SUCCEEDED", succeeded())
    monkeypatch.setattr(boto3, "Session", lambda **_: SimpleNamespace(client=made))
    monkeypatch.chdir(tmp_path)
    return made


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["report", *arguments])
    return result.exit_code, result.output


@pytest.mark.usefixtures("account")
def test_it_writes_a_page_named_after_the_run_and_opens_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this folder; what is no part of a file's name is left out of it."""
    opened: list[str] = []
    monkeypatch.setattr(report, "open_page", opened.append)

    assert invoke("Flights/Nightly") == (0, "report-night-one.html\n")

    file = tmp_path / "report-night-one.html"
    assert "<h1>Flights/Nightly</h1>" in file.read_text(encoding="utf-8")
    assert opened == [file.as_uri()]


@pytest.mark.usefixtures("account")
def test_it_opens_nothing_if_asked_not_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a pipeline that keeps the page."""
    monkeypatch.setattr(report, "open_page", lambda _: pytest.fail("it opened the page"))
    file = tmp_path / "page.html"
    assert invoke("night one", "--no-browser", "--output", str(file)) == (0, f"{file}\n")
    assert file.is_file()


def test_a_run_that_failed_has_a_report_as_well(account: Account, tmp_path: Path) -> None:
    """The report is made: exit code 0."""
    account.run("bad", "FAILED", failed())
    account.logs.streams["clean-1/algo-1"] = ["Traceback", "ValueError: <no rows>"]
    assert invoke("bad", "--no-browser") == (0, "report-bad.html\n")
    assert "ValueError: &lt;no rows&gt;" in (tmp_path / "report-bad.html").read_text()


@pytest.mark.usefixtures("account")
def test_its_figures_are_had_as_json(tmp_path: Path) -> None:
    """Instead of the page."""
    code, told = invoke("Flights/Nightly", "--json")
    assert code == 0
    figures = json.loads(told)
    assert (figures["run"], figures["workflow"]) == ("night one", "Flights/Nightly")
    assert (figures["seconds"], figures["medianSeconds"]) == (60, None)
    assert figures["cost"]["estimate"] == pytest.approx(0.046)
    (clean,) = figures["states"][0]["jobs"]
    assert clean["outputs"] == {"train": "s3://data/run/train/"}
    assert clean["instanceHours"] == pytest.approx(0.2)
    assert figures["failures"] == []
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.usefixtures("account")
def test_prices_of_ones_own_are_counted_by(tmp_path: Path) -> None:
    """Another currency, another sum."""
    prices = {
        "asOf": "2026-02-01",
        "region": "us-east-1",
        "currency": "EUR",
        "source": "our contract",
        "perInstanceHour": {"ml.m5.xlarge": 100},
    }
    (tmp_path / "prices.json").write_text(json.dumps(prices))
    assert invoke("Flights/Nightly", "--no-browser", "--prices", "prices.json")[0] == 0
    page = (tmp_path / "report-night-one.html").read_text()
    assert "<dd>20.00 EUR</dd>" in page
    assert "our contract" in page


@pytest.mark.usefixtures("account")
def test_what_is_no_price_table_is_refused(tmp_path: Path) -> None:
    """The option is named, and what is wrong, before anything is asked."""
    (tmp_path / "prices.json").write_text("[]")
    code, told = invoke("Flights/Nightly", "--prices", "prices.json")
    assert code == 2
    assert "--prices" in told
    assert "it must hold a JSON object" in " ".join(told.replace("│", "").split())
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.usefixtures("account")
def test_an_unknown_run_is_told_in_one_line() -> None:
    """With the workflows there are."""
    code, told = invoke("other")
    assert code == 1
    assert told.startswith("error: no run and no workflow is named other in the stacks")


@pytest.mark.usefixtures("account")
def test_a_place_that_cannot_be_written_to_is_told_in_one_line(tmp_path: Path) -> None:
    """And no trace of Python's."""
    file = tmp_path / "none" / "page.html"
    code, told = invoke("Flights/Nightly", "--no-browser", "--output", str(file))
    assert (code, told) == (1, f"error: No such file or directory: {file}\n")

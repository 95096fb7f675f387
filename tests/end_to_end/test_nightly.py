"""The nightly example, deployed by the CDK CLI and run for real."""

import json
from pathlib import Path

import pandas as pd
import pytest

from stacks.flights.data import flights_file
from tests.end_to_end.conftest import Cloud, Execution, output_of

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.local_cloud


@pytest.fixture(scope="module")
def machine(cloud: Cloud) -> str:
    """The deployed workflow."""
    return cloud.deploy(ROOT, "Nightly", example="nightly")


@pytest.fixture(scope="module")
def nightly(cloud: Cloud, machine: str) -> Execution:
    """A run as the schedule starts it, on Midsummer."""
    return cloud.run(machine, "nightly", day="2026-06-21T03:00:00Z")


def test_its_report_is_what_pandas_finds(cloud: Cloud, nightly: Execution) -> None:
    """Line by line, against figures computed from the raw data."""
    assert nightly.status == "SUCCEEDED", nightly.cause
    report = cloud.read(f"{output_of(nightly.jobs[-1], 'report')}report.md")

    flights = pd.read_csv(flights_file())
    flights = flights[(flights.month == 6) & (flights.day == 21) & flights.arr_delay.notna()]
    lines = [
        f"| {name} | {len(delays)} | {(delays >= 15).sum()} | {(delays >= 15).mean():.0%} |"
        for column in ("carrier", "hour")
        for name, delays in flights.groupby(column)["arr_delay"]
    ]

    assert [line for line in report.splitlines() if "%" in line] == lines
    assert report.startswith("# Flights of 2026-06-21T03:00:00Z\n")


def test_both_counts_run_between_the_first_step_and_the_last(nightly: Execution) -> None:
    """In the order of their data."""
    assert nightly.status == "SUCCEEDED", nightly.cause
    kinds = [job["ProcessingJobName"].split("-")[0] for job in nightly.jobs]
    choose, *both, report = nightly.jobs

    assert (kinds[0], sorted(kinds[1:3]), kinds[3]) == ("choose", ["bycarrier", "byhour"], "report")
    for one in both:
        assert choose["ProcessingEndTime"] <= one["CreationTime"]
        assert one["ProcessingEndTime"] <= report["CreationTime"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "day"),
        ({"day": "Sunday"}, "Sunday"),
        ({"day": "2026-06-21", "late_from": 0}, "late_from"),
        ({"day": "2026-06-21", "lat_from": 5}, "lat_from"),
    ],
    ids=["nothing", "no day", "too early", "a slip of the pen"],
)
def test_a_wrong_parameter_fails_before_any_job(
    cloud: Cloud, machine: str, request: pytest.FixtureRequest, given: dict[str, object], told: str
) -> None:
    """And the cause names it."""
    name = request.node.callspec.id.replace(" ", "-")

    run = cloud.run(machine, f"wrong-{name}", **given)

    assert run.status == "FAILED"
    assert run.description["error"] == "Workflow.InvalidParameters"
    assert told in run.cause
    assert run.jobs == []


def test_it_is_scheduled_told_of_and_alarmed(cloud: Cloud, machine: str) -> None:
    """By what the local cloud has of EventBridge, its Scheduler and CloudWatch."""
    (summary,) = [
        one
        for one in cloud.local.client("scheduler").list_schedules()["Schedules"]
        if one["Name"].startswith("Nightly")
    ]
    schedule = cloud.local.client("scheduler").get_schedule(Name=summary["Name"])
    alarms = cloud.local.client("cloudwatch").describe_alarms()["MetricAlarms"]

    assert schedule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert schedule["Target"]["Arn"] == machine
    assert json.loads(schedule["Target"]["Input"]) == {"day": "<aws.scheduler.scheduled-time>"}
    assert {one["MetricName"] for one in alarms} >= {
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionTime",
    }

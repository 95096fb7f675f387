"""The fan-out example, deployed by the CDK CLI and run for real."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stacks.fan_out.stack import WEATHER
from tests.end_to_end.conftest import Cloud, Execution, output_of

ROOT = Path(__file__).parents[2]
AIRPORTS = ["EWR", "JFK", "LGA"]

pytestmark = pytest.mark.local_cloud


@pytest.fixture(scope="module")
def fan_out(cloud: Cloud) -> Execution:
    """A run of the pipeline."""
    return cloud.run(cloud.deploy(ROOT, "FanOut", example="fan_out"), "fan-out")


def whole_hours() -> pd.DataFrame:
    """The year's hours that the example keeps."""
    return pd.read_csv(WEATHER).dropna(subset=["temp", "dewp", "humid"])


def errors(hours: pd.DataFrame) -> tuple[float, float]:
    """How far a model, and the guess that nothing changes, are off six hours ahead.

    By numpy alone, where the example has scikit-learn.
    """
    hours = hours.assign(time=pd.to_datetime(hours["time_hour"], utc=True))
    hours = hours.drop_duplicates("time", keep="last").set_index("time").sort_index()
    later = hours["temp"].reindex(hours.index + pd.Timedelta(hours=6)).to_numpy()
    angle = 2 * np.pi * hours["hour"] / 24
    known = np.column_stack(
        [np.ones(len(hours)), hours[["temp", "dewp", "humid"]], np.sin(angle), np.cos(angle)]
    )
    there = ~np.isnan(later)
    learnt = np.asarray(hours.index < pd.Timestamp("2013-11-01", tz="UTC"))
    weights, *_ = np.linalg.lstsq(known[there & learnt], later[there & learnt], rcond=None)
    measured = there & ~learnt
    off = np.abs(known[measured] @ weights - later[measured]).mean()
    return float(off), float(np.abs(known[measured][:, 1] - later[measured]).mean())


def chill(hours: pd.DataFrame) -> float:
    """The coldest it felt."""
    cold = hours[(hours["temp"] <= 50) & (hours["wind_speed"] > 3)]
    power = cold["wind_speed"] ** 0.16
    return float(
        (35.74 + 0.6215 * cold["temp"] + (0.4275 * cold["temp"] - 35.75) * power).min().round(1)
    )


def expected() -> Iterator[dict[str, Any]]:
    """The report as pandas and numpy have it."""
    for airport, hours in whole_hours().groupby("origin"):
        model, guess = errors(hours)
        yield {
            "airport": airport,
            "model_error": pytest.approx(model, abs=0.001),
            "guess_error": pytest.approx(guess, abs=0.001),
            "coldest_chill": chill(hours),
            "rain_inches": pytest.approx(hours["precip"].sum(), abs=0.061),
        }


def test_its_report_is_what_pandas_finds(cloud: Cloud, fan_out: Execution) -> None:
    """A row an airport, against figures computed from the raw data by other means."""
    assert fan_out.status == "SUCCEEDED", fan_out.cause
    text = cloud.read(f"{output_of(fan_out.jobs[-1], 'report')}report.csv")

    rows = [
        {name: value if name == "airport" else float(value) for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]

    assert [row["airport"] for row in rows] == AIRPORTS
    assert rows == list(expected())


def test_each_file_has_an_execution_of_its_own(cloud: Cloud, fan_out: Execution) -> None:
    """With two jobs side by side, at most two files at a time, and places of their own."""
    states = cloud.local.client("stepfunctions")
    (run,) = states.list_map_runs(executionArn=fan_out.description["executionArn"])["mapRuns"]
    described = states.describe_map_run(mapRunArn=run["mapRunArn"])
    children = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]

    jobs = [cloud.jobs_of(one["executionArn"], one["startDate"]) for one in children]

    assert described["maxConcurrency"] == 2
    assert described["itemCounts"]["succeeded"] == len(AIRPORTS)
    kinds = [sorted(job["ProcessingJobName"].split("-")[0] for job in pair) for pair in jobs]
    assert kinds == [["fit", "sumup"]] * len(AIRPORTS)
    places = {
        one["S3Output"]["S3Uri"]
        for pair in jobs
        for job in pair
        for one in job["ProcessingOutputConfig"]["Outputs"]
        if one["OutputName"] != "spark-event-logs"
    }
    assert {place.partition("/weather/")[2] for place in places} == {
        f"{kind}/fan-out/{airport}.csv/" for kind in ("fits", "months") for airport in AIRPORTS
    }


def test_each_spark_job_leaves_an_event_log(cloud: Cloud, fan_out: Execution) -> None:
    """All in the stack's one place for them."""
    assert fan_out.status == "SUCCEEDED", fan_out.cause
    resources = cloud.local.client("cloudformation").describe_stack_resources(StackName="FanOut")
    (bucket,) = [
        one["PhysicalResourceId"]
        for one in resources["StackResources"]
        if one["LogicalResourceId"].startswith("StorageEventLogs")
        and one["ResourceType"] == "AWS::S3::Bucket"
    ]

    assert len(cloud.objects(f"s3://{bucket}/spark-events/")) == len(AIRPORTS)

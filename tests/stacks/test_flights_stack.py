import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from stacks.flights.stack import FlightsStack


def states_of(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the states of the template's one state machine, its tokens written as ``<token>``."""
    machines = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    assert len(machines) == 1
    definition = machines[0]["DefinitionString"]
    parts = definition["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "<token>" for part in parts)
    states: dict[str, Any] = json.loads(text)["States"]
    return states


def synthesize(folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Mapping[str, Any]:
    """Synthesize the stack from a working folder that is not the app's."""
    monkeypatch.chdir(folder)
    app = cdk.App(outdir=str(folder / "cdk.out"))
    return Template.from_stack(FlightsStack(app, "Flights", **options)).to_json()


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """The template, for any account and region."""
    return synthesize(tmp_path, monkeypatch)


def test_three_jobs_run_one_after_the_other(template: Mapping[str, Any]) -> None:
    """The machine runs Split, Features and Delays in this order, each as a processing job."""
    states = states_of(template)
    assert {name: state.get("Next") for name, state in states.items()} == {
        "Split": "Features",
        "Features": "Delays",
        "Delays": None,
    }
    for state in states.values():
        assert state["Resource"].endswith(":states:::sagemaker:createProcessingJob.sync")


def test_the_machine_needs_no_input(template: Mapping[str, Any]) -> None:
    """No state looks into the execution's input, so {} starts the pipeline."""
    text = json.dumps(states_of(template))
    assert "$$.Execution.Name" in text
    assert re.findall(r"(?<!\$)\$\.\w+|\$states\.input", text) == []


def test_the_spark_jobs_ask_for_one_instance(template: Mapping[str, Any]) -> None:
    """They use folders of the instance's own, which a second instance would not have."""
    states = states_of(template)
    for name in ("Features", "Delays"):
        cluster = states[name]["Parameters"]["ProcessingResources"]["ClusterConfig"]
        assert cluster["InstanceCount"] == 1


def test_the_flights_and_the_jobs_are_uploaded(tmp_path: Path, template: Mapping[str, Any]) -> None:
    """The data, the scripts, the package and the jar are assets of the stack."""
    assert template
    assets = json.loads((tmp_path / "cdk.out/Flights.assets.json").read_text())["files"]
    keys = [
        destination["objectKey"]
        for asset in assets.values()
        for destination in asset["destinations"].values()
    ]
    for name in ("flights.csv.zip", "split.py", "features.py", "flightlib.zip", "delays.jar"):
        assert [key for key in keys if key.endswith(f"/{name}")], f"{name} is not in {keys}"


def test_the_history_server_shows_what_the_spark_jobs_log(template: Mapping[str, Any]) -> None:
    """Their event logs go where it reads, by a task that nobody pays while nobody looks."""
    resources = template["Resources"].values()
    (task,) = (one for one in resources if one["Type"] == "AWS::ECS::TaskDefinition")
    environment = task["Properties"]["ContainerDefinitions"][0]["Environment"]
    (sources,) = (one["Value"] for one in environment if one["Name"] == "HISTORY_SOURCES")
    outputs = template["Outputs"]
    assert outputs["StorageEventLogsUriD54EB352"]["Value"]["Fn::Join"][1] == [
        "s3://",
        {"Ref": "StorageEventLogsC9857EF3"},
        "/spark-events/",
    ]
    assert sources["Fn::Join"][1] == [
        '["s3://',
        {"Ref": "StorageEventLogsC9857EF3"},
        '/spark-events/"]',
    ]
    assert "AWS::ECS::Service" not in {one["Type"] for one in resources}


def test_an_account_and_region_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same stack synthesizes for a given account and region, with that region's images."""
    env = cdk.Environment(account="111122223333", region="eu-central-1")
    states = states_of(synthesize(tmp_path, monkeypatch, env=env))
    image = states["Features"]["Parameters"]["AppSpecification"]["ImageUri"]
    assert ".dkr.ecr.eu-central-1." in image
    assert "/sagemaker-spark-processing:3.5-cpu" in image

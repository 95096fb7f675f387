import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli import app_source
from cdk_sagemaker_processing.cli.app import app
from tests.graph.machines import JOB, NIGHTLY
from tests.runs.deployed import Account


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An app of two stacks, a state machine in each."""
    made = cdk.App(outdir=str(tmp_path_factory.mktemp("assembly") / "cdk.out"))
    weekly = {"StartAt": "Sum", "States": {"Sum": {**JOB, "End": True}}}
    for name, definition in {"Nightly": NIGHTLY, "Weekly": weekly}.items():
        cdk.CfnResource(
            cdk.Stack(made, name),
            "StateMachine",
            type="AWS::StepFunctions::StateMachine",
            properties={"DefinitionString": json.dumps(definition)},
        )
    return str(made.synth().directory)


def test_graph_prints_mermaid_of_the_workflow_named(assembly: str) -> None:
    """Nothing but it, so that it can go into a file."""
    assert invoke("graph", "Weekly/StateMachine", "--assembly", assembly) == (
        0,
        (
            "flowchart TD\n"
            "    start((start))\n"
            '    s1["Sum<br>PySpark"]\n'
            "    finish((end))\n"
            "    start --> s1\n"
            "    s1 --> finish\n"
            "    classDef job stroke-width:2px\n"
            "    class s1 job\n"
        ),
    )


def test_graph_writes_a_picture_to_a_file(assembly: str, tmp_path: Path) -> None:
    """And says where."""
    file = tmp_path / "nightly.svg"
    arguments = ("--assembly", assembly, "--format", "svg", "--output", str(file))
    assert invoke("graph", "Nightly/StateMachine", *arguments) == (0, f"{file}\n")
    assert file.read_text().startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert '<title id="title">Nightly</title>' in file.read_text()


def test_graph_tells_the_states_as_json(assembly: str) -> None:
    """For programs."""
    code, told = invoke("graph", "Weekly", "--assembly", assembly, "--format", "json")
    assert code == 0
    assert json.loads(told) == {
        "start": "Sum",
        "nodes": [{"name": "Sum", "kind": "PySpark", "is_job": True, "inner": []}],
        "edges": [],
        "ends": ["Sum"],
    }


def test_graph_asks_which_of_several(assembly: str) -> None:
    """And refuses a workflow that there is not, with those that there are."""
    paths = "choose one by its path: Nightly/StateMachine, Weekly/StateMachine\n"
    assert invoke("graph", "--assembly", assembly) == (
        1,
        f"error: the app has 2 workflows: {paths}",
    )
    assert invoke("graph", "Hourly", "--assembly", assembly) == (
        1,
        f"error: the app has no workflow 'Hourly': {paths}",
    )


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with three workflows."""
    made = Account()
    made.states.definition = json.dumps(NIGHTLY)
    monkeypatch.setattr(boto3, "Session", lambda **_: SimpleNamespace(client=made))
    return made


@pytest.mark.usefixtures("account")
def test_graph_draws_what_is_deployed() -> None:
    """By the workflow's name, or without one where there is one only."""
    code, named = invoke("graph", "Weekly", "--deployed")
    assert code == 0
    assert 's2["Both (Parallel)"]' in named
    assert invoke("graph", "--deployed", "--stack", "Flights") == (0, named)
    code, told = invoke("graph", "--deployed", "--stack", "Shop")
    assert (code, told) == (
        1,
        (
            "error: name the workflow by its path; there are: Shop/Nightly (stack Shop), "
            "Shop/Deep/Weekly (stack Shop)\n"
        ),
    )


@pytest.mark.usefixtures("account")
def test_graph_refuses_two_answers_to_what_it_draws(assembly: str) -> None:
    """An app, or what is deployed."""
    code, told = invoke("graph", "--deployed", "--assembly", assembly)
    assert (code, told) == (
        1,
        "error: --deployed draws no app: leave out --app and --assembly\n",
    )
    code, told = invoke("graph", "--app", assembly, "--assembly", assembly)
    assert (code, told) == (1, "error: --app and --assembly both name an app: choose one\n")


def test_request_prints_the_request_of_a_step(assembly: str) -> None:
    """As JSON, and nothing else."""
    code, told = invoke("request", "Item", "--assembly", assembly)
    assert code == 0
    assert json.loads(told) == JOB["Parameters"]


def test_request_lists_the_steps_of_the_workflow_if_there_is_no_such_one(assembly: str) -> None:
    """Or of all."""
    told = "error: no step 'item' makes a processing job; those that do:"
    assert invoke("request", "item", "--assembly", assembly) == (
        1,
        f"{told} Last, Left, Item, Sum\n",
    )
    chosen = ("--assembly", assembly, "--workflow", "Weekly/StateMachine")
    assert invoke("request", "item", *chosen) == (1, f"{told} Sum\n")


def test_a_folder_that_is_no_assembly_is_refused(tmp_path: Path) -> None:
    """With what to name instead."""
    assert invoke("request", "Sum", "--assembly", str(tmp_path)) == (
        1,
        (
            f"error: no cloud assembly in {tmp_path}: name the folder that `cdk synth` wrote, "
            "such as cdk.out\n"
        ),
    )


def test_the_app_is_synthesized_where_no_assembly_is_named(
    assembly: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its context, under the environment as it is, and what is said of it apart."""
    seen: list[tuple[Path, Mapping[str, str]]] = []

    class Cli:
        def __init__(self, **_: Any) -> None:
            pass

        def synthesize(self, folder: Path, to: Path, context: Mapping[str, str]) -> None:
            seen.append((folder, context))
            to.symlink_to(assembly)

    monkeypatch.setattr(app_source, "CdkCli", Cli)
    result = CliRunner().invoke(app, ["request", "Sum", "--app", str(tmp_path), "-c", "a=b=c"])
    assert seen == [(tmp_path, {"a": "b=c"})]
    assert json.loads(result.stdout) == JOB["Parameters"]
    assert "Synthesize" in result.stderr


@pytest.mark.local_cloud
def test_the_app_of_this_repository_is_synthesized_and_drawn() -> None:
    """By the real CDK CLI; no cloud is asked."""
    root = str(Path(__file__).parents[3])
    result = CliRunner().invoke(app, ["graph", "Flights/Pipeline", "--app", root])
    assert result.exit_code == 0, result.output
    assert 's1["Split<br>SKLearn"]' in result.stdout
    assert "s1 --> s2" in result.stdout

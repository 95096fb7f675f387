from pathlib import Path

import aws_cdk as cdk
import pytest
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app as command
from stacks.fan_out.stack import FanOutStack
from stacks.flights.stack import FlightsStack
from stacks.nightly.stack import NightlyStack
from tools.pictures.scenes import EXAMPLES, ROOT, SCENES

WORKFLOWS = {
    "graph-flights.svg": "Flights/Pipeline",
    "graph-nightly.svg": "Nightly/DayReport",
    "graph-fan-out.svg": "FanOut/Weather",
}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The examples, synthesized."""
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("examples") / "cdk.out"))
    FlightsStack(app, "Flights")
    NightlyStack(app, "Nightly")
    FanOutStack(app, "FanOut")
    return str(app.synth().directory)


@pytest.mark.parametrize(("name", "workflow"), WORKFLOWS.items(), ids=WORKFLOWS)
def test_the_graphs_are_those_of_the_examples_as_they_are(
    assembly: str, tmp_path: Path, name: str, workflow: str
) -> None:
    """Of an example that changed, `python -m tools.pictures` makes a picture anew."""
    file = tmp_path / name
    options = ["--assembly", assembly, "--format", "svg", "--output", str(file)]

    done = CliRunner().invoke(command, ["graph", workflow, *options])

    assert done.exit_code == 0, done.output
    assert file.read_text() == (ROOT / "docs" / "pictures" / name).read_text()


def test_every_example_has_a_graph() -> None:
    """A new one, too."""
    assert set(EXAMPLES) == {path.parent.name for path in ROOT.glob("stacks/*/stack.py")}
    assert set(WORKFLOWS) == {name for scene in SCENES for name in scene.makes if "graph-" in name}

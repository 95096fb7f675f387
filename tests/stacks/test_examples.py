"""What every example has, the next one too."""

import ast
import runpy
from functools import partial
from pathlib import Path

import aws_cdk as cdk
import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name for path in (ROOT / "stacks").iterdir() if path.name.isidentifier())
SCREEN = 60


def readme(name: str) -> str:
    """The page of an example."""
    return (ROOT / "stacks" / name / "README.md").read_text()


def stack_id(name: str) -> str:
    """What its stack is called: `fan_out` is FanOut."""
    return "".join(word.title() for word in name.split("_"))


def test_there_are_examples() -> None:
    """Each in a folder of its own."""
    assert {"fan_out", "flights", "nightly"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_its_page_is_a_screen_and_says_how_to_run_and_deploy_it(name: str) -> None:
    """Above it a picture of its graph, below it what to copy and to change."""
    page = readme(name)
    headings = [line for line in page.splitlines() if line.startswith("## ")]

    assert len(page.splitlines()) <= SCREEN
    assert f"docs/pictures/graph-{name.replace('_', '-')}.svg" in page
    assert headings == ["## Run it, deploy it", "## What to copy", "## What to change"]
    assert f"\nsagemaker-processing local run -c example={name}" in page
    assert f" deploy -c example={name}\n" in page


@pytest.mark.parametrize("name", NAMES)
def test_its_page_names_every_script_of_its_jobs(name: str) -> None:
    """By a link, so that none is left to be found."""
    scripts = (ROOT / "stacks" / name / "jobs").glob("*.py")

    assert [one.name for one in scripts if f"](jobs/{one.name})" not in readme(name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_app_has_it_by_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And synthesizes it alone."""
    given = partial(cdk.App, outdir=str(tmp_path), context={"example": name})
    monkeypatch.setattr(cdk, "App", given)

    runpy.run_path(str(ROOT / "app.py"))

    templates = [path.name for path in tmp_path.glob("*.template.json")]
    assert templates == [f"{stack_id(name)}.template.json"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_run_in_the_local_cloud_by_tests(name: str) -> None:
    """Under its name, and what it wrote is compared."""
    source = (ROOT / "tests" / "end_to_end" / f"test_{name}.py").read_text()
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    deployed = [ast.unparse(call) for call in calls if ast.unparse(call.func) == "cloud.deploy"]

    assert "pytestmark = pytest.mark.local_cloud" in source
    assert any(f"ROOT, {stack_id(name)!r}" in one for one in deployed)

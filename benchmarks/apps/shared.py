"""What the benchmarks' apps have in common: their arguments, their scripts, their context."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aws_cdk as cdk

STACK = "Bench"
INPUT = "/opt/ml/processing/input/data"
CONFIGURATION = [
    {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}
]
_SCRIPTS = 10
_RESOURCE_LIMIT = "@aws-cdk/core:stackResourceLimit"
_CONTEXT = Path(__file__).parents[2] / "cdk.json"


@contextmanager
def begin() -> Iterator[tuple[cdk.Stack, int, Path]]:
    """An app's stack, its number of steps and its scripts; synthesized at the end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("outdir", type=Path)
    given = parser.parse_args()
    # A synth of more than a stack may hold is measured too; what does not fit is no part of it.
    context = json.loads(_CONTEXT.read_text())["context"] | {_RESOURCE_LIMIT: 0}
    app = cdk.App(outdir=str(given.outdir), context=context)
    yield cdk.Stack(app, STACK), given.count, given.scripts
    app.synth()


def names(count: int) -> list[str]:
    """The steps' names."""
    return [f"Step{index}" for index in range(count)]


def script(folder: Path, index: int) -> Path:
    """The script of a step; some steps share one."""
    return folder / f"job{index % _SCRIPTS}.py"


def write_scripts(folder: Path) -> None:
    """Write all scripts."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(_SCRIPTS):
        script(folder, index).write_text(f"print({index})\n")

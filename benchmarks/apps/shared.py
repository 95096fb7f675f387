"""What the benchmarks' apps have in common: their arguments, their scripts, their context."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import aws_cdk as cdk

STACK = "Bench"
INPUT = "/opt/ml/processing/input/data"
CONFIGURATION = [
    {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}
]
_SCRIPTS = 10
_IN_A_STACK = 100
_CONTEXT = Path(__file__).parents[2] / "cdk.json"


Pipeline = Callable[[cdk.Stack, Sequence[str], Path], None]


def synthesize(pipeline: Pipeline) -> None:
    """Run an app: as many steps as it is told, a stack for each hundred of them.

    More would fit in no state machine's role, whoever writes it.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--context", type=json.loads, default={}, help="beside cdk.json's")
    parser.add_argument("--no-tree", action="store_true", help="write no tree.json")
    given = parser.parse_args()
    context = json.loads(_CONTEXT.read_text())["context"] | given.context
    tree = False if given.no_tree else None
    app = cdk.App(outdir=str(given.outdir), context=context, tree_metadata=tree)
    for first in range(0, given.count, _IN_A_STACK):
        stack = cdk.Stack(app, f"{STACK}{first}")
        last = min(first + _IN_A_STACK, given.count)
        pipeline(stack, [f"Step{index}" for index in range(first, last)], given.scripts)
    app.synth()


def script(folder: Path, index: int) -> Path:
    """The script of a step; some steps share one."""
    return folder / f"job{index % _SCRIPTS}.py"

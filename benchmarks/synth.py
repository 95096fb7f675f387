"""Synthesis with this package, beside the same stack written by hand and beside a CDK task's.

The *floor* is the very same stack of the CDK's own constructs: buckets, roles, policies, published
files, `CustomState`s. The *training task* is as many `SageMakerCreateTrainingJob`s in the same
surroundings. Each is a process of its own, in turn, from Python's start to the written assembly;
the least of several rounds counts. Processor time has Node's in it. The CDK's own check of
templates costs all alike, and most of a synth: it is measured by itself, and left out beside the
training task (`CDK_VALIDATION=false`), where it would hide what differs.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.figures import Beside, Figure
from benchmarks.processes import Cost, cdk_variables, cost_of, least

__all__ = ["TITLE", "measure"]

TITLE = "Synthesis"

_APPS = Path(__file__).parent / "apps"
_OURS, _FLOOR, _TRAINING = "ours", "floor", "training"
_NAMES = {_FLOOR: "the floor, by hand", _TRAINING: "the CDK's training task"}
# The apps share so many scripts.
_SCRIPTS = 10
_TO_FLOOR = 1.10
_LINEAR = 1.25
_IMPORT = 1.15
_PROMISED = (1, 400)
_IMPORTS = {
    "aws_cdk.aws_stepfunctions alone": "import aws_cdk.aws_stepfunctions",
    "the package": "import cdk_sagemaker_processing",
    "its steps, storage and workflow": (
        "from cdk_sagemaker_processing import ProcessingInput, ProcessingOutput, "
        "ProcessingStorage, ProcessingWorkflow, PySparkStep, SKLearnStep"
    ),
}

# What is there before anybody's constructs are.
_BELOW = {
    "Python": "pass",
    "and the CDK's module": "import aws_cdk",
    "and an app: Node runs": "import aws_cdk; aws_cdk.App(outdir='{out}')",
    "and its synth": "import aws_cdk; aws_cdk.App(outdir='{out}').synth()",
}
_NOT_CACHED = "JSII_RUNTIME_PACKAGE_CACHE"
_SETTINGS = {
    "no tree.json": ("--no-tree",),
    "templates without indentation": (
        "--context",
        '{"@aws-cdk/core:suppressTemplateIndentation": true}',
    ),
    "no stack traces": ("--context", '{"aws:cdk:disable-stack-trace": true}'),
    "no metadata of what is used": (
        "--context",
        '{"@aws-cdk/core:enableAdditionalMetadataCollection": false}',
    ),
}


@dataclass(frozen=True, slots=True)
class Made:
    """What an app synthesized to.

    Attributes:
        template: Bytes of all its templates.
        resources: How many resources they have.
        definition: Bytes of the definitions, with what CloudFormation fills in left out.
    """

    template: int
    resources: int
    definition: int


def measure(console: Console, *, quick: bool) -> list[Figure]:
    """Measure."""
    rounds_of = {1: 1, 10: 1} if quick else {1: 7, 10: 5, 100: 4, 400: 3}
    with tempfile.TemporaryDirectory() as folder:
        apps = _Apps(Path(folder))
        rounds = max(rounds_of.values())
        figures = [
            *_imports(console, Path(folder), rounds),
            *_below(console, Path(folder), rounds),
        ]
        costs = {}
        for count, rounds in rounds_of.items():
            costs[count] = apps.costs(console, count, rounds)
            figures += _of_count(count, costs[count])
        if not quick:
            figures.append(_growth(costs))
        most = min(100, max(rounds_of))
        figures += [*apps.sizes(most), *apps.settings(console, most, rounds_of[most])]
    return figures


@dataclass(frozen=True, slots=True)
class Costs:
    """What apps of as many steps cost.

    Attributes:
        checked: By app, with the CDK's check of templates.
        unchecked: Without it.
    """

    checked: Mapping[str, Cost]
    unchecked: Mapping[str, Cost]


class _Apps:
    """The apps that are measured, in a folder for what they read and write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scripts = folder / "scripts"
        self._scripts.mkdir()
        for index in range(_SCRIPTS):
            (self._scripts / f"job{index}.py").write_text(f"print({index})\n")
        # The floor takes from here what no one would write by hand: AWS's accounts by region.
        self._synthesize(_OURS, 2)
        template = json.loads(next(self._out(_OURS).glob("*.template.json")).read_text())
        (self._scripts / "mappings.json").write_text(json.dumps(template["Mappings"]))

    def costs(self, console: Console, count: int, rounds: int) -> Costs:
        """The cost of each app with as many steps."""
        runs = [(app, check) for check in (True, False) for app in (_OURS, _FLOOR, _TRAINING)]
        found: dict[tuple[str, bool], list[Cost]] = {run: [] for run in runs}
        for at in range(rounds):
            console.print(f"{count} step{'s' if count > 1 else ''}, round {at + 1}", style="dim")
            for app, check in runs:
                found[app, check].append(self._synthesize(app, count, check=check))
        checked, unchecked = (
            {app: least(found[app, check]) for app, one in runs if one is check}
            for check in (True, False)
        )
        return Costs(checked, unchecked)

    def sizes(self, count: int) -> Iterator[Figure]:
        """What a step adds to templates, ours beside the floor's."""
        made = {}
        for app in (_OURS, _FLOOR):
            self._synthesize(app, count)
            made[app] = _made(self._out(app))
        ours, floor = made[_OURS], made[_FLOOR]
        for what, value, other, unit in (
            ("template", ours.template, floor.template, "B"),
            ("definition in it", ours.definition, floor.definition, "B"),
            ("resources", ours.resources, floor.resources, ""),
        ):
            yield Figure(
                f"size a step, of a stack of {count}",
                what,
                value / count,
                unit,
                Beside(_NAMES[_FLOOR], other / count),
            )

    def settings(self, console: Console, count: int, rounds: int) -> Iterator[Figure]:
        """What settings of an app's are worth, each beside the app as it is."""
        variants: dict[str, tuple[str, ...]] = {"as in cdk.json": (), **_SETTINGS}
        found: dict[str, list[Cost]] = {name: [] for name in variants}
        for at in range(rounds):
            console.print(f"settings, round {at + 1}", style="dim")
            for name, options in variants.items():
                found[name].append(self._synthesize(_OURS, count, *options, check=False))
        as_it_is, *others = (least(costs).cpu for costs in found.values())
        for name, cpu in zip(_SETTINGS, others, strict=True):
            of = f"settings, synth of {count} steps without the CDK's check"
            yield Figure(of, name, cpu, beside=Beside("as in cdk.json", as_it_is))

    def _out(self, app: str) -> Path:
        return self._folder / app

    def _synthesize(self, app: str, count: int, *options: str, check: bool = True) -> Cost:
        shutil.rmtree(self._out(app), ignore_errors=True)
        places = [str(self._scripts), str(self._out(app))]
        command = [sys.executable, str(_APPS / f"{app}.py"), str(count), *places, *options]
        return _cost(command, self._folder, check=check)


def _of_count(count: int, costs: Costs) -> Iterator[Figure]:
    of = f"synth of {count} step{'s' if count > 1 else ''}"
    promised = count in _PROMISED
    with_check, ours = costs.checked[_OURS], costs.unchecked[_OURS]
    for cost, others, what in (
        (with_check, costs.checked, "processor time"),
        (ours, costs.unchecked, "without the CDK's check"),
    ):
        floor = Beside(_NAMES[_FLOOR], others[_FLOOR].cpu, _TO_FLOOR if promised else None)
        yield Figure(of, what, cost.cpu, beside=floor)
        training = Beside(_NAMES[_TRAINING], others[_TRAINING].cpu)
        yield Figure(of, what, cost.cpu, beside=training)
    wall = Beside("without the CDK's check", ours.wall)
    yield Figure(of, "wall", with_check.wall, beside=wall)


def _growth(costs: Mapping[int, Costs]) -> Figure:
    def a_step(few: int, many: int) -> float:
        return (costs[many].checked[_OURS].cpu - costs[few].checked[_OURS].cpu) / (many - few)

    return Figure(
        "growth",
        "processor time of a step, between 100 and 400",
        a_step(100, 400),
        beside=Beside("between 1 and 100", a_step(1, 100), _LINEAR),
    )


def _imports(console: Console, folder: Path, rounds: int) -> Iterator[Figure]:
    console.print("imports", style="dim")
    statements = {"nothing": "pass", **_IMPORTS}
    found: dict[str, list[Cost]] = {name: [] for name in statements}
    for _ in range(2 * rounds):
        for name, statement in statements.items():
            found[name].append(_cost([sys.executable, "-c", statement], folder))
    bare, alone, *ours = (least(costs).cpu for costs in found.values())
    peer, *names = _IMPORTS
    # Its names load when they are used, which an app would pay for anyway.
    for name, cpu, at_most in zip(names, ours, (_IMPORT, None), strict=True):
        beside = Beside(peer, alone - bare, at_most)
        yield Figure("import, processor time", name, cpu - bare, beside=beside)


def _below(console: Console, folder: Path, rounds: int) -> Iterator[Figure]:
    """What an empty app costs, by what is there already, and what comes on top."""
    console.print("an empty app", style="dim")
    codes = {name: code.format(out=folder / "empty") for name, code in _BELOW.items()}
    last = list(codes.values())[-1]
    variants: dict[str, tuple[str, bool, dict[str, str]]] = {
        **{name: (code, False, {}) for name, code in codes.items()},
        "and the CDK's check": (last, True, {}),
        "its synth, Node's packages unpacked anew": (last, False, {_NOT_CACHED: "disabled"}),
    }
    found: dict[str, list[Cost]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, (code, check, variables) in variants.items():
            command = [sys.executable, "-c", code]
            found[name].append(_cost(command, folder, check=check, variables=variables))
    for name, costs in found.items():
        yield Figure("an empty app, processor time", name, least(costs).cpu)


def _cost(
    command: list[str],
    folder: Path,
    *,
    check: bool = True,
    variables: Mapping[str, str] | None = None,
) -> Cost:
    fixed = cdk_variables(folder / "compiled", check=check)
    return cost_of(command, variables={**fixed, **(variables or {})})


def _made(outdir: Path) -> Made:
    texts = [one.read_text() for one in outdir.glob("*.template.json")]
    resources = [one for text in texts for one in json.loads(text)["Resources"].values()]
    definitions = [
        one["Properties"]["DefinitionString"]
        for one in resources
        if one["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    return Made(
        sum(len(text.encode()) for text in texts),
        len(resources),
        sum(len(_known(one).encode()) for one in definitions),
    )


def _known(definition: Any) -> str:
    """The text of a definition that is known at synth."""
    if isinstance(definition, str):
        return definition
    return "".join(one for one in definition["Fn::Join"][1] if isinstance(one, str))

"""Local folders on their way into a cloud assembly, beside the CDK's own asset and a plain copy.

A process each, in turn, the least of several rounds; what the same process takes with a folder of
one small file is taken off. *The CDK's asset* is the same folder as one `s3_assets.Asset`, which
keeps digests in the user's home, by the files' times; *by hand* is every file hashed once and the
folder copied, in Python and without the CDK.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rich.console import Console

from benchmarks.figures import Beside, Figure
from benchmarks.processes import Cost, cdk_variables, cost_of, least

__all__ = ["TITLE", "measure"]

TITLE = "Staging of local files"

_APPS = Path(__file__).parent / "apps"
_OURS = "ours"
_PEERS = {"asset": "the CDK's asset", "by_hand": "by hand"}
_TIMES = ("the first time", "again, unchanged")
_A_FOLDER = 100
_BLOCK = 1 << 20
# Of the large file, by hand: to hash it and to copy it is all there is to do.
_AT_MOST = 1.25


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is staged.

    Attributes:
        files: How many small files.
        blocks: The large file, in MiB.
        rounds: How often each is measured.
    """

    files: int
    blocks: int
    rounds: int


_FULL = Sizes(files=10_000, blocks=1024, rounds=4)
_QUICK = Sizes(files=200, blocks=8, rounds=1)


def measure(console: Console, *, quick: bool) -> list[Figure]:
    """Measure."""
    sizes = _QUICK if quick else _FULL
    with tempfile.TemporaryDirectory() as name:
        place = _Place(Path(name))
        none = place.folder("nothing else")
        small = place.folder(f"{sizes.files:,} small files")
        for index in range(sizes.files):
            inner = small / f"d{index // _A_FOLDER}"
            inner.mkdir(exist_ok=True)
            (inner / f"f{index}.txt").write_text(f"{index} " * 100)
        large = place.folder(f"one file of {sizes.blocks:,} MiB")
        with (large / "model.bin").open("wb") as opened:
            for _ in range(sizes.blocks):
                opened.write(os.urandom(_BLOCK))
        # Python compiles once, and what is slow the first time is not counted.
        place.costs(console, [none], 1)
        costs = place.costs(console, [none, small, large], sizes.rounds)
        return [
            figure
            for folder in (small, large)
            for figure in _figures(folder, costs[folder], costs[none])
        ]


_Costs = dict[tuple[str, str], Cost]


class _Place:
    """Where the folders and the assemblies lie."""

    def __init__(self, root: Path) -> None:
        self._root = root
        # The CDK keeps the digests of its assets there.
        self._home = root / "home"

    def folder(self, name: str) -> Path:
        """A folder with a script in it."""
        made = self._root / name
        made.mkdir()
        (made / "job.py").write_text("print(1)\n")
        return made

    def costs(self, console: Console, folders: Sequence[Path], rounds: int) -> dict[Path, _Costs]:
        """What each kind costs of each folder in turn, the first time and again."""
        found: dict[tuple[Path, str, str], list[Cost]] = {}
        for at in range(rounds):
            console.print(f"round {at + 1}", style="dim")
            for folder, kind in product(folders, (_OURS, *_PEERS)):
                out = self._root / "out"
                for left in (out, self._home):
                    shutil.rmtree(left, ignore_errors=True)
                # What was left to be written must not be waited for by the next.
                os.sync()
                for time in _TIMES:
                    found.setdefault((folder, kind, time), []).append(self._cost(kind, folder, out))
        return {
            folder: {
                (kind, time): least(costs)
                for (of, kind, time), costs in found.items()
                if of == folder
            }
            for folder in folders
        }

    def _cost(self, kind: str, folder: Path, out: Path) -> Cost:
        command = [sys.executable, str(_APPS / f"staged_{kind}.py"), str(folder), str(out)]
        variables = {
            **cdk_variables(self._root / "compiled", check=False),
            "HOME": str(self._home),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(self._root / "packages"),
        }
        return cost_of(command, variables=variables, folder=self._root)


def _figures(folder: Path, costs: _Costs, base: _Costs) -> Iterator[Figure]:
    def above(kind: str, time: str) -> Cost:
        cost, none = costs[kind, time], base[kind, time]
        return Cost(cost.cpu - none.cpu, cost.wall - none.wall)

    for time in _TIMES:
        ours = above(_OURS, time)
        for kind, name in _PEERS.items():
            peer = above(kind, time)
            promised = folder.name.startswith("one file") and kind == "by_hand"
            of = f"{folder.name}, {time}"
            at_most = _AT_MOST if promised else None
            yield Figure(of, "processor time", ours.cpu, beside=Beside(name, peer.cpu, at_most))
            yield Figure(of, "wall", ours.wall, beside=Beside(name, peer.wall))

"""`make bench`: runs all benchmarks or those named, prints what they find and writes it as JSON."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Protocol

from rich.console import Console

from benchmarks.figures import Figure, show, write

# A module each, of this package, with `TITLE` and `measure`.
BENCHMARKS = ("synth", "staging", "history_server", "local_cloud")
RESULTS = Path(__file__).parent / "results"


class Benchmark(Protocol):
    """What a module of this package offers."""

    TITLE: str

    def measure(self, console: Console, *, quick: bool) -> list[Figure]:
        """Measure, telling on the console what is being done."""


def main() -> int:
    """Run the benchmarks and return 1 if one does not keep what is promised."""
    arguments = _arguments()
    console = Console()
    kept = True
    for name in arguments.names or BENCHMARKS:
        benchmark: Benchmark = importlib.import_module(f"benchmarks.{name}")
        figures = benchmark.measure(console, quick=arguments.quick)
        show(benchmark.TITLE, figures, console)
        if arguments.quick:
            # What is promised is promised of the full sizes.
            continue
        console.print(f"Written: {write(name, figures, arguments.results)}")
        kept = kept and all(figure.holds is not False for figure in figures)
    return 0 if kept else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, once each; nothing is written"
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="where the JSON goes (%(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

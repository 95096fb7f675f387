"""Pictures of what benchmarks found, for the docs.

python -m benchmarks.plots
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["draw_synth"]

_HERE = Path(__file__).parent
_RESULTS = _HERE / "results" / "synth.json"
_PICTURE = _HERE.parent / "docs" / "pictures" / "performance.svg"
_COUNT = re.compile(r"synth of (\d+) steps?")
_CHECKED, _UNCHECKED = "processor time", "without the CDK's check"
_COLOURS = {
    "ours": "#2457c5",
    "the floor, by hand": "#6b7280",
    "the CDK's training task": "#c2410c",
}

Lines = dict[str, dict[int, float]]


def draw_synth(results: Path = _RESULTS, picture: Path = _PICTURE) -> None:
    """Draw processor time by the number of steps, with and without the CDK's check.

    Args:
        results: What the benchmark of synth found.
        picture: The SVG to write.
    """
    found = json.loads(results.read_text())["figures"]
    # The same figures make the same file.
    with mpl.rc_context({"svg.hashsalt": "performance", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        for axes, what, title in zip(
            figure.subplots(1, 2),
            (_CHECKED, _UNCHECKED),
            ("with the CDK's own check of templates", "without it (CDK_VALIDATION=false)"),
            strict=True,
        ):
            _panel(axes, _lines(found, what), title)
        figure.savefig(picture, format="svg", metadata={"Date": None})


def _lines(found: list[dict[str, Any]], what: str) -> Lines:
    lines: Lines = defaultdict(dict)
    for figure in found:
        count = _COUNT.fullmatch(figure["of"])
        if count and figure["what"] == what:
            lines["ours"][int(count[1])] = figure["value"]
            lines[figure["beside"]["what"]][int(count[1])] = figure["beside"]["value"]
    return lines


def _panel(axes: Axes, lines: Lines, title: str) -> None:
    for name, points in lines.items():
        axes.plot(list(points), list(points.values()), "o-", label=name, color=_COLOURS[name])
    axes.set_title(title)
    axes.set_xlabel("steps")
    axes.set_ylabel("seconds of processor time")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


if __name__ == "__main__":
    draw_synth()

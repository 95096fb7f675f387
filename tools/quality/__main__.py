"""Measure, print, and fail when a figure is off."""

import sys

from rich.console import Console

from tools.quality.figures import all_figures
from tools.quality.table import show

if __name__ == "__main__":
    figures = all_figures()
    show(figures, Console())
    sys.exit(0 if all(one.good for one in figures) else 1)

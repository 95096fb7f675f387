"""Whether each public name says what it is."""

from interrogate.config import (  # type: ignore[import-untyped] # it ships no type information
    InterrogateConfig,
    parse_pyproject_toml,
)
from interrogate.coverage import InterrogateCoverage  # type: ignore[import-untyped] # as above

from tools.quality.figure import Figure
from tools.quality.project import PACKAGE, ROOT, relative

__all__ = ["figure"]


def figure() -> Figure:
    """How many of the package's public names have a docstring."""
    settings = parse_pyproject_toml(ROOT / "pyproject.toml")
    # The command's option has another name than the library's.
    settings["docstring_style"] = settings.pop("style")
    found = InterrogateCoverage([str(PACKAGE)], InterrogateConfig(**settings)).get_coverage()
    missing = [
        f"{relative(ROOT / file.filename)}:{node.lineno or 1}: {node.path}"
        for file in found.file_results
        for node in file.nodes
        if not node.covered
    ]
    return Figure(
        "Public names with a docstring",
        f"{found.perc_covered:.1f} % of {found.total}",
        "100 %",
        tuple(sorted(missing)),
    )

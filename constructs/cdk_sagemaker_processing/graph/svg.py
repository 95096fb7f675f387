"""A graph as a picture: SVG that any browser shows, light or dark as its reader has it."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from cdk_sagemaker_processing.graph.layout import lay_out
from cdk_sagemaker_processing.graph.model import Graph

__all__ = ["to_svg"]

_MARGIN = 20
# XML 1.0, "Characters": all others make a document that none can read.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The marks of the machine's start and end, with the ways to them.
_ENDS = 40


def to_svg(graph: Graph, title: str) -> str:
    """Return a graph as an SVG document.

    Args:
        graph: The graph.
        title: What it is a picture of, for those who do not see it.
    """
    picture = lay_out(graph, _MARGIN, _MARGIN + _ENDS)
    return _template().render(
        picture=picture,
        title=title,
        width=round(picture.width + 2 * _MARGIN),
        height=round(picture.height + 2 * (_MARGIN + _ENDS)),
        start=next(box for box in picture.boxes if box.node.name == graph.start),
        ends=[box for box in picture.boxes if box.node.name in graph.ends],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("cdk_sagemaker_processing.graph", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    return environment.get_template("graph.svg.jinja")


def _finalize(value: object) -> object:
    # Markup made by the template itself is a str of a kind of its own.
    return _NO_XML.sub("", value) if type(value) is str else value

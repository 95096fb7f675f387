"""What a picture must not show."""

import re
from html import unescape

__all__ = ["traces"]

# A local cloud's own folder is called so on every machine.
_PATHS = re.compile(
    r"(?<![\w.:~/])/(?!tmp/sagemaker-processing-)(?:home|root|tmp|usr|var|work|Users)/[\w./-]*"
)
_TAGS = re.compile(r"<[^>]+>")


def traces(drawing: str) -> list[str]:
    """The paths of a machine that stand in the text of an SVG."""
    return _PATHS.findall(unescape(_TAGS.sub("\n", drawing)).replace("\xa0", " "))

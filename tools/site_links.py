"""Links from a page to files of the project that are no pages.

Where the project is browsed, they lead there. The site has no such place of its own: with
DOCS_SOURCE_URL in the environment they lead below it, without it the text alone stands.
"""

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """What MkDocs asks of a hook: the page's text, links out of the docs replaced."""
    root = Path(config["docs_dir"]).parent
    here = PurePosixPath("docs") / PurePosixPath(page.file.src_uri).parent

    def replaced(found: re.Match[str]) -> str:
        target = found["target"]
        if "://" in target or target.startswith(("#", "mailto:")):
            return found[0]
        path = os.path.normpath(here / target.partition("#")[0])
        if path.startswith("docs/"):
            return found[0]
        if not (root / path).exists():
            return found[0]  # MkDocs tells of it
        source = os.environ.get("DOCS_SOURCE_URL", "").rstrip("/")
        return f"[{found['text']}]({source}/{path})" if source else found["text"]

    return _LINK.sub(replaced, markdown)

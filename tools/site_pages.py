"""Pages of the site that are written from what the project has: the command's, and the changes.

MkDocs loads this as a hook. Such a page cannot say what is not so.
"""

import html
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

_ROOT = Path(__file__).parents[1]
_COMMAND = "sagemaker-processing"
_APP = "cdk_sagemaker_processing.cli.app"


def on_files(files: Files, *, config: Any, **_: Any) -> Files:
    """What MkDocs asks of a hook: the files of the site, with these pages among them."""
    for path, text in (("reference/command.md", command()), ("about/changes.md", changes())):
        files.append(File.generated(config, path, content=text))
    return files


def command() -> str:
    """The reference of the command, as Typer writes it."""
    written = subprocess.run(
        [sys.executable, "-m", "typer", _APP, "utils", "docs", "--name", _COMMAND],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    title, _, rest = html.unescape(written).partition("\n")
    shown = re.sub(r"```console\n\$ (.*?)\n```", r"```sh\n\1\n```", rest, flags=re.DOTALL)
    return f"{title.replace('`', '')}\n\n{_with_whole_lists(shown)}"


def _with_whole_lists(page: str) -> str:
    """Let what Typer cuts off in a list of commands be what the command's own part begins with."""
    said = dict(re.findall(r"^#+ `([^`]+)`\n\n(.+)$", page, re.MULTILINE))
    group = _COMMAND
    lines = []
    for line in page.splitlines():
        if heading := re.match(r"#+ `([^`]+)`", line):
            group = heading[1]
        cut = re.match(r"\* `(\w+)`: .*\.\.\.$", line)
        lines.append(f"* `{cut[1]}`: {said[f'{group} {cut[1]}']}" if cut else line)
    return "\n".join(lines)


def changes() -> str:
    """The changelog, whose links are taken from the project's root."""
    written = (_ROOT / "CHANGELOG.md").read_text()
    from_here = re.sub(r"\]\((?!\w+:)", "](../../", written)
    return from_here.replace("](../../docs/", "](../")

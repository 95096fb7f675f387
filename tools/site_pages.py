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
    # Below the two levels of commands and subcommands stand their arguments, as lists.
    return f"{title.replace('`', '')}\n\n{shown}"


def changes() -> str:
    """The changelog, whose links are taken from the project's root."""
    written = (_ROOT / "CHANGELOG.md").read_text()
    from_here = re.sub(r"\]\((?!\w+:)", "](../../", written)
    return from_here.replace("](../../docs/", "](../")

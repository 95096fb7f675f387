"""Which of ruff's rules are on, and how complex the code is by them."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.quality.figure import Figure
from tools.quality.project import ROOT, command, relative

__all__ = ["complexity", "reasonless", "rules"]

_HIGHEST = 10
_CODE = re.compile(r'"([A-Z]{1,4}\d{0,4})"')


def rules() -> Figure:
    """How many of ruff's rules are on and off, and which is off without a reason beside it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    known = json.loads(command("ruff", "rule", "--all", "--output-format", "json").stdout)
    stable = [rule["code"] for rule in known if "Stable" in rule["status"]]
    off = [code for code in stable if code.startswith(tuple(lint["ignore"]))]
    wrong = [] if lint["select"] == ["ALL"] else ["pyproject.toml: select is not ALL"]
    return Figure(
        "Rules of ruff on",
        f"{len(stable) - len(off)} of {len(stable)}; {len(off)} off everywhere",
        "all, and a reason beside each that is off",
        (*wrong, *reasonless(text)),
    )


def reasonless(text: str) -> tuple[str, ...]:
    """The lines that turn rules off and do not say why.

    Args:
        text: A pyproject.toml.
    """
    return tuple(
        f"pyproject.toml:{number}: {', '.join(_CODE.findall(line))} off without a reason"
        for number, line in _lines_that_ignore(text)
        if _CODE.search(line) and not line.partition("#")[2].strip()
    )


def complexity() -> Figure:
    """How complex the most complex function is, by ruff's C901."""
    found = command(
        "ruff", "check", "--select=C901", "--ignore-noqa", "--output-format=json",
        "--config=lint.mccabe.max-complexity=0",
    )  # fmt: skip # the options are read together
    measured = [
        (int(match[1]), relative(_path(one)) + f":{one['location']['row']}")
        for one in json.loads(found.stdout)
        if (match := re.search(r"\((\d+) > 0\)", one["message"]))
    ]
    return Figure(
        "Highest complexity of a function",
        f"{max(measured)[0]} of {len(measured)} functions",
        f"at most {_HIGHEST}",
        tuple(f"{place}: {height}" for height, place in sorted(measured) if height > _HIGHEST),
    )


def _path(finding: dict[str, str]) -> Path:
    return Path(finding["filename"])


def _lines_that_ignore(text: str) -> Iterator[tuple[int, str]]:
    """The lines of `ignore` and of `per-file-ignores`, by their numbers."""
    section, inside = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            section, inside = line.strip("[] "), False
        inside = inside or (section == "tool.ruff.lint" and line.startswith("ignore"))
        if inside or section == "tool.ruff.lint.per-file-ignores":
            yield number, line.partition("=")[2] if "= [" in line else line
        inside = inside and line.strip() != "]"

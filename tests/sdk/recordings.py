"""What ``tools/record_sdk_requests.py`` and its like recorded."""

import json
from pathlib import Path
from typing import Any

__all__ = [
    "DATA_SCIENCE_NAMES",
    "FILES",
    "NAMES",
    "V3_NAMES",
    "modules_of_v3",
    "read",
    "signatures",
]

_HERE = Path(__file__).parent
FILES = _HERE / "files"
_RECORDED = {path.stem: path for path in sorted(_HERE.glob("recorded*/*.json"))}


def _names(folder: str) -> list[str]:
    return [name for name, path in _RECORDED.items() if path.parent.name == folder]


NAMES = _names("recorded")
V3_NAMES = _names("recorded_v3")
DATA_SCIENCE_NAMES = _names("recorded_data_science")


def read(name: str) -> dict[str, Any]:
    """One recorded call, of any SDK."""
    recorded: dict[str, Any] = json.loads(_RECORDED[name].read_text())
    return recorded


def signatures(file: str = "signatures.json") -> dict[str, dict[str, dict[str, str | None]]]:
    """The arguments of each class of an SDK and of its ``run``, with their defaults."""
    classes: dict[str, dict[str, dict[str, str | None]]] = _signatures(file)["classes"]
    return classes


def modules_of_v3() -> dict[str, list[str]]:
    """What each class of the SDK v3 can be imported from."""
    modules: dict[str, list[str]] = _signatures("signatures_v3.json")["modules"]
    return modules


def _signatures(file: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_HERE / file).read_text())
    return document

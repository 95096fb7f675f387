"""What ``tools/record_sdk_requests.py`` recorded."""

import json
from pathlib import Path
from typing import Any

__all__ = ["FILES", "NAMES", "read", "signatures"]

FILES = Path(__file__).parent / "files"
_RECORDED = Path(__file__).parent / "recorded"
NAMES = sorted(path.stem for path in _RECORDED.glob("*.json"))


def read(name: str) -> dict[str, Any]:
    """One recorded call."""
    recorded: dict[str, Any] = json.loads((_RECORDED / f"{name}.json").read_text())
    return recorded


def signatures() -> dict[str, dict[str, dict[str, str | None]]]:
    """The arguments of each class of the SDK and of its ``run``, with their defaults."""
    document = json.loads((Path(__file__).parent / "signatures.json").read_text())
    classes: dict[str, dict[str, dict[str, str | None]]] = document["classes"]
    return classes

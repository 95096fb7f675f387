"""The rules of the service model, as the package carries them."""

import importlib.util
import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest

from tests.request.strategies import SHAPES


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The tool that makes the file."""
    path = Path(__file__).parents[2] / "tools" / "refresh_constraints.py"
    spec = importlib.util.spec_from_file_location("refresh_constraints", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_tool_makes(tool: ModuleType) -> None:
    """Of the botocore that it names: another one may know more."""
    written = json.loads(tool.TARGET.read_text())
    of_this = f"botocore {botocore.__version__},"
    if not written["source"].startswith(of_this):
        pytest.skip(f"the file is of {written['source']}, installed is {botocore.__version__}")

    assert written == tool.document()


def test_the_installed_botocore_forbids_nothing_that_the_file_allows(tool: ModuleType) -> None:
    """What AWS adds breaks nothing; what it takes away asks for a run of the tool."""
    installed = tool.document()["shapes"]

    assert {name: found for name in SHAPES if (found := narrower(name, installed))} == {}


def narrower(name: str, installed: dict[str, Any]) -> list[str]:
    """In which rules a shape of the installed service model allows less than the file's."""
    ours, theirs = SHAPES[name], installed.get(name, {})
    return [
        rule
        for rule, is_narrower in {
            "type": theirs.get("type") != ours["type"],
            "max": theirs.get("max", math.inf) < ours.get("max", math.inf),
            "min": theirs.get("min", 0) > ours.get("min", 0),
            "required": not set(theirs.get("required", ())) <= set(ours.get("required", ())),
            "enum": not set(ours.get("enum", ())) <= set(theirs.get("enum", ours.get("enum", ()))),
            "members": not set(ours.get("members", ())) <= set(theirs.get("members", ())),
        }.items()
        if is_narrower
    ]


def test_the_tool_keeps_rules_and_leaves_out_what_no_request_may_hold(tool: ModuleType) -> None:
    """Read-only members and documentation stay behind, and shapes that nothing holds."""
    model = {
        "Root": {
            "type": "structure",
            "required": ["Names"],
            "documentation": "<p>All.</p>",
            "members": {
                "Names": {"shape": "Names", "documentation": "<p>The names.</p>"},
                "Chosen": {
                    "shape": "Name",
                    "documentation": "<p>This field is read-only and isn't accepted in "
                    "<code>CreateProcessingJob</code> requests.</p>",
                },
            },
        },
        "Names": {"type": "list", "member": {"shape": "Name"}, "min": 1, "max": 5},
        "Name": {"type": "string", "max": 63, "pattern": ".*", "enum": ["a"]},
        "Other": {"type": "string"},
    }

    assert tool.reachable(model, "Root") == {
        "Root": {"type": "structure", "required": ["Names"], "members": {"Names": "Names"}},
        "Names": {"type": "list", "min": 1, "max": 5, "member": "Name"},
        "Name": {
            "type": "string",
            "max": 63,
            "enum": ["a"],
            "pattern": r"[^\n\r\u2028\u2029]*",
        },
    }


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (r"(https|s3)://([^/]+)/?(.*)", r"(https|s3)://([^/]+)/?([^\n\r\u2028\u2029]*)"),
        (r"[a-zA-Z0-9._-]+", r"[a-zA-Z0-9._-]+"),
        (r"\d{12}\.x", r"[0-9]{12}\.x"),
        (r"[\S\s]*", r"[\S\s]*"),
    ],
)
def test_patterns_mean_in_python_what_they_mean_to_the_service(
    tool: ModuleType, theirs: str, ours: str
) -> None:
    """A dot takes no line end, a digit is one of ten."""
    assert tool.python_pattern(theirs) == ours

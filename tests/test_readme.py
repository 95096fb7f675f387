"""What the README says is true."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_its_commands_are_there() -> None:
    """Every target of make that it names is one."""
    makefile = (ROOT / "Makefile").read_text()

    named = set(re.findall(r"\bmake ([a-z-]+)", README))

    assert named >= {"demo", "test", "check"}
    assert [name for name in named if f"\n{name}:" not in makefile] == []


def test_its_map_names_what_is_there() -> None:
    """Each folder and module in the map of the code exists, and none of the package is missing."""
    drawn = README.split("## Map of the code")[1].split("```")[1]
    package = ROOT / "constructs" / "cdk_sagemaker_processing"
    rooms = {
        path.name + ("/" if path.is_dir() else "")
        for path in package.iterdir()
        if not path.name.startswith("__") and path.name != "py.typed"
    }

    assert [room for room in sorted(rooms) if not re.search(rf"\s{re.escape(room)}\s", drawn)] == []
    for path in ("stacks/", "tests/", "tools/", "requirements/"):
        assert path in drawn
        assert (ROOT / path).is_dir()

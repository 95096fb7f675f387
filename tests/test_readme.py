"""What the README says is true."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_its_example_synthesizes(tmp_path: Path) -> None:
    """The example runs as it stands, beside the two scripts that it names."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    for name in ("split.py", "features.py"):
        (tmp_path / "jobs").mkdir(exist_ok=True)
        (tmp_path / "jobs" / name).write_text("print('a job')\n")
    (tmp_path / "app.py").write_text(example)

    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, check=True, capture_output=True)


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


def test_its_links_lead_somewhere() -> None:
    """No link within the project is dead."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []

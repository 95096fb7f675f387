"""The apps that synth is measured by do the same work."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
APPS = ROOT / "benchmarks" / "apps"
_PLACEHOLDER = re.compile(r"\$\{(AWS::\w+)\}")
# What each calls its jobs, files and places.
_OWN_NAMES = (
    (re.compile(r"(step\d+)-[0-9a-f]{8}"), r"\1-digest"),
    (re.compile(r"[0-9a-f]{32}\.d/(code|conf)/[\w.]+"), "file"),
    (re.compile(r"[0-9a-f]{64}\.\w+"), "file"),
    (re.compile(r"[0-9a-f]{32}\.d/\*"), "file*"),
    (re.compile("<AWS::S3::Bucket.Arn>"), "arn:<AWS::Partition>:s3:::<AWS::S3::Bucket>"),
)


def synthesized(app: str, folder: Path) -> dict[str, Any]:
    out = folder / app
    subprocess.run(  # the app is this repository's own
        [sys.executable, str(APPS / f"{app}.py"), "2", str(folder), str(out)],
        check=True,
        env={**os.environ, "CDK_VALIDATION": "false"},
    )
    found: dict[str, Any] = json.loads((out / "Bench0.template.json").read_text())
    return found


def plain(value: Any, resources: dict[str, Any]) -> Any:
    """A value with its intrinsic functions as text, the same whichever function says it."""
    if isinstance(value, str):
        return _renamed(value)
    if isinstance(value, list):
        found = [plain(one, resources) for one in value]
        # Of actions, resources and prefixes neither order nor repetition matters.
        return sorted(set(found)) if all(isinstance(one, str) for one in found) else found
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (text := _called(*next(iter(value.items())), resources)) is not None:
        return _renamed(text)
    return {name: plain(one, resources) for name, one in value.items()}


def _called(function: str, given: Any, resources: dict[str, Any]) -> str | None:
    if function == "Fn::Join":
        return "".join(str(plain(one, resources)) for one in given[1])
    if function == "Fn::Sub":
        return _PLACEHOLDER.sub(r"<\1>", given)
    if function == "Fn::FindInMap":
        return f"<{given[0]}>"
    if function not in {"Ref", "Fn::GetAtt"}:
        return None
    name, *attribute = given if isinstance(given, list) else [given]
    kind = resources[name]["Type"] if name in resources else name
    return f"<{'.'.join([kind, *attribute])}>"


def _renamed(text: str) -> str:
    for pattern, name in _OWN_NAMES:
        text = pattern.sub(name, text)
    return text


def properties(template: dict[str, Any], kind: str) -> list[Any]:
    resources = template["Resources"]
    return [
        plain(one["Properties"], resources) for one in resources.values() if one["Type"] == kind
    ]


def test_the_floor_is_the_same_stack_written_by_hand(tmp_path: Path) -> None:
    """As many resources of each type, the same definition, the same roles of jobs."""
    for index in range(2):
        (tmp_path / f"job{index}.py").write_text(f"print({index})\n")
    ours = synthesized("ours", tmp_path)
    (tmp_path / "mappings.json").write_text(json.dumps(ours["Mappings"]))
    floor = synthesized("floor", tmp_path)

    kinds = [sorted(one["Type"] for one in each["Resources"].values()) for each in (ours, floor)]
    assert kinds[0] == kinds[1]
    machine, by_hand = (
        properties(each, "AWS::StepFunctions::StateMachine")[0] for each in (ours, floor)
    )
    assert json.loads(machine["DefinitionString"]) == json.loads(by_hand["DefinitionString"])
    jobs, hands = (properties(each, "AWS::IAM::Role")[:2] for each in (ours, floor))
    assert jobs == hands

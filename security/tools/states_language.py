"""asl-validator over the definitions of state machines, resolved."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.deploying import toolchain
from security.environment import ToolError, run
from security.findings import Evaluation, Finding
from security.intrinsics import resolve
from security.synthesis import Synthesized

__all__ = ["TOOL", "evaluate"]

TOOL = "asl-validator"
_KIND = "AWS::StepFunctions::StateMachine"
_INVALID = re.compile(r"^✕ State machine definition \"(?P<file>.+)\" is invalid:\n", re.MULTILINE)
_ERROR = re.compile(r"^ ?(?P<rule>[A-Z_]+): (?P<what>.*)$", re.MULTILINE)


def evaluate(stacks: Sequence[Synthesized], folder: Path) -> list[Evaluation]:
    """Validate the definitions of all state machines.

    Args:
        stacks: The stacks.
        folder: An empty folder for the definitions.
    """
    written = [
        (stack, dict(_write(stack, folder / str(number)))) for number, stack in enumerate(stacks)
    ]
    errors = _errors([path for _, definitions in written for path in definitions])
    return [
        Evaluation(
            TOOL,
            stack.name,
            _rules() if definitions else 0,
            [
                Finding(TOOL, rule, stack.path_of(logical_id), what)
                for path, logical_id in definitions.items()
                for rule, what in errors.get(str(path), ())
            ],
        )
        for stack, definitions in written
    ]


def _write(stack: Synthesized, folder: Path) -> Iterator[tuple[Path, str]]:
    for logical_id, resource in stack.resources.items():
        if resource["Type"] == _KIND:
            folder.mkdir(exist_ok=True)
            path = folder / f"{logical_id}.json"
            path.write_text(_definition(stack.template, resource["Properties"]))
            yield path, logical_id


def _definition(template: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    text: str = resolve(template, properties["DefinitionString"])
    return json.dumps(json.loads(text))


def _errors(paths: Sequence[Path]) -> dict[str, list[tuple[str, str]]]:
    if not paths:
        return {}
    arguments = [one for path in paths for one in ("--json-path", str(path))]
    said = run([*toolchain.asl_validator_command(), *arguments])
    _, *parts = _INVALID.split(said.stderr)
    if said.returncode and not parts:
        raise ToolError.of(said)
    return {
        file: [(error["rule"], error["what"]) for error in _ERROR.finditer(text)]
        for file, text in zip(parts[::2], parts[1::2], strict=True)
    }


@cache
def _rules() -> int:
    """How many kinds of error it has."""
    _, script = toolchain.asl_validator_command()
    kinds = Path(script).parent.parent / "src" / "types.js"
    return len(re.findall(r"^ *StateMachineErrorCode\[", kinds.read_text(), re.MULTILINE))

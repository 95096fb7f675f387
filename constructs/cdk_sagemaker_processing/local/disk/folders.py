"""Folders: where the local cloud keeps what it may make again, and what jobs leave behind."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from cdk_sagemaker_processing.local.errors import LocalCloudError

_NAME = "cdk-sagemaker-processing"


def cache_folder() -> Path:
    """Return the folder of prepared environments and tools.

    `CDK_SAGEMAKER_PROCESSING_CACHE` names it; else it is `cdk-sagemaker-processing` in
    `XDG_CACHE_HOME`, which defaults to `~/.cache`. The folder need not exist yet.

    Raises:
        LocalCloudError: If none of these is known: a user of a number alone has no home.
    """
    return _folder("CDK_SAGEMAKER_PROCESSING_CACHE", "XDG_CACHE_HOME", ".cache")


def state_folder() -> Path:
    """Return the folder of local clouds that go on after the command that started them.

    `CDK_SAGEMAKER_PROCESSING_STATE` names it; else it is `cdk-sagemaker-processing` in
    `XDG_STATE_HOME`, which defaults to `~/.local/state`. The folder need not exist yet.

    Raises:
        LocalCloudError: If none of these is known: a user of a number alone has no home.
    """
    return _folder("CDK_SAGEMAKER_PROCESSING_STATE", "XDG_STATE_HOME", ".local/state")


def _folder(own_variable: str, shared_variable: str, below_home: str) -> Path:
    own = os.environ.get(own_variable)
    if own:
        return Path(own).expanduser().absolute()
    shared = os.environ.get(shared_variable)
    root = Path(shared) if shared else _home() / below_home
    return root.absolute() / _NAME


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise LocalCloudError(
            "this user has no home folder to keep tools, environments and local clouds in: set "
            "HOME, or CDK_SAGEMAKER_PROCESSING_CACHE and CDK_SAGEMAKER_PROCESSING_STATE",
        ) from error


def check_room(
    folder: Path, who: str, needed: int, way_out: str, *, least: int | None = None
) -> None:
    """Refuse a disk that is too small.

    Args:
        folder: A folder of the disk.
        who: What needs the room.
        needed: How many bytes it needs.
        way_out: What to do instead of freeing some.
        least: How many bytes must be free now; all that is needed by default.

    Raises:
        LocalCloudError: There is less.
    """
    free = shutil.disk_usage(folder).free
    if free < (needed if least is None else least):
        raise LocalCloudError(
            f"{folder} has {free >> 20} MiB of disk free and {who} needs {needed >> 20} MiB: "
            f"free some, or {way_out}",
        )


def job_log(home: Path, job_name: str) -> Path | None:
    """Return the file of a processing job's whole log, if there is one.

    Args:
        home: The folder of a local cloud's files.
        job_name: The job's name.
    """
    # Of whichever account and region.
    return next(home.glob(f"*/*/jobs/{job_name}/log.txt"), None)


def open_up(folder: Path) -> None:
    """Let the owner into a folder and all folders below it, whatever modes a job gave them.

    A job is root in its sandbox and enters what its owner outside may not.
    """
    _let_in(folder)
    for parent, names, _ in os.walk(folder):
        for name in names:
            _let_in(Path(parent, name))


def _let_in(folder: Path) -> None:
    if not folder.is_symlink() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        with suppress(OSError):
            folder.chmod(0o700)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, folders that its owner may not enter among it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.is_dir() and not folder.is_symlink():
        open_up(folder)
        shutil.rmtree(folder, ignore_errors=True)

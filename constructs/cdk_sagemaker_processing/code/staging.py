"""A bundle's files laid into a cloud assembly: whole or not at all, and each read no oftener.

Never by a hard link: an edit between synth and deploy, by an editor that writes in place, would
change what lies in the assembly under the digest of the former content, and the bucket keeps what
it once got under a name. Where the file system can have two files share their blocks until one
changes (Btrfs, XFS), the kernel's own copy does so, and nothing is read or written.
"""

import os
import shutil
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import Bundle, File

__all__ = ["stage", "staged_name"]

_copy_range = getattr(os, "copy_file_range", None)


def staged_name(name: str) -> str:
    """Where a file of a bundle lies in the bundle's folder.

    The CDK makes an object's key of a name and the staged file's extension: it
    has none, so two files that differ in extension alone stay apart.
    """
    return f"{name}/file"


def stage(bundle: Bundle, folder: Path) -> None:
    """Lay a bundle's files into a folder, which is there only once all are in it."""
    if folder.is_dir():
        return
    unready = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        for file in bundle.files.values():
            _lay(file, unready / staged_name(file.name))
        _put(unready, folder)
    finally:
        shutil.rmtree(unready, ignore_errors=True)


def _put(unready: Path, folder: Path) -> None:
    try:
        unready.rename(folder)
    except OSError:
        # Another process made it meanwhile, of equal files.
        if not folder.is_dir():
            raise


def _lay(file: File, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.path is None:
        target.write_bytes(file.read())
    elif not _copied_by_kernel(file.path, target):
        shutil.copyfile(file.path, target)


def _copied_by_kernel(source: Path, target: Path) -> bool:
    """Copy a file within the kernel, if it can between these file systems."""
    if _copy_range is None:
        return False
    with source.open("rb") as read, target.open("wb") as written:
        left = os.fstat(read.fileno()).st_size
        try:
            while left and (copied := _copy_range(read.fileno(), written.fileno(), left)):
                left -= copied
        except OSError:
            return False
    return not left

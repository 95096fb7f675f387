"""The wheel and the sdist of the last commit."""

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PACKAGE", "Distributions", "build", "differences"]

PACKAGE = "cdk_sagemaker_processing"
_SOURCES = f"constructs/{PACKAGE}"


@dataclass(frozen=True, slots=True)
class Distributions:
    """What is given out of one version.

    Attributes:
        sdist: The sources.
        wheel: What is installed from them.
    """

    sdist: Path
    wheel: Path


def build(root: Path, scratch: Path, target: Path) -> Distributions:
    """Build from the last commit: the sdist, and the wheel from the sdist.

    Args:
        root: The project.
        scratch: A folder for the commit's files.
        target: Where the two are put; what lies there of other builds is taken away.
    """
    archive = scratch / "commit.tar"
    subprocess.run(
        ["git", "archive", "--output", str(archive), "HEAD"],  # noqa: S607 - the system's own
        cwd=root,
        check=True,
    )
    with tarfile.open(archive) as files:
        files.extractall(scratch / "commit", filter="data")
    for old in [*target.glob(f"{PACKAGE}-*.tar.gz"), *target.glob(f"{PACKAGE}-*.whl")]:
        old.unlink()
    subprocess.run(
        [sys.executable, "-m", "build", "--installer", "uv", "--outdir", str(target), "."],
        cwd=scratch / "commit",
        check=True,
        capture_output=True,
    )
    (sdist,) = target.glob(f"{PACKAGE}-*.tar.gz")
    (wheel,) = target.glob(f"{PACKAGE}-*.whl")
    return Distributions(sdist, wheel)


def differences(root: Path, wheel: Path) -> list[str]:
    """What a wheel lacks of the last commit's package, and what it has beyond it.

    Args:
        root: The project.
        wheel: The wheel.
    """
    listing = subprocess.run(
        ["git", "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", _SOURCES],  # noqa: S607 - the system's own
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    committed = {name.partition("/")[2] for name in listing.stdout.split("\0") if name}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        licensed = any(name.endswith("/licenses/LICENSE") for name in archive.namelist())
    return [
        *(f"the wheel lacks {name}" for name in sorted(committed - packed)),
        *(f"the wheel has {name}, which is not committed" for name in sorted(packed - committed)),
        *([] if licensed else ["the wheel lacks the licence"]),
    ]

"""Lists of jars, Python files and other files, by the rules of SageMaker's Spark container.

The container looks at the scheme of a whole list, not of each path in it. A folder is therefore
expanded in a list that begins with a local path, and left as it is in one that begins with S3.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlparse

from .failures import SubmitError, input_error

_S3 = ("s3", "s3a")

Fetch = Callable[[str, str, Path], None]


def resolve(listed: str, folder: Path, fetch: Fetch) -> str:
    """Turn a dependency list into one that Spark can read on this machine.

    Args:
        listed: Paths and S3 URIs, with commas between.
        folder: Where objects of S3 are put.
        fetch: Downloads an object: bucket, key, path.

    Raises:
        SubmitError: A path is missing, relative, or an empty folder; or S3 has no such object.
    """
    scheme = urlparse(listed).scheme
    if scheme in _S3:
        paths = [_here(path, folder / str(n), fetch) for n, path in enumerate(listed.split(","))]
    elif scheme in ("", "file"):
        paths = [one for path in listed.split(",") for one in _expand(path)]
    else:
        # The container drops such lists without a word, and the job fails for want of them.
        raise input_error(f"{listed}: only local paths and s3:// URIs are possible")
    return ",".join(paths)


def download(uri: str, folder: Path, fetch: Fetch) -> str:
    """Bring an object of S3 into a folder, under its own name or the one after a ``#``."""
    parts = urlparse(uri)
    key = unquote(parts.path.removeprefix("/"))
    target = folder / (parts.fragment or Path(key).name)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        fetch(parts.netloc, key, target)
    except Exception as error:
        raise SubmitError(f"could not download {uri}", error) from error
    return str(target)


def is_s3(path: str) -> bool:
    """Whether a path is an S3 URI."""
    return urlparse(path).scheme in _S3


def _here(path: str, folder: Path, fetch: Fetch) -> str:
    if is_s3(path):
        return download(path, folder, fetch)
    if Path(path).is_dir():
        raise input_error(
            f"{path} is a folder in a list that begins with S3: the container does not expand it; "
            "name its files"
        )
    return path


def _expand(path: str) -> list[str]:
    if is_s3(path):
        raise input_error(
            f"file path {path} must be an absolute path: S3 URIs come first in a list"
        )
    found = Path(path.removeprefix("file://"))
    if not found.is_absolute():
        raise input_error(f"file path {path} must be an absolute path to a file or directory")
    if not found.exists():
        raise input_error(f"file path {found} does not exist")
    if not found.is_dir():
        return [str(found)]
    files = sorted(str(one) for one in found.iterdir() if one.is_file())
    if not files:
        raise input_error(f"Found zero files in {found}")
    return files

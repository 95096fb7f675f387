"""Fetches the mirror's code and runs it."""

import io
import os
import signal
import sys
import tempfile
import zipfile
from pathlib import Path


def run() -> int:
    """Run the mirror out of the zip that HISTORY_CODE names, and return its exit code."""
    uri = os.environ.get("HISTORY_CODE", "")
    # The first process of a container is not ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        import boto3  # noqa: PLC0415 - an image without it is told like any other failure

        bucket, _, key = uri.removeprefix("s3://").partition("/")
        code = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        # Open to others: the mirror gives up root.
        folder = Path(tempfile.mkdtemp(prefix="mirror-"))
        folder.chmod(0o755)
        zipfile.ZipFile(io.BytesIO(code)).extractall(folder / "mirror")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the reason why the task ends
        why = " ".join(f"{type(error).__name__}: {error}".split())
        sys.stdout.write(f"ENDED the mirror's code, HISTORY_CODE={uri!r}, cannot be had: {why}\n")
        sys.stdout.flush()
        return 1
    sys.path.insert(0, str(folder))
    import mirror  # type: ignore[import-not-found]  # noqa: PLC0415 - it has just come

    return int(mirror.main())


if __name__ == "__main__":
    # At once: what is just being fetched is not waited for.
    os._exit(run())

"""The mirror's code, and how it gets into its container.

The folder is published as a zip of its contents; the container's program is a few lines of Python
that fetch the zip, unpack it as the package ``mirror`` and run that.
"""

from pathlib import Path

__all__ = ["BOOTSTRAP", "EXCLUDED", "MIRROR_FOLDER"]

_HERE = Path(__file__).parent

MIRROR_FOLDER = _HERE / "mirror"
"""The folder whose contents the zip holds."""

EXCLUDED = ("**/__pycache__", "**/*.pyc")
"""What of it stays out of the zip, as glob patterns."""

BOOTSTRAP = (_HERE / "bootstrap.py").read_text()
"""The program of the mirror's container: the argument of ``python3 -c``."""

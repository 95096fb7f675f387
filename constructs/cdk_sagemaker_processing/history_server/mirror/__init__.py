"""Mirrors event logs from S3 to a folder, so that Spark's History Server shows running jobs too.

`main` is the program of the container beside the server's. It needs the standard library and boto3
alone, and runs out of whatever folder it is in: its modules import each other relatively.
"""

from .program import main

__all__ = ["main"]

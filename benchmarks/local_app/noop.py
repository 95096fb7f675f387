# noqa: INP001  a job's script, no part of a package
"""A job that does nothing."""

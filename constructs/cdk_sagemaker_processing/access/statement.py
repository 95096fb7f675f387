"""A policy statement as the JSON it becomes."""

from typing import Any

__all__ = ["Statement"]

Statement = dict[str, Any]

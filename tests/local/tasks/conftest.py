"""A runner of tasks over shell containers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.tasks.fakes import Here


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    """A runner; nothing of any task is left behind."""
    found = Here(tmp_path / "tasks")
    yield found
    found.runner.close()
    assert not found.home.exists() or not list(found.home.iterdir())

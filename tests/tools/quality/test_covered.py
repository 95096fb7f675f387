"""What the tests cover."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.quality import covered


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "a.py").write_text("A = 1\n")
    return folder


def recorded(folder: Path, state: str, **figures: Any) -> Path:
    file = folder / "coverage.json"
    told = {"branches": 96.2, "statements": 98.1, "package": state, "lowest modules": {}}
    file.write_text(json.dumps(told | figures))
    return file


def test_the_last_measurement_is_told(tmp_path: Path, package: Path) -> None:
    """With no remark where it is of the package as it is."""
    figure = covered.figure(recorded(tmp_path, covered.state_of(package)), package)
    assert figure.measured == "96.2 % of branches, 98.1 % of statements"
    assert (figure.offenders, figure.remark) == ((), "")


def test_a_measurement_of_other_code_is_told_to_be_such(tmp_path: Path, package: Path) -> None:
    """It is still told: the next run of the tests writes it anew."""
    record = recorded(tmp_path, covered.state_of(package))
    (package / "a.py").write_text("A = 2\n")
    figure = covered.figure(record, package)
    assert figure.good
    assert figure.remark == "(of an earlier state of the package)"


def test_too_little_is_off_and_the_least_covered_modules_are_named(
    tmp_path: Path, package: Path
) -> None:
    """Below 95 % of the branches."""
    low = {"branches": 94.9, "lowest modules": {"b.py": 12.5}}
    figure = covered.figure(recorded(tmp_path, "", **low), package)
    assert figure.offenders == ("94.9 % of branches", "b.py: 12.5 %")


def test_what_was_never_measured_is_off(tmp_path: Path, package: Path) -> None:
    """And how to measure it is told."""
    figure = covered.figure(tmp_path / "coverage.json", package)
    assert figure.offenders == ("`make test` measures it",)


@pytest.mark.parametrize("change", ["text", "name", "file"])
def test_a_state_is_that_of_all_sources(package: Path, change: str) -> None:
    """A changed text, another name and another file are another state; the same is the same."""
    before = covered.state_of(package)
    assert covered.state_of(package) == before
    if change == "text":
        (package / "a.py").write_text("A = 2\n")
    elif change == "name":
        (package / "a.py").rename(package / "b.py")
    else:
        (package / "b.py").touch()
    assert covered.state_of(package) != before

"""Environments that see nothing of this project's."""

import os
import sys
from pathlib import Path

import pytest

from tools.environments import Environment, NoSuchPythonError


def test_a_new_environment_has_no_package_and_sees_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither this environment's packages nor what a variable leads to."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "smuggled.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))

    environment = Environment.make(tmp_path / "environment")

    assert environment.versions() == {}
    for module in ("boto3", "smuggled"):
        done = environment.run(["python", "-c", f"import {module}"], tmp_path)
        assert done.returncode == 1
        assert f"No module named '{module}'" in done.stdout


def test_its_programs_find_its_own_commands_and_the_system_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And are led into no other environment; what else the machine says they see."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    monkeypatch.setenv("JSII_NODE", "/elsewhere/node")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/certificates.pem")

    seen = Environment(tmp_path).variables(COLUMNS="80")

    assert seen["PATH"] == f"{tmp_path}/bin{os.pathsep}{os.defpath}"
    assert seen.keys().isdisjoint({"VIRTUAL_ENV", "JSII_NODE"})
    assert (seen["SSL_CERT_FILE"], seen["COLUMNS"]) == ("/etc/certificates.pem", "80")


def test_a_python_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its version, with what the installer said."""
    with pytest.raises(NoSuchPythonError, match=r"no Python 3\.2 here"):
        Environment.make(tmp_path / "environment", "3.2")

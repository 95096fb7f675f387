import json
import os
import re
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import pytest

from cdk_sagemaker_processing.local.deploying import toolchain
from cdk_sagemaker_processing.local.errors import LocalCloudError

STATES = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Missing"}}}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("CDK_SAGEMAKER_PROCESSING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def outcome(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=toolchain.node_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("cache")
def test_node_npm_and_npx_are_the_wheel_s() -> None:
    """Whatever Node the machine has, its own comes first on PATH, with an npm that works."""
    assert outcome(["node", "--version"]).stdout.startswith("v24.")
    for name in ("npm", "npx"):
        done = outcome([name, "--version"])
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", done.stdout), done


@pytest.mark.usefixtures("cache")
def test_python_is_this_interpreter() -> None:
    """A CDK app that is started as `python3 app.py` has the packages of this one."""
    script = "import sys; print(sys.prefix)"
    assert outcome(["python3", "-c", script]).stdout.strip() == sys.prefix


@pytest.mark.usefixtures("cache")
def test_the_rest_of_the_environment_is_kept() -> None:
    """Only PATH changes, and what was on it stays on it."""
    made = toolchain.node_environment({"A": "b", "PATH": "/x:/y"})
    assert made["A"] == "b"
    assert made["PATH"].endswith(f"{os.pathsep}/x:/y")


def test_the_lock_file_names_no_registry_and_checks_every_package() -> None:
    """A lock that named a host would fail wherever another registry is used."""
    folder = resources.files("cdk_sagemaker_processing.local.deploying") / "node"
    lock = json.loads((folder / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages["node_modules/aws-cdk"]["version"] == "2.1148.1"
    assert packages["node_modules/asl-validator"]["version"] == "4.0.0"
    assert all("resolved" not in package for package in packages.values())
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())


def test_a_failed_installation_says_what_npm_said_and_leaves_nothing(
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither half an installation nor a temporary folder stays behind."""
    # Nothing listens on port 9 of this machine.
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(cache / "npm"))
    with pytest.raises(
        LocalCloudError, match=r"npm could not install the CDK CLI \(exit code \d+\)"
    ):
        toolchain.cdk_command()
    assert [path for path in cache.glob("node-*") if path.is_dir()] == list(
        cache.glob("node-commands-*"),
    )


def test_an_installation_that_takes_too_long_is_ended(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a registry does not answer; nothing of it is left."""
    monkeypatch.setattr(toolchain, "_INSTALL_TIMEOUT_SECONDS", 0)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(cache / "npm"))
    with pytest.raises(LocalCloudError, match=r"did not install the CDK CLI within 0 s: see that"):
        toolchain.cdk_command()
    assert [path for path in cache.glob("node-*") if path.is_dir()] == list(
        cache.glob("node-commands-*"),
    )


def test_commands_that_another_process_has_just_made_are_taken(tmp_path: Path) -> None:
    """They are the same; a file in their place is no such."""
    wheel, folder = tmp_path / "wheel", tmp_path / "made" / "bin"
    for _ in range(2):
        toolchain._write_commands(folder, wheel)
        assert sorted(path.name for path in folder.iterdir()) == ["node", "npm", "npx"]
    assert list(folder.parent.iterdir()) == [folder]

    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        toolchain._write_commands(tmp_path / "file", wheel)


@pytest.mark.parametrize("free", [[20 << 20], [300 << 20, 0]])
def test_a_disk_without_room_for_the_tools_is_refused(
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: list[int],
) -> None:
    """Before npm runs, and after it: on a full disk npm leaves half a file and says nothing."""
    left = iter(free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(left)))
    monkeypatch.setattr(toolchain, "_npm_ci", lambda folder: (folder / "half").touch())
    with pytest.raises(LocalCloudError, match=r"MiB of disk free and the CDK CLI needs 256 MiB"):
        toolchain.cdk_command()
    assert [path for path in cache.iterdir() if path.is_dir()] == []


@pytest.mark.local_cloud
def test_tools_are_installed_once(cache: Path) -> None:
    """The first call installs, the next finds; both programs run, and no rest is left."""
    told: list[str] = []
    command = toolchain.cdk_command(told.append)
    assert told
    assert outcome([*command, "--version"]).stdout.startswith("2.1148.1 ")
    told.clear()
    assert toolchain.cdk_command(told.append) == command
    validator = toolchain.asl_validator_command(told.append)
    assert told == []
    done = outcome([*validator, "--json-definition", json.dumps(STATES)])
    assert done.returncode != 0
    assert "MISSING_TRANSITION_TARGET" in done.stdout + done.stderr
    assert len([path for path in cache.glob("node-*") if path.is_dir()]) == 2

import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs import Environment, Environments
from cdk_sagemaker_processing.local.jobs.environments.environment import site_packages
from cdk_sagemaker_processing.local.jobs.environments.layer import layered

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


@pytest.fixture
def below(tmp_path: Path) -> Environment:
    """An environment of this machine's Python with one module, `shared`."""
    folder = tmp_path / "below"
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python3"
    python.symlink_to(sys.executable)
    site_packages(folder).mkdir(parents=True)
    (site_packages(folder) / "shared.py").write_text("where = 'below'\n")
    return Environment(
        python=python,
        variables={"PATH": f"{folder}/bin:/usr/bin:/bin", "PYSPARK_PYTHON": str(python)},
        roots=(folder,),
        commands={"submit": (str(python), "-c", "import shared; print(shared.where)")},
    )


def say(environment: Environment, code: str) -> str:
    """What code prints, run by the environment's `python3`."""
    done = subprocess.run(
        ["python3", "-c", code],  # noqa: S607 # found by the PATH under test
        env=dict(environment.variables),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_job_has_what_is_below_and_what_is_its_own(below: Environment, tmp_path: Path) -> None:
    """What lies in the layer is taken first."""
    environment = layered(below, tmp_path / "layer")
    assert say(environment, "import shared; print(shared.where)") == "below"

    (site_packages(tmp_path / "layer") / "shared.py").write_text("where = 'above'\n")

    assert say(environment, "import shared; print(shared.where)") == "above"
    assert say(layered(below, tmp_path / "next"), "import shared; print(shared.where)") == "below"


def test_whatever_the_job_installs_goes_into_the_layer(below: Environment, tmp_path: Path) -> None:
    """Python itself says so, to pip as to everyone."""
    environment = layered(below, tmp_path / "layer")

    prefix, purelib = json.loads(
        say(
            environment,
            "import json, sys, sysconfig;"
            "print(json.dumps([sys.prefix, sysconfig.get_path('purelib')]))",
        )
    )

    assert Path(prefix) == tmp_path / "layer"
    assert Path(purelib) == site_packages(tmp_path / "layer")


def test_all_that_names_the_interpreter_names_the_layers(
    below: Environment, tmp_path: Path
) -> None:
    """Spark's workers and the image's own commands run by it; the folders of both are seen."""
    environment = layered(below, tmp_path / "layer")

    python = str(tmp_path / "layer" / "bin" / "python3")
    assert environment.variables["PYSPARK_PYTHON"] == python
    assert environment.commands == {
        "pip": (python, "-m", "pip"),
        "pip3": (python, "-m", "pip"),
        "submit": (python, "-c", "import shared; print(shared.where)"),
    }
    assert environment.roots == (tmp_path / "below", tmp_path / "layer")


def test_only_the_user_reads_where_packages_come_from(
    below: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address of an index may hold a password."""
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:password@index.test/simple")

    layered(below, tmp_path / "layer")

    settings = tmp_path / "layer" / "pip.conf"
    assert "index-url = https://user:password@index.test/simple" in settings.read_text()
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A six of another version than any there is."""
    path = tmp_path / "six-99.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("six.py", "__version__ = '99.0'\n")
        archive.writestr(
            "six-99.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: six\nVersion: 99.0\n"
        )
        archive.writestr(
            "six-99.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("six-99.0.dist-info/RECORD", "")
    return path


@pytest.mark.local_cloud
def test_pip_replaces_a_package_for_one_job_only(tmp_path: Path, wheel: Path) -> None:
    """An upgrade of what the environment has, and its removal, leave that as it is."""
    shared = Environments().prepare(SKLEARN, print)
    version = say(shared, "import six; print(six.__version__)")
    before = sorted(path.name for path in site_packages(shared.python.parent.parent).iterdir())
    environment = layered(shared, tmp_path / "layer")

    for arguments in (["install", "--no-index", str(wheel)], ["uninstall", "--yes", "numpy"]):
        subprocess.run(
            [*environment.commands["pip"], *arguments],
            env=dict(environment.variables) | {"HOME": str(tmp_path)},
            check=True,
        )

    assert say(environment, "import six; print(six.__version__)") == "99.0"
    assert say(shared, "import six; print(six.__version__)") == version
    after = sorted(path.name for path in site_packages(shared.python.parent.parent).iterdir())
    assert after == before

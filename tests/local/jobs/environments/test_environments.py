import platform
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.disk.folders import cache_folder
from cdk_sagemaker_processing.local.jobs import Environments, JobError
from cdk_sagemaker_processing.local.jobs import environments as package
from cdk_sagemaker_processing.local.jobs.environments import images

LOCKS = Path(str(resources.files(package))) / "locks"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn"


@pytest.mark.parametrize("name", sorted({image.requirements for image in images._IMAGES}))
def test_every_image_has_a_lock_with_hashes_and_without_hosts(name: str) -> None:
    """What is installed is pinned by its content; where from is the machine's own setting."""
    text = (LOCKS / name).read_text()
    assert text.count("==") >= 10
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert (LOCKS / name).with_suffix(".in").exists()


def test_an_unknown_image_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """Nothing is made for an image that nothing stands in for."""
    with pytest.raises(JobError, match="no image my-own:1"):
        Environments(tmp_path / "cache").prepare("my-own:1", print)
    assert not (tmp_path / "cache").exists()


def test_the_cache_folder_follows_its_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Our own variable, then the desktop's, then the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("CDK_SAGEMAKER_PROCESSING_CACHE", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "cdk-sagemaker-processing"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "cdk-sagemaker-processing"
    monkeypatch.setenv("CDK_SAGEMAKER_PROCESSING_CACHE", "~/mine")
    assert cache_folder() == tmp_path / "mine"


def test_differences_are_told_by_what_is_installed(tmp_path: Path) -> None:
    """A package of another version, a missing one, another Python; not what is the same."""
    version = ".".join(platform.python_version_tuple()[:2])
    packages = tmp_path / "lib" / f"python{version}" / "site-packages"
    for name in ("scikit_learn-1.1.3", "pyspark-3.5.9", "numpy-2.1.0"):
        (packages / f"{name}.dist-info").mkdir(parents=True)
    wanted = {"scikit-learn": "1.0.2", "pyspark": "3.5", "numpy": "2.1.0", "pyarrow": "17.0.0"}
    image = images.Image("repository", "1", "a.txt", wanted, "3.7", ("A note.",))
    assert package._differences(image, tmp_path) == (
        f"Python is {platform.python_version()} here and 3.7 in AWS's image.",
        "scikit-learn is 1.1.3 here and 1.0.2 in AWS's image.",
        "pyarrow is missing here and 17.0.0 in AWS's image.",
        "A note.",
    )


@pytest.mark.local_cloud
def test_a_scikit_learn_line_is_what_it_says() -> None:
    """The environment has the scikit-learn of its line, and names each difference it has."""
    environment = Environments().prepare(f"{SKLEARN}:1.2-1-cpu-py3", print)
    code = "import pandas, sklearn; print(sklearn.__version__, pandas.__version__)"
    done = subprocess.run(
        [environment.python, "-c", code], capture_output=True, text=True, check=True
    )
    sklearn, pandas = done.stdout.split()
    said = "\n".join(environment.differences)
    assert (sklearn == "1.2.1") is ("scikit-learn is" not in said)
    assert f"pandas is {pandas} here and 1.1.3 in AWS's image." in environment.differences
    assert environment.variables["PATH"].startswith(str(environment.python.parent))

from pathlib import Path

import pytest

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.runs.downloads import download
from cdk_sagemaker_processing.runs.outputs import Output
from tests.runs.deployed import Account

OUTPUT = Output("train", "s3://outputs/run/train", 2, 2, ("csv",), None)


def test_an_output_is_copied_as_it_lies(tmp_path: Path) -> None:
    """With its folders; what lies beside it, and consoles' folders, are not."""
    account = Account()
    account.s3.objects = {
        "run/train/a.csv": b"1",
        "run/train/day=1/b.csv": b"2",
        "run/train/day=2/": b"",
        "run/train//etc/d.csv": b"4",
        "run/training/c.csv": b"3",
    }
    download(account, OUTPUT, tmp_path / "to")
    files = {str(one.relative_to(tmp_path)): one.read_bytes() for one in tmp_path.rglob("*.csv")}
    assert files == {"to/a.csv": b"1", "to/day=1/b.csv": b"2", "to/etc/d.csv": b"4"}


@pytest.mark.parametrize("name", ["../x", "a/../../x", ".."])
def test_no_key_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Whoever may write to a bucket must not write to this machine."""
    account = Account()
    account.s3.objects = {f"run/train/{name}": b"1"}
    with pytest.raises(DeployedError, match=f"the key run/train/{name} leads out of"):
        download(account, OUTPUT, tmp_path / "to")
    assert not any(one.is_file() for one in tmp_path.rglob("*"))

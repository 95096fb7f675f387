from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.local.watching.changes import Edit
from cdk_sagemaker_processing.local.watching.code import EditedCode

DIGEST = "0" * 32
PREFIX = f"assets/{DIGEST}.d/"


class Bucket:
    """S3 of one bucket, which counts what is written."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = dict(objects)
        self.written: list[str] = []

    def put_object(self, **request: Any) -> None:
        """Write an object."""
        assert request["Bucket"] == "b"
        self.objects[request["Key"]] = request["Body"]
        self.written.append(request["Key"])

    def upload_file(self, file: str, bucket: str, key: str) -> None:
        """Write a file's contents."""
        self.put_object(Bucket=bucket, Key=key, Body=Path(file).read_bytes())

    def copy(self, source: dict[str, str], bucket: str, key: str) -> None:
        """Copy an object."""
        self.put_object(Bucket=bucket, Key=key, Body=self.objects[source["Key"]])

    def delete_objects(self, **request: Any) -> None:
        """Delete objects."""
        assert request["Bucket"] == "b"
        for one in request["Delete"]["Objects"]:
            del self.objects[one["Key"]]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script."""
    path = tmp_path / "clean.py"
    path.write_text("edited")
    return path


def edit(*files: File, made: tuple[str, ...] = (), is_deployed: bool = False) -> Edit:
    """An edit of the bundle."""
    return Edit(DIGEST, files, made, names=("code/clean.py",), is_deployed=is_deployed)


def test_a_request_is_given_the_edited_code(script: Path) -> None:
    """In every place, beside the deployed one, which stays as it is; what else it says stays."""
    s3 = Bucket(**{f"{PREFIX}code/clean.py": b"deployed", f"{PREFIX}conf/c.json": b"{}"})
    code = EditedCode(s3)
    code.take(edit(File("code/clean.py", path=script), made=("conf/c.json",)))
    request = {
        "Inputs": [
            {"Uri": f"s3://b/{PREFIX}code/clean.py", "Mode": "File"},
            {"Uri": f"s3://b/{PREFIX}conf/"},
            {"Uri": f"s3://b/{'1' * 32}.d/code/"},
        ],
        "Command": ["python3", "/opt/ml/clean.py"],
        "Count": 1,
    }
    assert code.put_in(request) == {
        "Inputs": [
            {"Uri": f"s3://b/{PREFIX}edited/code/clean.py", "Mode": "File"},
            {"Uri": f"s3://b/{PREFIX}edited/conf/"},
            {"Uri": f"s3://b/{'1' * 32}.d/code/"},
        ],
        "Command": ["python3", "/opt/ml/clean.py"],
        "Count": 1,
    }
    assert s3.objects == {
        f"{PREFIX}code/clean.py": b"deployed",
        f"{PREFIX}conf/c.json": b"{}",
        f"{PREFIX}edited/code/clean.py": b"edited",
        f"{PREFIX}edited/conf/c.json": b"{}",
    }


def test_what_is_there_is_not_written_again(script: Path) -> None:
    """Of a folder of thousands of files only the edited one; removed files go."""
    s3 = Bucket()
    code = EditedCode(s3)
    uri = f"s3://b/{PREFIX}code/"
    others = (File("code/a.py", content=b"a"), File("code/b.py", content=b"b"))
    code.take(edit(File("code/clean.py", path=script), *others))
    code.put_in(uri)
    script.write_text("again")
    s3.written.clear()
    code.take(edit(File("code/clean.py", path=script), others[0]))
    code.put_in([uri, uri])
    assert s3.written == [f"{PREFIX}edited/code/clean.py"]
    assert s3.objects == {
        f"{PREFIX}edited/code/clean.py": b"again",
        f"{PREFIX}edited/code/a.py": b"a",
    }


def test_an_undone_edit_leads_back_to_what_is_deployed(script: Path) -> None:
    """Its objects are in their place."""
    code = EditedCode(Bucket())
    code.take(edit(File("code/clean.py", path=script)))
    code.take(edit(File("code/clean.py", path=script), is_deployed=True))
    assert code.put_in(f"s3://b/{PREFIX}code/") == f"s3://b/{PREFIX}code/"


def test_nothing_of_it_is_left_at_the_end(script: Path) -> None:
    """A cloud that goes on has what was deployed."""
    s3 = Bucket(**{f"{PREFIX}code/clean.py": b"deployed"})
    code = EditedCode(s3)
    code.take(edit(File("code/clean.py", path=script)))
    code.put_in(f"s3://b/{PREFIX}code/clean.py")
    code.remove()
    assert s3.objects == {f"{PREFIX}code/clean.py": b"deployed"}

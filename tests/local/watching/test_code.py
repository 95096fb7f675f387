import json
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.local.watching.changes import Edit
from cdk_sagemaker_processing.local.watching.code import EditedCode
from cdk_sagemaker_processing.local.watching.readers import Readers

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


class Iam:
    """IAM, which counts what roles are given and not taken from."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}

    def put_role_policy(self, **request: str) -> None:
        """Give a role a policy."""
        self.given[request["RoleName"]] = json.loads(request["PolicyDocument"])["Statement"]

    def delete_role_policy(self, **request: str) -> None:
        """Take it."""
        del self.given[request["RoleName"]]


def edited(s3: Bucket, iam: Iam | None = None) -> EditedCode:
    """The edited code of a cloud."""
    return EditedCode(s3, Readers(iam or Iam()))


def reading(*uris: str) -> dict[str, Any]:
    """The request of a job that reads these."""
    return {"RoleArn": "arn:aws:iam::1:role/Clean", "Inputs": [{"Uri": uri} for uri in uris]}


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
    code = edited(s3)
    code.take(edit(File("code/clean.py", path=script), made=("conf/c.json",)))
    request = {
        "RoleArn": "role/Clean",
        "Inputs": [
            {"Uri": f"s3://b/{PREFIX}code/clean.py", "Mode": "File"},
            {"Uri": f"s3://b/{PREFIX}conf/"},
            {"Uri": f"s3://b/{'1' * 32}.d/code/"},
        ],
        "Command": ["python3", "/opt/ml/clean.py"],
        "Count": 1,
    }
    assert code.put_in(request) == {
        "RoleArn": "role/Clean",
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
    code = edited(s3)
    uri = f"s3://b/{PREFIX}code/"
    others = (File("code/a.py", content=b"a"), File("code/b.py", content=b"b"))
    code.take(edit(File("code/clean.py", path=script), *others))
    code.put_in(reading(uri))
    script.write_text("again")
    s3.written.clear()
    code.take(edit(File("code/clean.py", path=script), others[0]))
    code.put_in(reading(uri, uri))
    assert s3.written == [f"{PREFIX}edited/code/clean.py"]
    assert s3.objects == {
        f"{PREFIX}edited/code/clean.py": b"again",
        f"{PREFIX}edited/code/a.py": b"a",
    }


def test_an_undone_edit_leads_back_to_what_is_deployed(script: Path) -> None:
    """Its objects are in their place."""
    code = edited(Bucket())
    code.take(edit(File("code/clean.py", path=script)))
    code.take(edit(File("code/clean.py", path=script), is_deployed=True))
    request = reading(f"s3://b/{PREFIX}code/")
    assert code.put_in(request) == request


def test_nothing_of_it_is_left_at_the_end(script: Path) -> None:
    """A cloud that goes on has what was deployed; for the time the job's role may read it."""
    s3, iam = Bucket(**{f"{PREFIX}code/clean.py": b"deployed"}), Iam()
    code = edited(s3, iam)
    code.take(edit(File("code/clean.py", path=script)))
    code.put_in(reading(f"s3://b/{PREFIX}code/clean.py"))
    assert iam.given == {
        "Clean": [
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::b/{PREFIX}edited/*",
            },
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": "arn:aws:s3:::b",
                "Condition": {"StringLike": {"s3:prefix": f"{PREFIX}edited/*"}},
            },
        ]
    }
    code.remove()
    assert iam.given == {}
    assert s3.objects == {f"{PREFIX}code/clean.py": b"deployed"}

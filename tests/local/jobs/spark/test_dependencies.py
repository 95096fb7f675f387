from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.spark.dependencies import resolve
from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError


def fetch(bucket: str, key: str, path: Path) -> None:
    """Stands in for S3: one bucket has everything."""
    if bucket != "deps":
        raise PermissionError(bucket)
    path.write_text(key)


def test_s3_first_then_explicit_files(tmp_path: Path) -> None:
    """The form that works in the container: objects are brought here, under their own names."""
    found = resolve("s3://deps/lib/a.jar,s3a://deps/b.jar,/opt/x/c.jar", tmp_path, fetch).split(",")
    assert [Path(path).name for path in found] == ["a.jar", "b.jar", "c.jar"]
    assert [Path(path).read_text() for path in found[:2]] == ["lib/a.jar", "b.jar"]
    assert found[2] == "/opt/x/c.jar"


def test_an_object_is_found_as_spark_finds_it(tmp_path: Path) -> None:
    """Under the name after a '#', and by its unescaped key."""
    found = resolve("s3://deps/a%20b.txt#name.txt", tmp_path, fetch)
    assert (Path(found).name, Path(found).read_text()) == ("name.txt", "a b.txt")


def test_two_objects_of_one_name_stay_two(tmp_path: Path) -> None:
    """Objects of one name from two prefixes do not overwrite each other."""
    found = resolve("s3://deps/1/a.py,s3://deps/2/a.py", tmp_path, fetch).split(",")
    assert [Path(path).read_text() for path in found] == ["1/a.py", "2/a.py"]


def test_a_folder_alone_is_expanded_to_its_own_files(tmp_path: Path) -> None:
    """A lone folder stands for the files in it, not for those in its subfolders."""
    (tmp_path / "sub").mkdir()
    for name in ("b.jar", "a.jar", "sub/c.jar"):
        (tmp_path / name).touch()
    expected = f"{tmp_path}/a.jar,{tmp_path}/b.jar"
    assert resolve(str(tmp_path), tmp_path, fetch) == expected
    assert resolve(f"file://{tmp_path}", tmp_path, fetch) == expected


def test_a_folder_after_s3_is_refused(tmp_path: Path) -> None:
    """The container leaves it unexpanded and the job fails for want of its files: say so first."""
    with pytest.raises(SubmitError, match="the container does not expand it; name its files"):
        resolve(f"s3://deps/a.jar,{tmp_path}", tmp_path, fetch)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("/etc/hosts,s3://deps/a.jar", "must be an absolute path: S3 URIs come first"),
        ("lib/a.jar", "must be an absolute path to a file or directory"),
        ("/no/such.jar", "/no/such.jar does not exist"),
        ("https://example.com/a.jar", "only local paths and s3:// URIs are possible"),
    ],
)
def test_what_the_container_refuses_is_refused(tmp_path: Path, listed: str, said: str) -> None:
    """Local before S3, relative, missing, and schemes that the container drops in silence."""
    with pytest.raises(SubmitError, match=said):
        resolve(listed, tmp_path, fetch)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without files is a mistake, as in the container."""
    with pytest.raises(SubmitError, match="Found zero files in"):
        resolve(str(tmp_path), tmp_path, fetch)


def test_a_missing_object_names_itself(tmp_path: Path) -> None:
    """What S3 says of an object is in the message, beside its URI."""
    with pytest.raises(SubmitError, match=r"could not download s3://other/a\.jar: other"):
        resolve("s3://other/a.jar", tmp_path, fetch)

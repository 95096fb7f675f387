import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.jobs.channels import Inputs, Output, outputs_of, place_of
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.jobs.stores import StoreError, split_uri
from tests.local.jobs.fakes import ROLE, FakeStore, outputs, request, source, target

LOCAL = "/opt/ml/processing/in"


def inputs(
    store: FakeStore, opt_ml: Path, interrupted: Callable[[], None] = lambda: None
) -> Inputs:
    """The inputs of a job that nobody stops."""
    return Inputs(store, opt_ml, ROLE, interrupted)


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder and its text."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://data/dir", {"a.txt": "1", "sub/b.txt": "2", "directory.txt": "3"}),
        ("s3://data/dir/", {"a.txt": "1", "sub/b.txt": "2"}),
        ("s3://data/dir/sub/b.txt", {"b.txt": "2"}),
        ("s3://data/dir/s", {"sub/b.txt": "2"}),
        ("s3://data", {"dir/a.txt": "1", "dir/sub/b.txt": "2", "directory.txt": "3"}),
    ],
)
def test_a_prefix_is_laid_out_below_the_local_path(
    store: FakeStore, tmp_path: Path, uri: str, expected: dict[str, str]
) -> None:
    """A folder's content, an object by its name, and whatever else begins with the prefix."""
    store.objects |= {
        ("data", "dir/a.txt"): b"1",
        ("data", "dir/sub/b.txt"): b"2",
        ("data", "directory.txt"): b"3",
    }
    assert inputs(store, tmp_path).download(source(uri, LOCAL)) == len(expected)
    assert tree(tmp_path / "processing" / "in") == expected


@given(objects=st.integers(1, 30), instances=st.integers(1, 12), manifest=st.booleans())
def test_every_object_of_a_sharded_input_goes_to_one_instance(
    objects: int, instances: int, manifest: bool
) -> None:
    """Evenly, of a prefix and of a manifest alike."""
    store, names = FakeStore(), [f"{n:02}" for n in range(objects)]
    store.objects = {("data", f"in/{name}"): b"" for name in names}
    store.objects["lists", "m"] = json.dumps([{"prefix": "s3://data/in/"}, *names]).encode()
    kind = {"S3DataType": "ManifestFile"} if manifest else {}
    uri = "s3://lists/m" if manifest else "s3://data/in/"
    one = source(uri, LOCAL, S3DataDistributionType="ShardedByS3Key", **kind)
    found = []
    with TemporaryDirectory() as folder:
        for position in range(instances):
            own = Path(folder, str(position))
            own.mkdir()
            Inputs(store, own, ROLE, lambda: None, position, instances).download(one)
            found.append(list(tree(own / "processing" / "in")))
    assert sorted(name for share in found for name in share) == names
    assert max(map(len, found)) - min(map(len, found)) <= 1


def test_a_consoles_folder_object_becomes_a_folder(store: FakeStore, tmp_path: Path) -> None:
    """An object whose name ends in a slash is a folder, not a file."""
    store.objects |= {("data", "dir/"): b"", ("data", "dir/sub/"): b"", ("data", "dir/a"): b"1"}
    inputs(store, tmp_path).download(source("s3://data/dir/", LOCAL))
    assert tree(tmp_path / "processing" / "in") == {"a": "1"}
    assert (tmp_path / "processing" / "in" / "sub").is_dir()


def test_a_manifest_names_its_objects(store: FakeStore, tmp_path: Path) -> None:
    """A ManifestFile: a prefix, then names below it; only those come."""
    manifest = [{"prefix": "s3://data/dir/"}, "sub/b", "c"]
    store.objects |= {
        ("lists", "m.json"): json.dumps(manifest).encode(),
        ("data", "dir/sub/b"): b"2",
        ("data", "dir/c"): b"3",
        ("data", "dir/d"): b"4",
    }
    one = source("s3://lists/m.json", LOCAL, S3DataType="ManifestFile")
    assert inputs(store, tmp_path).download(one) == 2
    assert tree(tmp_path) == {"processing/in/sub/b": "2", "processing/in/c": "3"}


@pytest.mark.parametrize("content", [b"no json", b"{}", b"[]", b'["a"]'])
def test_a_wrong_manifest_says_what_one_is(
    store: FakeStore, tmp_path: Path, content: bytes
) -> None:
    """Anything but a prefix and names is refused with the form it should have."""
    store.objects["lists", "m.json"] = content
    with pytest.raises(JobError, match="is no manifest: it must be a JSON list"):
        inputs(store, tmp_path).download(
            source("s3://lists/m.json", LOCAL, S3DataType="ManifestFile")
        )


def test_an_empty_name_in_a_key_makes_no_folder(store: FakeStore, tmp_path: Path) -> None:
    """`dir//a` is an object of the prefix `dir/` like any other."""
    store.objects["data", "dir//a"] = b"1"
    store.objects["data", "dir/b//c"] = b"2"
    inputs(store, tmp_path).download(source("s3://data/dir/", LOCAL))
    folder = tmp_path / "processing" / Path(LOCAL).name
    found = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert found == {"a", "b/c"}


def test_no_object_leaves_its_local_path(store: FakeStore, tmp_path: Path) -> None:
    """A key with dots in it cannot reach another folder of this machine."""
    store.objects["data", "dir/../../../evil"] = b"x"
    with pytest.raises(JobError, match="would leave its LocalPath"):
        inputs(store, tmp_path / "opt-ml").download(source("s3://data/dir/", LOCAL))
    assert not (tmp_path / "evil").exists()


def test_a_denied_read_fails_with_its_cause(store: FakeStore, tmp_path: Path) -> None:
    """A role that may not list the bucket: the reason says which call failed."""
    store.denied.add("data")
    with pytest.raises(JobError, match=r"^ClientError: Failed to download data\. ListObjectsV2"):
        inputs(store, tmp_path).download(source("s3://data/x", LOCAL))


def test_an_object_and_a_folder_of_one_name_are_refused(store: FakeStore, tmp_path: Path) -> None:
    """S3 may hold `a` beside `a/b`, a disk may not: the error names the object."""
    store.objects |= {("data", "x/a"): b"", ("data", "x/a/b"): b""}
    with pytest.raises(JobError, match=r"s3://data/x/a/b cannot be kept as a file: (Not a d|File)"):
        inputs(store, tmp_path).download(source("s3://data/x/", LOCAL))


def test_an_app_managed_input_is_left_to_the_script(store: FakeStore, tmp_path: Path) -> None:
    """AppManaged: nothing is downloaded."""
    one = source("s3://data/none", LOCAL) | {"AppManaged": True}
    assert inputs(store, tmp_path).download(one) == 0


def test_a_download_ends_between_two_objects_when_the_job_stops(
    store: FakeStore, tmp_path: Path
) -> None:
    """A job that is stopped does not wait for the rest of its data."""
    store.objects |= {("data", "a"): b"", ("data", "b"): b""}
    asked = iter([None, Interrupted()])

    def stop_at_the_second() -> None:
        answer = next(asked)
        if answer:
            raise answer

    with pytest.raises(Interrupted):
        inputs(store, tmp_path, stop_at_the_second).download(source("s3://data", LOCAL))
    assert list(tree(tmp_path)) == ["processing/in/a"]


def test_only_new_and_changed_files_are_uploaded(store: FakeStore, tmp_path: Path) -> None:
    """A second upload sends what has changed since the first, and counts all."""
    output = Output("out", tmp_path, tmp_path, "s3://data/out/", continuous=True, kms_key=None)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text("1")
    assert output.upload(store) == 1
    (tmp_path / "b").write_text("2")
    assert output.upload(store) == 2
    (tmp_path / "b").write_text("22")
    assert output.upload(store) == 2
    assert store.uploads == ["out/sub/a", "out/b", "out/b"]
    assert store.text("data", "out/b") == "22"


def test_symbolic_links_are_not_followed(store: FakeStore, tmp_path: Path) -> None:
    """As on AWS: neither a linked file nor a file in a linked folder is uploaded."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").touch()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "file").symlink_to(tmp_path / "elsewhere" / "secret")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    assert upload(store, folder, tmp_path) == 0


def test_an_output_folder_that_became_a_link_is_not_followed(
    store: FakeStore, tmp_path: Path
) -> None:
    """The link means something else on this machine: nothing from there is uploaded."""
    (tmp_path / "elsewhere" / "out").mkdir(parents=True)
    (tmp_path / "elsewhere" / "out" / "secret").touch()
    (tmp_path / "opt-ml").mkdir()
    (tmp_path / "opt-ml" / "out").symlink_to(tmp_path / "elsewhere" / "out")
    (tmp_path / "opt-ml" / "above").symlink_to(tmp_path / "elsewhere")
    for folder in (tmp_path / "opt-ml" / "out", tmp_path / "opt-ml" / "above" / "out"):
        assert upload(store, folder, tmp_path / "opt-ml") == 0


def test_what_a_job_closed_to_its_owner_is_uploaded(store: FakeStore, tmp_path: Path) -> None:
    """A job is root in its sandbox, as on AWS: modes keep nothing from being uploaded."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    (tmp_path / "b").chmod(0)
    (tmp_path / "closed").chmod(0)
    assert upload(store, tmp_path, tmp_path) == 2


def test_a_file_name_that_is_no_text_is_refused(store: FakeStore, tmp_path: Path) -> None:
    """S3's keys are UTF-8: the error shows the name's bytes."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")).touch()
    with pytest.raises(StoreError, match=r"the file b'\\xff\.csv' is not UTF-8"):
        upload(store, tmp_path, tmp_path)


def upload(store: FakeStore, folder: Path, root: Path) -> int:
    return Output("out", root, folder, "s3://data", continuous=False, kms_key=None).upload(store)


def test_outputs_that_the_script_manages_are_left_out(tmp_path: Path) -> None:
    """An AppManaged output is not the service's to upload."""
    config = outputs(
        target("s3://data/a", LOCAL), target("s3://data/b", LOCAL) | {"AppManaged": True}
    )
    found = outputs_of(request(ProcessingOutputConfig=config), tmp_path)
    assert [output.uri for output in found] == ["s3://data/a"]


def test_an_uris_key_may_hold_anything() -> None:
    """A hash and a question mark are part of a key."""
    assert split_uri("s3://bucket/a?b#c") == ("bucket", "a?b#c")
    assert split_uri("s3://bucket") == ("bucket", "")
    assert split_uri("s3://bucket/what?") == ("bucket", "what?")
    assert split_uri("s3://bucket/two\nlines") == ("bucket", "two\nlines")


def test_an_object_named_like_the_prefix_and_a_folder() -> None:
    """`dir` and `dir/x` under the prefix `dir`: the object keeps its name."""
    assert place_of("dir", "dir") == "dir"
    assert place_of("dir/x", "dir") == "x"

"""Lists of jars, Python files and other files, as the container and Spark read them."""

import json
import re
from pathlib import Path
from urllib.parse import urlparse

import pytest
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.images import ImageChoice
from cdk_sagemaker_processing.run_time import text
from cdk_sagemaker_processing.steps.container import Container, spark
from cdk_sagemaker_processing.steps.container.spark.dependencies import DependencyList, names_twice

INPUT = "/opt/ml/processing/input"
OPTIONS = {"--py-files": "spark.submit.pyFiles", "--jars": "spark.jars", "--files": "spark.files"}
NAMES = st.from_regex(r"[a-zA-Zü0-9][\w .%'()+$@&=!~-]{0,80}\.(jar|py|zip)", fullmatch=True)
URIS = st.builds("s3://bucket/{}/{}".format, st.text("abc/", max_size=60), NAMES).filter(
    lambda uri: not re.search(r"[\s%]", uri)
)


def container(
    *lists: DependencyList, configuration: spark.Configuration | None = None
) -> Container:
    """The container of a script with these lists."""
    return spark.spark_container(
        ImageChoice(), "s3://code/app.py", lists, configuration, is_python=True
    )


def said(*lists: DependencyList, configuration: spark.Configuration | None = None) -> list[str]:
    """What is said of them."""
    return [str(one) for one in container(*lists, configuration=configuration).problems]


def settings_of(made: Container) -> dict[str, str]:
    """The spark-defaults that go along."""
    for channel in made.channels:
        if channel.name == "conf":
            (file,) = channel.files
            read = json.loads(file.read())
            return {key: value for one in read for key, value in one["Properties"].items()}
    return {}


def taken_by_the_container(listed: str, folders: dict[str, list[str]]) -> list[str]:
    """What the container makes of one option's value: its rule, written anew.

    The scheme of the whole value decides for each of its items: with one of S3
    all of them are passed on as they stand, without one each must be an
    absolute path that is there, and a folder becomes the files in it.

    Args:
        listed: The option's value.
        folders: The files that are in each folder of the container.
    """
    scheme = urlparse(listed).scheme
    items = listed.split(",")
    if scheme in ("s3", "s3a"):
        return items
    assert scheme in ("", "file"), f"{listed} would be dropped in silence"
    found: list[str] = []
    for item in items:
        assert item.startswith("/"), f"{item} is not absolute: InputError"
        folder, _, name = item.rpartition("/")
        if item in folders:
            found += [f"{item}/{one}" for one in folders[item]]
        else:
            assert name in folders[folder], f"{item} does not exist: InputError"
            found.append(item)
    return found


def files_for_spark(made: Container) -> dict[str, list[str]]:
    """The files of each list that Spark is told to take, from wherever it is told."""
    assert all(len(item) <= 256 for item in made.entrypoint)
    folders = {
        one.local_path: [file.name.split("/", 1)[1] for file in one.files] for one in made.channels
    }
    words = iter(made.entrypoint)
    found = {
        word: taken_by_the_container(next(words), folders) for word in words if word in OPTIONS
    }
    properties = settings_of(made)
    for option, name in OPTIONS.items():
        if name in properties:
            assert option not in found, "Spark would take the option alone"
            found[option] = properties[name].split(",")
    return found


@given(
    mixed=st.lists(
        st.tuples(st.sampled_from(["py_files", "jars", "files"]), st.one_of(URIS, NAMES)),
        max_size=25,
        unique_by=lambda one: one[1].rsplit("/", 1)[-1],
    )
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_mix_in_any_order_reaches_spark_whole(
    tmp_path: Path, mixed: list[tuple[str, str]]
) -> None:
    """Exactly the files listed, those on S3 first, no item of the entrypoint too long."""
    given_lists: dict[str, list[str | Path]] = {"py_files": [], "jars": [], "files": []}
    expected: dict[str, list[str]] = {}
    for name, item in mixed:
        path = tmp_path / item
        if not item.startswith("s3://"):
            path.touch()
        given_lists[name].append(item if item.startswith("s3://") else path)
    for name, items in given_lists.items():
        channel = name.replace("_", "-")
        here = [f"{INPUT}/{channel}/{one.name}" for one in items if isinstance(one, Path)]
        if items:
            expected[f"--{channel}"] = [*(one for one in items if isinstance(one, str)), *here]

    made = container(
        spark.py_files(given_lists["py_files"]),
        spark.jars(given_lists["jars"]),
        spark.files(given_lists["files"]),
    )

    assert made.problems == ()
    assert files_for_spark(made) == expected


@given(
    items=st.lists(
        st.one_of(URIS, st.just("s3://b/{% $day %}.jar")),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one.rsplit("/", 1)[-1],
    )
)
@settings(deadline=None)
def test_a_run_time_value_is_refused_only_where_it_cannot_stand(items: list[str]) -> None:
    """In a list that is too long whatever the value, which would have to be a file."""
    least = len(",".join(items).replace("{% $day %}", ""))
    known = "{%" not in "".join(items)

    made = container(spark.jars(items))

    assert (made.problems == ()) == (known or least <= 256)
    if least <= 256:
        first = "{% $split($day, ',')[0] %}"
        assert made.entrypoint[1:3] == ("--jars", ",".join(items).replace("{% $day %}", first))
        assert settings_of(made) == {}


def test_a_list_joins_the_users_own_property(tmp_path: Path) -> None:
    """With an option Spark would leave the property's Python files and class path out."""
    (tmp_path / "b.jar").touch()
    own = {"Classification": "spark-defaults", "Properties": {"spark.jars": "s3://own/a.jar"}}

    made = container(spark.jars([tmp_path / "b.jar", "s3://dep/c.jar"]), configuration=own)

    assert made.problems == ()
    assert "--jars" not in made.entrypoint
    assert settings_of(made) == {"spark.jars": f"s3://own/a.jar,s3://dep/c.jar,{INPUT}/jars/b.jar"}
    assert made.also_read == ("s3://dep/c.jar", "s3://own/a.jar")


def test_one_long_uri_moves_to_the_configuration() -> None:
    """An item of the entrypoint holds 256 characters, a property what it must."""
    fits = f"s3://b/{'k' * 245}.jar"
    long = f"s3://b/{'k' * 246}.jar"

    assert "--jars" in container(spark.jars([fits])).entrypoint
    assert settings_of(container(spark.jars([long]))) == {"spark.jars": long}


def test_a_run_time_value_in_a_list_counts_for_nothing() -> None:
    """Its length is not known, so only what is sure to be too long is refused."""
    day = sfn.JsonPath.string_at("$.a.rather.long.path.to.the.jar.of.the.day")
    rest = f"s3://b/{'k' * 244}.jar"

    assert said(spark.jars([day, rest])) == []
    listed = text(container(spark.jars([day, rest])).entrypoint[2])
    assert str(listed) == (
        "{States.ArrayGetItem(States.StringSplit($.a.rather.long.path.to.the.jar.of.the.day, ','), "
        f"0)}},{rest}"
    )
    (problem,) = said(spark.jars([day, rest + "x"]))
    assert problem.startswith(
        "submit_jars: the list has at least 257 characters, more than the 256 of an item of the "
        "entrypoint, so it goes to the configuration, a file that is uploaded before the run and "
        "cannot hold '{$.a.rather.long.path.to.the.jar.of.the.day}', which is not known at synth"
    )


def test_a_run_time_value_cannot_join_the_users_own_property() -> None:
    """That is in a file which is uploaded before the run."""
    own = {"Classification": "spark-defaults", "Properties": {"spark.files": "s3://own/a.txt"}}

    (problem,) = said(spark.files(["s3://b/{% $day %}.txt"]), configuration=own)

    assert problem.startswith(
        "submit_files: configuration.Properties['spark.files'] is set as well, so both go to the "
        "configuration"
    )


def test_folders_stand_for_their_files(tmp_path: Path) -> None:
    """By their paths; of Python files also for the packages among them."""
    (tmp_path / "src" / "flights").mkdir(parents=True)
    (tmp_path / "src" / "flights" / "__init__.py").touch()
    (tmp_path / "src" / "notes").mkdir()
    (tmp_path / "src" / "notes" / "read.me").touch()
    (tmp_path / "src" / "one.py").touch()

    python = spark.py_files([tmp_path / "src", f"file://{tmp_path}/src/flights"])
    others = spark.files([tmp_path / "src"])

    assert python.value == f"{INPUT}/py-files/flights.zip,{INPUT}/py-files/one.py"
    assert [str(one) for one in python.problems] == [
        (
            "submit_py_files: two files of one name, 'flights.zip', would lie over each other in "
            "the container: rename one"
        )
    ]
    assert others.value == f"{INPUT}/files/one.py"


@pytest.mark.parametrize("sign", list(",*?{[]\\:#"))
def test_a_name_that_means_something_to_spark_is_refused(tmp_path: Path, sign: str) -> None:
    """A separator, a pattern, a scheme, a fragment, an escape: none would be the file."""
    (tmp_path / f"a{sign}b.jar").touch()

    (problem,) = said(spark.jars([tmp_path / f"a{sign}b.jar"]))

    assert f"holds {sign!r}, which means something to Spark: rename the file" in problem


@pytest.mark.parametrize("sign", list(' ,?{}[]|%\\^`"<'))
def test_an_s3_uri_that_spark_cannot_read_is_refused(sign: str) -> None:
    """Spark takes what is no URI to Java for a local path."""
    (problem,) = said(spark.jars([f"s3://bucket/a{sign}b.jar"]))

    assert f"holds {sign!r}, and Spark would not take it for one S3 URI" in problem


@pytest.mark.parametrize(
    ("uri", "read"),
    [
        ("s3://b/libs/*.jar", "s3://b/libs/"),
        ("s3a://b/a.jar", "s3a://b/a.jar"),
        ("s3://b/a%20b.jar", "s3://b/a b.jar"),
        ("s3://b/a.txt#name.txt", "s3://b/a.txt"),
    ],
)
def test_what_spark_reads_on_s3_is_taken_as_it_is(uri: str, read: str) -> None:
    """Patterns, the other scheme, an escaped blank, a name for the executors."""
    own = {"Classification": "spark-defaults", "Properties": {"spark.archives": uri}}

    made = container(spark.files([uri]), configuration=own)

    assert made.problems == ()
    assert made.entrypoint[1:3] == ("--files", uri)
    assert made.also_read == (read, read)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("https://host/a.jar", "leaves out https:// without a word"),
        ("s3://b/libs/", "is a prefix, which the container does not expand.*'s3://b/libs/[*]'"),
        ("nowhere.jar", "no such file or folder: 'nowhere.jar'"),
        ("file:///nowhere.jar", "no such file or folder: '/nowhere.jar'"),
    ],
)
def test_what_would_not_reach_spark_is_refused(item: str, words: str) -> None:
    """Each by its argument."""
    (problem,) = said(spark.jars([item]))

    assert re.match(f"submit_jars: .*{words}", problem)


def test_executors_get_one_file_of_a_name(tmp_path: Path) -> None:
    """Across all lists and from wherever: YARN would leave the second out, or end the job."""
    (tmp_path / "a.zip").touch()
    lists = [
        spark.py_files([tmp_path / "a.zip", "s3://b/x/b.zip", "s3://b/y/b.zip#c.zip"]),
        spark.files(["s3://b/a.zip", "s3://b/*.zip", "s3://b/{% $day %}.zip"]),
    ]

    assert [str(one).split(", and")[0] for one in names_twice(lists)] == [
        "submit_py_files: another file of the name 'b.zip' is in submit_py_files",
        "submit_files: another file of the name 'a.zip' is in submit_py_files",
    ]

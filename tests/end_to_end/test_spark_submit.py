"""The rules for dependency lists, held against Spark's own ``spark-submit`` on YARN.

No cluster runs: in client mode Spark resolves the lists and starts the driver before it asks
YARN for anything, and these drivers ask for nothing.
"""

import json
import string
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from cdk_sagemaker_processing.local.jobs import Environments
from cdk_sagemaker_processing.steps.container import spark

pytestmark = pytest.mark.local_cloud

IMAGE = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu"
HDFS = """<configuration>
<property><name>fs.defaultFS</name><value>hdfs://127.0.0.1:9</value></property>
</configuration>"""
YARN = ("--master", "yarn", "--deploy-mode", "client")
# What a driver was given, in a file: what it prints, spark-submit hands on in a thread that it does
# not wait for.
DRIVER = """
import importlib.util, json, os
from pathlib import Path
from pyspark import SparkContext
SparkContext._ensure_initialized()
jvm = SparkContext._jvm
loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
settings = {one._1(): one._2() for one in jvm.org.apache.spark.SparkConf().getAll()}
Path(os.environ["SAID"]).write_text(json.dumps({
    "for executors": {key: value for key, value in settings.items() if ".yarn.dist." in key},
    "jars": [name for name in "abc" if loader.getResource(name + ".resource")],
    "modules": [name for name in "abc" if importlib.util.find_spec("module_" + name)],
}))
"""
RESOLVE = """
import json, os, sys
from pathlib import Path
from pyspark import SparkContext
SparkContext._ensure_initialized()
utils = SparkContext._jvm.org.apache.spark.util
hadoop = SparkContext._jvm.org.apache.hadoop
def resolve(path):
    try:
        return utils.DependencyUtils.resolveGlobPaths(path, hadoop.conf.Configuration())
    except Exception as error:
        return f"error: {error}"
def place(uri):
    try:
        resolved = utils.Utils.resolveURI(uri)
        return [resolved.getScheme(), hadoop.fs.Path(resolved).toUri().getPath()]
    except Exception as error:
        return f"error: {error}"
paths, uris = json.loads(sys.argv[1])
said = [[resolve(one) for one in paths], [place(one) for one in uris]]
Path(os.environ["SAID"]).write_text(json.dumps(said))
"""
Submit = Callable[..., Any]


@pytest.fixture
def submit(tmp_path: Path) -> Submit:
    """Runs a driver by ``spark-submit`` as the container does; returns what it found."""
    environment = Environments().prepare(IMAGE, print)
    for name in ("spark", "hadoop", "code"):
        (tmp_path / name).mkdir()
    (tmp_path / "hadoop" / "core-site.xml").write_text(HDFS)
    folders = {
        "SPARK_CONF_DIR": f"{tmp_path}/spark",
        "HADOOP_CONF_DIR": f"{tmp_path}/hadoop",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SAID": f"{tmp_path}/said.json",
    }

    def run(
        script: str,
        *arguments: str,
        options: dict[str, str] | None = None,
        properties: dict[str, str] | None = None,
    ) -> Any:
        lines = [f"{name} {value}\n" for name, value in (properties or {}).items()]
        (tmp_path / "spark" / "spark-defaults.conf").write_text("".join(lines))
        driver = tmp_path / "code" / "driver.py"
        driver.write_text(script)
        words = [word for pair in (options or {}).items() for word in pair]
        program = f"{environment.variables['SPARK_HOME']}/bin/spark-submit"
        done = subprocess.run(
            [program, *YARN, *words, str(driver), *arguments],
            env={**environment.variables, **folders},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads((tmp_path / "said.json").read_text())

    return run


@pytest.fixture
def lists(tmp_path: Path) -> dict[str, dict[str, str]]:
    """Three jars, three modules and three files, by option and by name."""
    for name in "abc":
        with zipfile.ZipFile(tmp_path / f"{name}.jar", "w") as jar:
            jar.writestr(f"{name}.resource", name)
        (tmp_path / f"module_{name}.py").touch()
        (tmp_path / f"{name}.txt").touch()
    forms = {"--jars": "{}.jar", "--py-files": "module_{}.py", "--files": "{}.txt"}
    return {
        option: {name: str(tmp_path / form.format(name)) for name in "abc"}
        for option, form in forms.items()
    }


PROPERTIES = {
    "--jars": "spark.jars",
    "--py-files": "spark.submit.pyFiles",
    "--files": "spark.files",
}


def test_a_property_does_what_the_option_does(
    submit: Submit, lists: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """For driver and executors; and a path without a scheme is a local one, HDFS or not."""
    two = {option: f"{paths['a']},{paths['b']}" for option, paths in lists.items()}

    by_options = submit(DRIVER, options=two)
    by_properties = submit(DRIVER, properties={PROPERTIES[key]: two[key] for key in two})

    assert by_options == by_properties
    assert by_options == {
        "for executors": {
            f"spark.yarn.dist.{kind}": ",".join(f"file://{tmp_path}/{name}" for name in names)
            for kind, names in {
                "jars": ("a.jar", "b.jar"),
                "pyFiles": ("module_a.py", "module_b.py"),
                "files": ("a.txt", "b.txt"),
            }.items()
        },
        "jars": ["a", "b"],
        "modules": ["a", "b"],
    }


def test_an_option_takes_the_place_of_the_property(
    submit: Submit, lists: dict[str, dict[str, str]]
) -> None:
    """So a list joins the user's own property in the configuration, where both count."""
    options = {option: paths["a"] for option, paths in lists.items()}
    properties = {PROPERTIES[option]: paths["c"] for option, paths in lists.items()}

    given = submit(DRIVER, options=options, properties=properties)

    assert given["jars"] == given["modules"] == ["a"]
    for one in given["for executors"].values():
        assert [Path(uri).stem.removeprefix("module_") for uri in one.split(",")] == ["a"]


def test_names_are_refused_that_spark_reads_as_something_else(
    submit: Submit, tmp_path: Path
) -> None:
    """Every character of a keyboard in a file's name, and in a key on S3."""
    folder = tmp_path / "files"
    folder.mkdir()
    signs = sorted({*string.punctuation, " ", "é"} - {"/"})
    paths = [folder / f"a{sign}b.jar" for sign in signs]
    for path in paths:
        path.touch()
    # A pattern that finds its own file finds others, too.
    (folder / "axxb.jar").touch()
    uris = [f"s3://bucket/a{sign}b.jar" for sign in signs]

    found, places = submit(RESOLVE, json.dumps([[*map(str, paths)], uris]))

    for sign, path, resolved in zip(signs, paths, found, strict=True):
        as_it_is = "#" not in resolved and unquote(resolved) == f"file://{path}"
        assert (spark.jars([path]).problems == ()) == as_it_is, (sign, resolved)
    for sign, uri, place in zip(signs, uris, places, strict=True):
        # A name after '#' is the one that the executors see.
        as_it_is = place == ["s3", f"/a{sign}b.jar"] or (sign == "#" and place == ["s3", "/a"])
        one_uri = as_it_is and sign != ","
        assert (spark.jars([uri]).problems == ()) == one_uri, (sign, place)

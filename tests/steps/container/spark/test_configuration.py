"""What the container takes for a Spark job's configuration, and what it makes of it."""

import json
import re
import subprocess
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.steps.container.spark import configuration as conf

EXPORT = {"Classification": "export", "Properties": {"A": "1"}}
ENV = {"Classification": "spark-env", "Properties": {}, "Configurations": [EXPORT]}


def spark(**properties: Any) -> dict[str, Any]:
    """Settings of Spark, with _ for the dots in their names."""
    named = {f"spark.{name.replace('_', '.')}": value for name, value in properties.items()}
    return {"Classification": "spark-defaults", "Properties": named}


def said(configuration: Any) -> list[str]:
    """What is said of a configuration."""
    return [str(problem) for problem in conf.problems(configuration)]


def written(configuration: Any, **properties: str) -> Any:
    """The configuration.json that the container reads."""
    channel = conf.channel(configuration, properties)
    assert channel is not None
    (file,) = channel.files
    assert file.name == "conf/configuration.json"
    return json.loads(file.read())


@pytest.mark.parametrize("name", conf.CLASSIFICATIONS)
def test_every_classification_of_the_container_is_taken(name: str) -> None:
    """The fourteen of smspark/config.py; `-env` by its nested export, the others by properties."""
    if name.endswith("-env"):
        one = {**ENV, "Classification": name}
    else:
        one = {"Classification": name, "Properties": {"spark.a": "b"}}

    assert len(conf.CLASSIFICATIONS) == 14
    assert said(one) == said([one]) == []
    assert written([one]) == [one]
    assert written(one) == one


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_no_classification_is_no_configuration(nothing: Any) -> None:
    """As in the SageMaker SDK, nothing is uploaded then."""
    assert said(nothing) == []
    assert conf.channel(nothing, {}) is None


def test_each_problem_names_its_place() -> None:
    """All at once, by the path in what the user wrote."""
    configuration = [
        spark(a="1"),
        {"Classification": "spark", "Properties": {}, "properties": {}},
        {**ENV, "Configurations": [{**EXPORT, "Classification": "exports", "Properties": None}]},
        "spark-defaults",
        {"Classification": "core-site", "Properties": {"a": "x & y"}},
    ]

    assert [re.split(r"[: ]", text)[0] for text in said(configuration)] == [
        "configuration[1]",
        "configuration[1]",
        "configuration[2].Configurations[0]",
        "configuration[2].Configurations[0]",
        "configuration[3]",
        "configuration[4].Properties['a']",
    ]


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ("conf.json", r"a list of classifications, got 'conf.json': read a file by json.loads"),
        (7, "a list of classifications, got 7"),
        ({"Classification": None, "Properties": {}}, "must be one of core-site.*got None"),
        ({"Properties": {}}, "must be one of core-site.*got None"),
        (EXPORT, "got 'export': 'export' stands in the Configurations of a classification"),
        ({"Classification": "spark-defaults"}, "Properties must be a mapping.*got None"),
        ({**spark(), "Configurations": [spark(a="1")]}, "leaves out what stands in it here"),
        ({**ENV, "Configurations": []}, r"must hold a nested 'export', got \[\]: \{'Class"),
        ({"Classification": "yarn-env", "Properties": {}}, "must hold a nested 'export', got None"),
        ({**ENV, "Properties": {"A": "1"}}, "Properties must be an empty mapping, got {'A': '1'}"),
        ({**ENV, "Configurations": ["A=1"]}, "must be a mapping with Classification"),
        (
            {**ENV, "Configurations": [{**EXPORT, "Configurations": [EXPORT]}]},
            r"Configurations\[0\]: Configurations has a meaning only in hadoop-env",
        ),
    ],
)
def test_a_shape_that_the_container_refuses_or_loses_is_refused(
    configuration: Any, words: str
) -> None:
    """What is nested elsewhere than in an -env, and an -env's own properties, it loses."""
    (problem,) = said(configuration)

    assert re.search(words, problem)


def test_an_empty_list_of_nested_ones_and_several_exports_are_taken() -> None:
    """The container takes both, so a configuration that the SageMaker SDK sent goes on working."""
    assert said({**spark(a="1"), "Configurations": []}) == []
    assert said({**ENV, "Configurations": [EXPORT, EXPORT]}) == []


@pytest.mark.parametrize(
    ("value", "becomes"),
    [(True, "true"), (False, "false"), (2, 2), (0.5, 0.5), ("True", "True"), ("", "")],
)
def test_a_boolean_becomes_its_word(value: Any, becomes: Any) -> None:
    """The container would write Python's True; numbers it writes as JSON does."""
    assert said(spark(x=value)) == []
    assert written(spark(x=value))["Properties"]["spark.x"] == becomes


@pytest.mark.parametrize("value", [None, [], {}, ["a"], float("nan"), float("inf"), b"a"])
def test_a_value_of_no_plain_type_is_refused(value: Any) -> None:
    """The container would write None or ['a'] as Python does."""
    (problem,) = said(spark(x=value))

    assert problem.startswith("configuration.Properties['spark.x'] must be a string, a number")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("spark.a b", "1", "no blank"),
        ("spark.a=b", "1", "no blank"),
        ("spark.a", "1\nspark.b 2", "must be one line"),
        ("spark.a", "1\\", "must be one line with no '\\' at its end"),
        ("spark.a", "=1", "leaves out the '=' that a value begins with"),
        ("fs.s3a.endpoint", "e", "write one of Hadoop as 'spark.hadoop.fs.s3a.endpoint'"),
    ],
)
def test_what_would_break_spark_defaults_is_refused(name: str, value: str, words: str) -> None:
    """The container writes 'name value' and a line break; Spark reads it as Java's properties."""
    (problem,) = said({"Classification": "spark-defaults", "Properties": {name: value}})

    assert words in problem


def test_a_later_classification_of_one_name_holds() -> None:
    """The container appends them to one file, of which Spark takes the last."""
    configuration = [spark(a="1", b="2"), ENV, spark(a="3")]

    assert conf.settings(configuration) == {
        "spark.a": conf.Setting("configuration[2].Properties['spark.a']", "3"),
        "spark.b": conf.Setting("configuration[0].Properties['spark.b']", "2"),
    }
    assert written(configuration) == configuration
    assert written(configuration, **{"spark.jars": "x"}) == [
        ENV,
        spark(a="3", b="2", jars="x"),
    ]


def test_braces_of_a_log_pattern_are_no_expression() -> None:
    """Only what is in {% %} is JSONata."""
    pattern = "%highlight{%p} %style{%m}{cyan}"
    log = {"Classification": "hive-log4j", "Properties": {"appender.pattern": pattern}}

    assert said(log) == []
    assert "is not known at synth" in said(spark(x="{% $x %}"))[0]
    assert "is not known at synth" in said(spark(x="s3://${Token[AWS.Region.1]}/"))[0]


@given(value=st.text("ab1 \"'\\;&|<>(){}*~#!=:$,.\n\t-", min_size=0, max_size=12))
@settings(max_examples=150, deadline=None)
def test_an_exported_value_that_is_taken_is_one_word_to_a_shell(value: str) -> None:
    """It is exported whole, or refused: the container writes `export NAME=value` as it is."""
    one = {**ENV, "Configurations": [{"Classification": "export", "Properties": {"A": value}}]}
    if said(one) or "$" in value:
        return
    script = f"export A={value}\nexport END=end\n/usr/bin/env\n"
    shell = subprocess.run(
        ["/bin/bash", "--norc"], input=script, capture_output=True, text=True, env={}, check=False
    )

    assert (shell.stderr, shell.returncode) == ("", 0)
    assert re.search(r"^A=", shell.stdout, re.MULTILINE)
    assert "END=end" in shell.stdout.splitlines()


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "",
        "-Xmx2g",
        '"-Xmx2g -Da=b"',
        "'a b'",
        "$PATH:/x",
        "${A:-a b}",
        "$(hostname -f)",
        "a#b",
    ],
)
def test_what_a_shell_reads_as_meant_is_taken(value: str) -> None:
    """Quotes, variables and commands are the user's."""
    assert said({**ENV, "Configurations": [{**EXPORT, "Properties": {"A": value}}]}) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("A-B", "1", "a variable's name is made of letters"),
        ("A", "-Xmx2g -Da=b", """put it in quotes that are part of the value, such as '"-Xmx2g"""),
        ("A", 'a"', "must be one word"),
        ("A", "{a,b}", "must be one word"),
        ("A", "a\\", "must be one word"),
    ],
)
def test_what_a_shell_would_read_otherwise_is_refused(name: str, value: str, words: str) -> None:
    """An option of a JVM after a blank would be an option of `export`, and an error."""
    nested = {"Classification": "export", "Properties": {name: value}}
    (problem,) = said([{**ENV, "Configurations": [nested]}])

    assert problem.startswith(f"configuration[0].Configurations[0].Properties[{name!r}]")
    assert words in problem


@given(value=st.text("ab<>&;'\"lt#x26 ", max_size=12))
def test_an_xml_value_that_is_taken_makes_xml(value: str) -> None:
    """What would make the container's file no XML is refused, and of the rest only markup."""
    site = {"Classification": "hive-site", "Properties": {"url": value}}
    try:
        ET.fromstring(f"<value>{value}</value>")  # noqa: S314 # our own text
    except ET.ParseError:
        assert said(site)
    else:
        assert not said(site) or "<" in value


@given(
    name=st.text("ab.=: #!\\\t", max_size=5).map("spark.".__add__),
    value=st.text("ab=:\\ \n#!", max_size=8),
)
def test_a_property_that_is_taken_stays_one_property(name: str, value: str) -> None:
    """Read as Java's properties are, the next line is still the next property."""
    one = {"Classification": "spark-defaults", "Properties": {name: value}}
    if said(one):
        return
    read = java_properties(f"{name} {value}\nspark.next 1\n")

    assert list(read) == [name, "spark.next"]
    assert read["spark.next"] == "1"
    if "\\" not in value:
        assert read[name].strip() == value.strip()


def java_properties(text: str) -> dict[str, str]:
    """Java's properties, as far as java.util.Properties.load describes keys and lines."""
    joined = re.sub(r"(?<!\\)((?:\\\\)*)\\\n\s*", r"\1", text)
    lines = [line.lstrip() for line in joined.split("\n")]
    pairs = [re.match(r"((?:\\.|[^\\\s=:])*)\s*[=:]?\s*(.*)", line) for line in lines]
    return {
        found[1]: found[2]
        for line, found in zip(lines, pairs, strict=True)
        if line and line[0] not in "#!" and found
    }

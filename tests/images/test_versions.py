"""Which versions of AWS's images there are, and the tags they make."""

import string
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.images import Framework
from cdk_sagemaker_processing.images.versions import tag
from tests.support import resolved

TAGS: dict[tuple[Framework, str | None], str] = {
    ("sklearn", None): "1.2-1-cpu-py3",
    ("sklearn", "0.20.0"): "0.20.0-cpu-py3",
    ("sklearn", "0.23-1"): "0.23-1-cpu-py3",
    ("sklearn", "1.0-1"): "1.0-1-cpu-py3",
    ("sklearn", "1.2-1"): "1.2-1-cpu-py3",
    ("sklearn", "1.4-2"): "1.4-2-cpu-py3",
    ("sklearn", "1.4-2-py312"): "1.4-2-py312-cpu-py3",
    ("sklearn", "1.9-0"): "1.9-0-cpu-py3",
    ("spark", None): "3.5-cpu",
    ("spark", "2.4"): "2.4-cpu",
    ("spark", "3.0"): "3.0-cpu",
    ("spark", "3.1"): "3.1-cpu",
    ("spark", "3.2"): "3.2-cpu",
    ("spark", "3.3"): "3.3-cpu",
    ("spark", "3.5"): "3.5-cpu",
}
PYTHONS = {
    "2.4": ["py37"],
    "3.0": ["py37"],
    "3.1": ["py37"],
    "3.2": ["py39"],
    "3.3": ["py39"],
    "3.5": ["py39", "py312"],
}


def refusal(*arguments: Any) -> str:
    """What is wrong with the versions, a line each."""
    found = tag(*arguments)
    assert isinstance(found, tuple)
    return "\n".join(map(str, found))


@pytest.mark.parametrize(("framework", "version"), TAGS)
def test_each_version_of_the_sdk_has_its_tag(framework: Framework, version: str | None) -> None:
    """Those of 2.257.7 and 3.27.0, with the tags that they make."""
    assert tag(framework, version, None, None) == TAGS[framework, version]


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("python", ["py37", "py39", "py312"])
def test_each_spark_has_its_pythons(version: str, python: str) -> None:
    """Another is refused, and the message lists them."""
    if python in PYTHONS[version]:
        assert tag("spark", version, python, "1.0") == f"{version}-cpu-{python}-v1.0"
    else:
        assert refusal("spark", version, python, "1.0") == (
            f"py_version must be one of {', '.join(PYTHONS[version])} for Spark {version}, "
            f"got '{python}' [CreateProcessingJob AppSpecification.ImageUri]"
        )


def test_the_container_is_pinned_on_the_newest_spark_too() -> None:
    """As the SDK has it with no version of the framework."""
    assert tag("spark", None, "py312", "1.3") == "3.5-cpu-py312-v1.3"


@given(st.text(string.ascii_lowercase + string.digits + "._-", min_size=1, max_size=20))
def test_any_container_version_is_taken(container_version: str) -> None:
    """The SDK keeps no list of them, and AWS publishes new ones."""
    found = tag("spark", "3.5", "py39", container_version)

    if container_version.startswith("v") and container_version[1:2].isdigit():
        assert isinstance(found, tuple)
    else:
        assert found == f"3.5-cpu-py39-v{container_version}"


HALVES = {
    ("3.5", "py312", None): "py_version='py312', container_version='1.3'; got py_version='py312'",
    ("3.5", None, "1.0"): "py_version='py312', container_version='1.3'; got py_version=None",
    ("3.1", "py37", None): "py_version='py37', container_version='1.1'; got",
    ("3.1", "py39", None): "give both or neither; got py_version='py39', container_version=None",
}


@pytest.mark.parametrize("versions", HALVES)
def test_python_and_container_go_together(versions: tuple[str, str | None, str | None]) -> None:
    """The message has a pair that is known to be published, if it has that Python."""
    text = refusal("spark", *versions)

    assert "pin the container together: give both or neither" in text
    assert HALVES[versions] in text


WRONG: dict[str, tuple[tuple[Any, ...], str]] = {
    "a line": (("sklearn", "1.2", None, None), "got '1.2': did you mean '1.2-1'?"),
    "a release": (("spark", "3.5.1", None, None), "got '3.5.1': did you mean '3.5'?"),
    "one that the SDK leaves out": (
        ("spark", "3.4", None, None),
        "one of '2.4', '3.0', '3.1', '3.2', '3.3', '3.5' for Spark, got '3.4'; another image",
    ),
    "nothing": (("spark", "", None, None), "got ''; another image"),
    "a number": (("spark", 3.5, None, None), "got 3.5, a float: write a string, such as '3.5'"),
    "a list": (("spark", ["3.5"], None, None), "got ['3.5'], a list: write a string; another"),
    "a Python as a number": (("spark", "3.5", 312, "1.3"), "one of py39, py312 for Spark 3.5"),
    "a Python in another form": (("spark", "3.5", "3.12", "1.3"), "py39, py312 for Spark 3.5"),
    "a container as a number": (
        ("spark", "3.5", "py312", 1.3),
        "container_version must be a string, got 1.3: write '1.3'",
    ),
    "a container with its v": (
        ("spark", "3.5", "py312", "v1.3"),
        "container_version is written without the v of the tag: '1.3', got 'v1.3'",
    ),
    "a container of nothing": (("spark", "3.5", "py312", ""), "such as '1.3', got ''"),
    "a container with a space": (("spark", "3.5", "py312", "1 3"), "such as '1.3', got '1 3'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_version_that_there_is_not_is_refused(case: str) -> None:
    """The message says what came, what there is, and what may be meant."""
    arguments, words = WRONG[case]

    assert words in refusal(*arguments)


@given(
    st.sampled_from(["sklearn", "spark"]),
    *[st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.text()))] * 3,
)
def test_whatever_is_given_makes_a_tag_or_a_problem(
    framework: Framework, version: Any, python: Any, container: Any
) -> None:
    """Never an exception, and never a tag that is none."""
    found = tag(framework, version, python, container)

    if isinstance(found, str):
        assert "None" not in found
        assert " " not in found
    else:
        assert found


def test_all_that_is_wrong_is_told_at_once(stack: cdk.Stack, script: Path) -> None:
    """In one error, with the step's path."""
    with pytest.raises(processing.ValidationError) as refused:
        processing.PySparkStep(
            stack, "Clean", submit_app=script, framework_version="3.4", container_version="v1"
        )

    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("Prod/Clean (PySparkStep): ") for line in lines)


def test_a_version_may_be_known_only_later(stack: cdk.Stack, script: Path) -> None:
    """By a parameter of the template, or by the execution's input."""
    parameter = cdk.CfnParameter(stack, "Version", default="3.5").value_as_string
    at_deploy = processing.PySparkStep(
        stack, "Deployed", submit_app=script, framework_version=parameter
    )
    at_run = processing.PySparkStep(
        stack,
        "Running",
        submit_app=script,
        framework_version=sfn.JsonPath.string_at("$.spark"),
        py_version=sfn.JsonPath.string_at("$.python"),
        container_version="{% $container %}",
    )

    def tag_of(step: processing.ProcessingStep) -> str:
        uri = resolved(stack, step.render_request()["AppSpecification"]["ImageUri"])
        return str(uri).rpartition(":")[2]

    assert tag_of(at_deploy) == "<Version>-cpu"
    assert tag_of(at_run) == "{$.spark}-cpu-{$.python}-v{$container}"

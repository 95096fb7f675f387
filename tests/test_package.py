"""The package as users install it."""

import doctest
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.steps.options import Options

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "constructs" / "cdk_sagemaker_processing"


def test_the_folder_constructs_hides_no_package() -> None:
    """With an ``__init__.py`` it would stand before PyPI's constructs, and nothing would import."""
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_pypis_constructs_is_found_from_the_projects_folder() -> None:
    """The project's own folder of that name stays out of the way."""
    found = subprocess.run(
        [sys.executable, "-c", "import constructs; print(constructs.Construct.__name__)"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert found.stdout.strip() == "Construct"


def test_every_public_name_is_there_and_documented() -> None:
    """``__all__`` holds no name that is missing and none without a docstring."""
    undocumented = [name for name in processing.__all__ if not getattr(processing, name).__doc__]

    assert undocumented == []
    assert sorted(processing.__all__) == processing.__all__


@pytest.mark.parametrize(
    "module",
    [
        "checks.secrets",
        "parameters.parameter",
        "request.rendering",
        "request.values",
        "steps.argument_names",
    ],
)
def test_examples_in_docstrings_are_true(module: str) -> None:
    """What a docstring shows is what a user gets."""
    outcome = doctest.testmod(import_module(f"cdk_sagemaker_processing.{module}"))

    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_it_is_typed() -> None:
    """Type checkers read a package's types only beside this marker."""
    assert (PACKAGE / "py.typed").exists()


def test_options_and_their_defaults_name_the_same_arguments() -> None:
    """The typed dictionary is what users see, the dataclass what steps read."""
    assert list(processing.StepOptions.__annotations__) == list(Options.__annotations__)


def test_an_argument_that_no_step_has_is_refused() -> None:
    """A slip of the pen is found before the app goes on."""
    with pytest.raises(
        TypeError, match=r"SKLearnStep\(\) got .* 'instance_kind'; did you mean 'instance_"
    ):
        Options.of("SKLearnStep", {"instance_kind": "ml.m5.xlarge"})  # type: ignore[typeddict-unknown-key] # the point of the test


def test_users_get_no_more_than_they_need() -> None:
    """Steps alone bring neither the local cloud nor pytest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [one.split(">")[0] for one in project["dependencies"]]

    assert names == ["aws-cdk-lib", "boto3", "constructs", "jsii"]
    assert project["license"] == "Apache-2.0"


def test_the_local_cloud_and_the_command_do_not_start_the_cdk() -> None:
    """Loading the CDK starts a Node process and takes seconds."""
    code = (
        "import sys, cdk_sagemaker_processing.local.jobs, cdk_sagemaker_processing.cli; "
        "print('jsii' in sys.modules, 'aws_cdk' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert found.stdout.strip() == "False False"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """Names load late, but a slip is found as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'PySparkSetp'"):
        _ = processing.PySparkSetp  # type: ignore[attr-defined] # the point of the test


@pytest.mark.parametrize("heavy", ["ec2", "ecs", "sagemaker", "stepfunctions_tasks"])
def test_steps_do_not_import_what_they_do_not_use(heavy: str) -> None:
    """Each of these modules costs seconds at every synth."""
    code = (
        "import sys; from cdk_sagemaker_processing import *; "
        f"print('aws_cdk.aws_{heavy}' in sys.modules, 'ministack' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert found.stdout.strip() == "False False"

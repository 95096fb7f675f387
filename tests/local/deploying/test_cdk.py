import shlex
import sys
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.deploying.cdk import _failure, app_options
from cdk_sagemaker_processing.local.errors import LocalCloudError


def test_an_app_s_own_command_is_kept(tmp_path: Path) -> None:
    """The `app` of a cdk.json may be anything."""
    (tmp_path / "cdk.json").write_text('{"app": "python3 -m my.app"}')
    assert app_options(tmp_path) == []


@pytest.mark.parametrize("settings", [None, '{"context": {}}'])
def test_an_app_without_a_command_is_run_by_this_python(
    tmp_path: Path,
    settings: str | None,
) -> None:
    """`app.py` runs on the interpreter that has the user's packages."""
    (tmp_path / "app.py").touch()
    if settings:
        (tmp_path / "cdk.json").write_text(settings)
    assert app_options(tmp_path) == ["--app", f"{shlex.quote(sys.executable)} app.py"]


def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    """The error says what is looked for."""
    with pytest.raises(LocalCloudError, match=r"no CDK app in .*: name the folder that holds"):
        app_options(tmp_path)


def test_a_cdk_json_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """The error names the file and the place."""
    (tmp_path / "cdk.json").write_text('{"app": }')
    with pytest.raises(LocalCloudError, match=r"cdk\.json is not JSON: .* line 1 column 9"):
        app_options(tmp_path)


@pytest.mark.parametrize(("text", "kind"), [("5", "int"), ('["app"]', "list")])
def test_a_cdk_json_that_is_no_object_is_refused(tmp_path: Path, text: str, kind: str) -> None:
    """JSON alone does not make settings."""
    (tmp_path / "cdk.json").write_text(text)
    with pytest.raises(LocalCloudError, match=rf"cdk\.json must hold a JSON object, .* {kind}$"):
        app_options(tmp_path)


TRACE = """Traceback (most recent call last):
  File "{app}/app.py", line 5, in <module>
    step = processing.SKLearnStep(stack, "Split", code="nope.py", instance_count=0)
  File "{app}/.venv/lib/python3.11/site-packages/jsii/_runtime.py", line 135, in __call__
    inst = super().__call__(*args, **kwargs)
"""
END = "\npython app.py: Subprocess exited with error 1\n"


def test_of_a_mistake_in_the_app_its_line_and_all_problems_are_told(tmp_path: Path) -> None:
    """Not the frames of jsii's and of this package's, which nobody who reads it wrote."""
    problems = "S/Split (SKLearnStep): one\nS/Split (SKLearnStep): two"
    last = (
        TRACE.format(app=tmp_path)
        + f"cdk_sagemaker_processing.errors.ValidationError: {problems}{END}"
    )

    assert _failure("cdk synth", 1, last, tmp_path) == (
        f"cdk synth failed at app.py, line 5:\n{problems}"
    )


def test_of_any_other_failure_the_last_lines_are_told(tmp_path: Path) -> None:
    """As they are, with the exit code."""
    last = TRACE.format(app=tmp_path) + f"ValueError: no such key{END}"

    assert _failure("cdk synth", 1, last, tmp_path) == (
        f"cdk synth failed (exit code 1); its last lines:\n{last}"
    )

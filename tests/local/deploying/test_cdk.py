import shlex
import sys
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.deploying.cdk import app_options
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

import configparser
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.environments.index import pip_settings


def settings_of(home: Path, **variables: str) -> dict[str, str]:
    """What a job's pip is told, on a machine with these variables."""
    parser = configparser.RawConfigParser()
    parser.read_string(pip_settings({"HOME": str(home), **variables}))
    assert parser.sections() == ["global"]
    return dict(parser["global"])


def write(file: Path, text: str) -> Path:
    """A pip.conf with its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_machine_without_settings_hands_on_none(tmp_path: Path) -> None:
    """Nor does anything that is not about where packages come from go along."""
    assert settings_of(tmp_path) == {}
    assert settings_of(tmp_path, PIP_TARGET="/x", PIP_REQUIRE_VIRTUALENV="1", LANG="C") == {}


def test_files_and_variables_count_as_they_do_for_pip(tmp_path: Path) -> None:
    """The old file, the user's, the one that is named, then variables; a command before all."""
    write(
        tmp_path / ".pip" / "pip.conf",
        "[global]\nindex-url = https://old.test\nretries = 1\nproxy = http://old.test\n",
    )
    write(
        tmp_path / ".config" / "pip" / "pip.conf",
        "[global]\nindex_url = https://user.test\n[install]\nfind-links = /wheels\n",
    )
    named = write(tmp_path / "named.conf", "[global]\nfind-links = /other\ntimeout = 7\n")

    assert settings_of(tmp_path, PIP_CONFIG_FILE=str(named), PIP_TIMEOUT="9") == {
        "find-links": "/wheels",
        "index-url": "https://user.test",
        "proxy": "http://old.test",
        "retries": "1",
        "timeout": "9",
    }


def test_a_file_elsewhere_is_found_by_its_variable(tmp_path: Path) -> None:
    """As pip finds it; a file that is none is left to pip itself to name."""
    write(tmp_path / "xdg" / "pip" / "pip.conf", "[global]\ncert = /ca.pem\n")
    assert settings_of(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "xdg")) == {"cert": "/ca.pem"}

    write(tmp_path / "xdg" / "pip" / "pip.conf", "no section\n")
    assert settings_of(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "xdg")) == {}


@pytest.mark.parametrize(
    ("name", "setting"),
    [("REQUESTS_CA_BUNDLE", "cert"), ("HTTPS_PROXY", "proxy"), ("https_proxy", "proxy")],
)
def test_what_other_programs_are_told_is_a_last_resort(
    tmp_path: Path, name: str, setting: str
) -> None:
    """On a machine where pip works by such a variable alone, a job's works too."""
    assert settings_of(tmp_path, **{name: "value"}) == {setting: "value"}
    assert settings_of(tmp_path, **{name: "value", f"PIP_{setting.upper()}": "own"}) == {
        setting: "own"
    }

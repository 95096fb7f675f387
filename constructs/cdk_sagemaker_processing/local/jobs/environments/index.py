"""Where pip finds packages on this machine, told to the pip of a job.

A job sees neither the user's home nor the user's variables, where a machine behind a company's
proxy or index says so. Of these, what leads to packages is handed on, and nothing else: AWS has
none of it, and a job must not come to depend on it.
"""

import configparser
import os
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

_SETTINGS = frozenset(
    {
        "cert",
        "client-cert",
        "default-timeout",
        "extra-index-url",
        "find-links",
        "index-url",
        "no-index",
        "proxy",
        "retries",
        "timeout",
        "trusted-host",
    }
)
# What pip takes from other programs' variables, through requests.
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def pip_settings(variables: Mapping[str, str] = os.environ) -> str:
    """A pip.conf with what this user's files and variables say of packages' sources.

    The machine's own file, /etc/pip.conf, is not in it: a job's pip reads that by itself.

    Args:
        variables: The user's environment variables.
    """
    files = [_read(file) for file in _files(variables)]
    found = dict(_of_other_programs(variables))
    # A command's own section counts more than the global one, a variable more than both.
    for section in ("global", "install"):
        for file in files:
            found.update(_sources(file.get(section, {})))
    found.update(_sources(_of_variables(variables)))
    written = configparser.RawConfigParser()
    written["global"] = found
    text = StringIO()
    written.write(text)
    return text.getvalue()


def _files(variables: Mapping[str, str]) -> Iterator[Path]:
    """The user's files, those that count more later: pip's documentation, Configuration."""
    home = Path(variables.get("HOME") or Path.home())
    yield home / ".pip" / "pip.conf"
    yield Path(variables.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
    if variables.get("PIP_CONFIG_FILE"):
        yield Path(variables["PIP_CONFIG_FILE"])


def _read(file: Path) -> Mapping[str, Mapping[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file)
    except (configparser.Error, OSError, UnicodeDecodeError):
        # pip itself would name it; here it is another program's file.
        return {}
    return {name: dict(parser[name]) for name in parser.sections()}


def _of_variables(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("PIP_").lower(): value
        for name, value in variables.items()
        if name.startswith("PIP_")
    }


def _of_other_programs(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for setting, names in (("cert", _CERTIFICATES), ("proxy", _PROXIES)):
        for value in [variables[name] for name in names if variables.get(name)][:1]:
            yield setting, value


def _sources(settings: Mapping[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    return {name: value for name, value in named.items() if name in _SETTINGS}

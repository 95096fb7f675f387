"""The lines that point a shell to a local cloud, and away from it."""

import os
import shlex
from collections.abc import Mapping

__all__ = ["exports", "unsets"]

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_EXCEPTIONS = ("NO_PROXY", "no_proxy")
# The AWS CLI takes a profile even where there are keys.
_PROFILE = "AWS_PROFILE"


def exports(variables: Mapping[str, str]) -> list[str]:
    """Return the lines of a shell that set a cloud's variables and leave out what contradicts them.

    Args:
        variables: The cloud's variables.
    """
    others = {name for name in os.environ if name.startswith("AWS_")} - variables.keys()
    return [
        f"unset {' '.join(sorted(others | {_PROFILE}))}",
        *(f"export {name}={shlex.quote(value)}" for name, value in _needed(variables).items()),
    ]


def unsets(variables: Mapping[str, str]) -> list[str]:
    """Return the line of a shell that takes a cloud's variables away again.

    An exception from a proxy stays: it may be the shell's own.

    Args:
        variables: The cloud's variables.
    """
    return [f"unset {' '.join(sorted(variables.keys() - set(_EXCEPTIONS)))}"]


def _needed(variables: Mapping[str, str]) -> dict[str, str]:
    has_proxy = any(os.environ.get(name) or os.environ.get(name.lower()) for name in _PROXIES)
    left_out = () if has_proxy else _EXCEPTIONS
    return {name: value for name, value in variables.items() if name not in left_out}

"""A Spark job's configuration: Amazon EMR's classifications, as far as the container takes them.

The container writes each property into a configuration file as it is, without quoting: what
would break that file, or be left out of it in silence, is refused (aws/sagemaker-spark-container,
smspark/config.py).
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.container import CodeChannel

__all__ = [
    "CLASSIFICATIONS",
    "DEFAULTS",
    "Configuration",
    "Setting",
    "channel",
    "problems",
    "settings",
]

Configuration = Sequence[Mapping[str, Any]] | Mapping[str, Any]

DEFAULTS = "spark-defaults"
_EXPORT = "export"
_KEYS = ("Classification", "Configurations", "Properties")
_JSONATA = re.compile(r"\{%.*%\}", re.DOTALL)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_XML_MARKUP = re.compile(r"<|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")
# What a shell keeps together: an escaped character, quoted text, a variable.
_SHELL_PIECE = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'|\$\{[^}]*\}""", re.DOTALL)
# Where java.util.Properties takes a key to end, a comment to begin or a character to be escaped.
_ENDS_KEY = re.compile(r"[\s=:\\]|^[#!]|^$")
_GOES_ON = re.compile(r"[\r\n]|(?<!\\)(?:\\\\)*\\$")


@dataclass(frozen=True, slots=True)
class Setting:
    """A property that Spark is given in ``spark-defaults``.

    Attributes:
        where: Its place in the user's configuration.
        value: What it is set to.
    """

    where: str
    value: str


def problems(configuration: Configuration | None) -> list[Problem]:
    """Everything in a user's configuration that the container would refuse or lose."""
    if configuration is None:
        return []
    if isinstance(configuration, Mapping):
        return list(_classification("configuration", configuration))
    if isinstance(configuration, Sequence) and not isinstance(configuration, str | bytes):
        return [
            problem
            for at, one in enumerate(configuration)
            for problem in _classification(f"configuration[{at}]", one)
        ]
    return [
        Problem(
            f"configuration must be a list of classifications, got {configuration!r}: "
            "read a file by json.loads(Path(...).read_text())"
        )
    ]


def settings(configuration: Configuration | None) -> dict[str, Setting]:
    """What a configuration without problems sets in ``spark-defaults``; of two the later holds."""
    single = isinstance(configuration, Mapping)
    return {
        name: Setting(
            _property("configuration" if single else f"configuration[{at}]", name),
            str(_plain(value)),
        )
        for at, one in enumerate(_listed(configuration))
        if one["Classification"] == DEFAULTS
        for name, value in one["Properties"].items()
    }


def channel(
    configuration: Configuration | None, properties: Mapping[str, str]
) -> CodeChannel | None:
    """The channel that brings a configuration to the container, None where there is none.

    Args:
        configuration: What the user gave, without problems.
        properties: Spark properties that take the place of the user's.
    """
    if not configuration and not properties:
        return None
    content = json.dumps(_plain(_with(configuration, properties) if properties else configuration))
    return CodeChannel("conf", (File("conf/configuration.json", content=content.encode()),))


def _with(
    configuration: Configuration | None, properties: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    given = _listed(configuration)
    others = [one for one in given if one["Classification"] != DEFAULTS]
    defaults = {name: one.value for name, one in settings(configuration).items()}
    return [*others, {"Classification": DEFAULTS, "Properties": {**defaults, **properties}}]


def _listed(configuration: Configuration | None) -> list[Mapping[str, Any]]:
    if configuration is None:
        return []
    return [configuration] if isinstance(configuration, Mapping) else list(configuration)


def _plain(value: Any) -> Any:
    """The same in types of JSON, a boolean as its word: the container would write Python's."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def _classification(where: str, one: Any) -> Iterator[Problem]:
    if not isinstance(one, Mapping):
        yield Problem(f"{where} must be a mapping with Classification and Properties, got {one!r}")
        return
    yield from _unknown_keys(where, one)
    name = one.get("Classification")
    if not isinstance(name, str) or name not in _WRITERS:
        yield _unknown_name(where, name)
    elif name.endswith("-env"):
        yield from _env(where, one)
    else:
        yield from _nested_in_vain(where, one)
        yield from _properties(where, one, _WRITERS[name])


def _unknown_keys(where: str, one: Mapping[Any, Any]) -> Iterator[Problem]:
    for key in one:
        if key not in _KEYS:
            yield Problem(f"{where}: unknown key {key!r}; the keys are {', '.join(_KEYS)}")


def _unknown_name(where: str, name: object) -> Problem:
    text = f"{where}: Classification must be one of {', '.join(CLASSIFICATIONS)}, got {name!r}"
    if name == _EXPORT:
        text += f": {_EXPORT!r} stands in the Configurations of a classification that ends in -env"
    return Problem(text)


def _env(where: str, one: Mapping[str, Any]) -> Iterator[Problem]:
    name = one["Classification"]
    shape = (
        f"{{'Classification': {name!r}, 'Properties': {{}}, 'Configurations': "
        f"[{{'Classification': {_EXPORT!r}, 'Properties': {{'NAME': 'value'}}}}]}}"
    )
    properties = one.get("Properties")
    if properties != {} or not isinstance(properties, Mapping):
        yield Problem(
            f"{where}: Properties must be an empty mapping, got {properties!r}: what {name} sets "
            f"stands in a nested {_EXPORT!r}: {shape}"
        )
    nested = one.get("Configurations")
    if not nested or not isinstance(nested, Sequence) or isinstance(nested, str):
        yield Problem(
            f"{where}: Configurations must hold a nested {_EXPORT!r}, got {nested!r}: {shape}"
        )
        return
    for at, inner in enumerate(nested):
        yield from _exported(f"{where}.Configurations[{at}]", inner)


def _exported(where: str, one: Any) -> Iterator[Problem]:
    if not isinstance(one, Mapping):
        yield Problem(f"{where} must be a mapping with Classification and Properties, got {one!r}")
        return
    yield from _unknown_keys(where, one)
    if one.get("Classification") != _EXPORT:
        yield Problem(
            f"{where}: Classification must be {_EXPORT!r} within an -env classification, "
            f"got {one.get('Classification')!r}"
        )
    yield from _nested_in_vain(where, one)
    yield from _properties(where, one, _export)


def _nested_in_vain(where: str, one: Mapping[str, Any]) -> Iterator[Problem]:
    if one.get("Configurations"):
        yield Problem(
            f"{where}: Configurations has a meaning only in hadoop-env, hive-env, spark-env and "
            "yarn-env: the container leaves out what stands in it here. Make each of them an item "
            "of the configuration"
        )


def _properties(where: str, one: Mapping[str, Any], writer: "_Writer") -> Iterator[Problem]:
    given = one.get("Properties")
    if not isinstance(given, Mapping):
        yield Problem(f"{where}: Properties must be a mapping, which may be empty, got {given!r}")
        return
    for name, value in given.items():
        yield from _written(_property(where, name), name, value, writer)


def _property(where: str, name: object) -> str:
    return f"{where}.Properties[{name!r}]"


def _written(where: str, name: object, value: object, writer: "_Writer") -> Iterator[Problem]:
    if not isinstance(name, str):
        yield Problem(f"{where}: a property's name must be a string, got {name!r}")
    elif not _is_scalar(value):
        yield Problem(f"{where} must be a string, a number or a boolean, got {value!r}")
    elif any(not is_known(one) or _JSONATA.search(str(one)) for one in (name, value)):
        yield Problem(
            f"{where} is not known at synth, but the configuration is a file that is uploaded "
            "before the run: pass such a value in arguments or environment and set it in the job"
        )
    else:
        yield from writer(where, name, str(value))


def _is_scalar(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | bool | int)


_Writer = Callable[[str, str, str], Iterator[Problem]]


def _line(where: str, name: str, value: str) -> Iterator[Problem]:
    """``name=value``, read by java.util.Properties."""
    if _ENDS_KEY.search(name):
        yield Problem(
            f"{where}: a property's name must hold no blank, '=', ':' or '\\', got {name!r}"
        )
    if _GOES_ON.search(value):
        yield Problem(
            f"{where} must be one line with no '\\' at its end, got {value!r}: the container "
            "writes it into a file in which a line is a property"
        )


def _spark(where: str, name: str, value: str) -> Iterator[Problem]:
    """``name value``, of which Spark takes its own."""
    yield from _line(where, name, value)
    if value.lstrip().startswith(("=", ":")):
        yield Problem(
            f"{where}: Spark leaves out the {value.lstrip()[0]!r} that a value begins with, "
            f"got {value!r}: write '\\' before it"
        )
    if not name.startswith("spark."):
        yield Problem(
            f"{where}: Spark leaves out a property that does not begin with 'spark.'; "
            f"write one of Hadoop as 'spark.hadoop.{name}'"
        )


def _xml(where: str, name: str, value: str) -> Iterator[Problem]:
    """``<name>name</name><value>value</value>``, unescaped."""
    for text in (name, value):
        if _XML_MARKUP.search(text):
            yield Problem(
                f"{where}: the container writes {text!r} into XML as it is: "
                "write & as &amp; and < as &lt;"
            )


def _export(where: str, name: str, value: str) -> Iterator[Problem]:
    """``export name=value``, run by a shell."""
    if not _ENV_NAME.fullmatch(name):
        yield Problem(
            f"{where}: a variable's name is made of letters, digits and _, with no digit first, "
            f"got {name!r}"
        )
    if not _is_one_word(value):
        yield Problem(
            f"{where}: a shell reads {value!r}, which must be one word to it: put it in quotes "
            f"""that are part of the value, such as {'"' + value.strip('"') + '"'!r}"""
        )


def _is_one_word(value: str) -> bool:
    """Whether a shell takes a text for one word; one with a command in it is taken for right."""
    if "$(" in value or "`" in value:
        return True
    return not re.search(r"""[\s;&|<>()"'{\\]""", _SHELL_PIECE.sub("", value))


_WRITERS: Mapping[str, _Writer] = {
    "core-site": _xml,
    "hadoop-env": _export,
    "hadoop-log4j": _line,
    "hive-env": _export,
    "hive-log4j": _line,
    "hive-exec-log4j": _line,
    "hive-site": _xml,
    DEFAULTS: _spark,
    "spark-env": _export,
    "spark-log4j": _line,
    "spark-hive-site": _xml,
    "spark-metrics": _line,
    "yarn-env": _export,
    "yarn-site": _xml,
}
CLASSIFICATIONS = tuple(_WRITERS)

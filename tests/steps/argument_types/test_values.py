"""Texts, numbers, lists and paths of the right kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.steps.argument_types import values
from tests.steps.argument_types.checked import said

Check = Callable[[str, Any], Any]
EXPRESSION = "{% $states.input.x %}"
PATH = sfn.JsonPath.string_at("$.x")
LIST = sfn.JsonPath.list_at("$.x")
NUMBER = sfn.JsonPath.number_at("$.x")
OBJECT = sfn.JsonPath.object_at("$.x")
DEPLOY = cdk.Fn.import_value("x")

RIGHT: dict[str, tuple[Check, list[Any]]] = {
    "list": (
        values.wrong_list,
        [[], ["a"], ("a", PATH, EXPRESSION, DEPLOY), LIST, EXPRESSION, cdk.Fn.split(",", DEPLOY)],
    ),
    "name": (values.wrong_name, ["a", PATH, EXPRESSION]),
    "path": (values.wrong_path, ["a", Path("a"), "s3://a", PATH, EXPRESSION]),
    "paths": (values.wrong_paths, [None, [], ["a", Path("a")], ("s3://a", PATH)]),
    "text": (values.wrong_text, ["", "a", PATH, EXPRESSION, DEPLOY]),
    "texts by name": (values.wrong_texts_by_name, [{}, {"a": "b", "c": PATH, "d": EXPRESSION}]),
    "number": (values.wrong_number, [0, 1, -1, 2.0, NUMBER, EXPRESSION]),
    "flag": (values.wrong_flag, [None, True, False, OBJECT, EXPRESSION]),
    "duration": (values.wrong_duration, [None, cdk.Duration.days(1), cdk.Duration.seconds(NUMBER)]),
    "environment": (values.wrong_environment, [None, {}, {"A": PATH}, OBJECT, EXPRESSION]),
}
WRONG: dict[str, list[tuple[Check, Any, str]]] = {
    "list": [
        (values.wrong_list, "a b", "it must be a list of strings, got the string 'a b': write"),
        (values.wrong_list, PATH, "it must be a list of strings, got the string '${Token"),
        (values.wrong_list, None, "it must be a list of strings, got None"),
        (values.wrong_list, b"a", "it must be a list of strings, got b'a'"),
        (values.wrong_list, {"a"}, "it must be a list of strings, got {'a'}"),
        (values.wrong_list, ["a", 5], "it[1] must be a string, got 5: write '5'"),
        (values.wrong_list, [None], "it[0] must be a string, got None"),
        (values.wrong_list, ["a", *LIST], "it: a list known only at run time or at deploy can"),
    ],
    "name": [
        (values.wrong_name, "", "it must be a string that is not empty, got ''"),
        (values.wrong_name, None, "it must be a string that is not empty, got None"),
    ],
    "path": [
        (values.wrong_path, "", "it must be a path or an S3 URI, got ''"),
        (values.wrong_path, 5, "it must be a path or an S3 URI, got 5"),
    ],
    "paths": [
        (values.wrong_paths, "a", "it must be a list of paths and S3 URIs, got 'a': write ['a']"),
        (values.wrong_paths, Path("a"), "it must be a list of paths and S3 URIs, got PosixPath"),
        (values.wrong_paths, 5, "it must be a list of paths and S3 URIs, got 5"),
        (values.wrong_paths, LIST, "it: the list must be known at synth; its items may be"),
        (values.wrong_paths, ["a", ""], "it[1] must be a path or an S3 URI, got ''"),
    ],
    "text": [
        (values.wrong_text, 5, "it must be a string, got 5: write '5'"),
        (values.wrong_text, True, "it must be a string, got True: write 'true' or 'True'"),
        (values.wrong_text, Path("a"), "it must be a string, got PosixPath('a'): write 'a'"),
        (values.wrong_text, NUMBER, "write f'{...}' around the number to make it text"),
        (values.wrong_text, None, "it must be a string, got None"),
    ],
    "texts by name": [
        (values.wrong_texts_by_name, ["a"], "it must be a mapping of names to strings, got ['a']"),
        (values.wrong_texts_by_name, {5: "a"}, "it key 5 must be a string, got 5"),
        (values.wrong_texts_by_name, {"a": 5}, "it['a'] must be a string, got 5: write '5'"),
    ],
    "number": [
        (values.wrong_number, "2", "it must be a whole number or '{% ... %}', got the string '2'"),
        (values.wrong_number, PATH, "it must be a whole number or '{% ... %}', got the string"),
        (values.wrong_number, None, "it must be a whole number, got None"),
        (values.wrong_number, cdk.Size.gibibytes(1), "it must be a whole number: write size.to_"),
    ],
    "flag": [
        (values.wrong_flag, "true", "it must be True or False, got 'true'; known only at run"),
        (values.wrong_flag, 1, "it must be True or False, got 1"),
        (values.wrong_flag, PATH, "it must be True or False, got '${Token"),
    ],
    "duration": [
        (values.wrong_duration, 60, "it must be a cdk.Duration, got 60: write cdk.Duration.sec"),
        (values.wrong_duration, "1h", "it must be a cdk.Duration, got '1h'"),
    ],
    "environment": [
        (values.wrong_environment, "A=1", "it must be a mapping of names to strings, got 'A=1'"),
        (values.wrong_environment, {"A": 1}, "it['A'] must be a string, got 1: write '1'"),
    ],
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_fits_is_taken(kind: str) -> None:
    """Values of the run and of the deploy too."""
    check, taken = RIGHT[kind]

    assert [said(check, one) for one in taken] == [[] for _ in taken]


@pytest.mark.parametrize(
    ("kind", "at"), [(kind, at) for kind in WRONG for at in range(len(WRONG[kind]))]
)
def test_what_does_not_fit_is_told_with_what_does(kind: str, at: int) -> None:
    """Once, with what came."""
    check, value, words = WRONG[kind][at]

    (problem,) = said(check, value)

    assert words in problem

"""Comments that quiet a tool."""

from pathlib import Path

import pytest

from tools.quality import suppressions


@pytest.mark.parametrize(
    ("comment", "wrong"),
    [
        ("# noqa: S101 # the id is this library's own", None),
        ("# noqa: S101, S108 - inside of the sandbox", None),
        ("# type: ignore[arg-type] # the point of the test", None),
        ("# type: ignore[import-not-found]  # noqa: PLC0415 - it has just come", None),
        ("# pragma: no cover - only where there is no /proc", None),
        ("# what a reader has to know", None),
        ("# noqa", "noqa without a code"),
        ("# type: ignore # because", "type: ignore without a code"),
        ("# noqa: S101", "noqa without a reason"),
        ("# noqa: S101 #", "noqa without a reason"),
        ("# type: ignore[misc, arg-type]", "type: ignore without a reason"),
        ("# type: ignore[misc] # noqa: S101", "noqa without a reason"),
        ("# pragma: no branch", "pragma: no branch without a reason"),
        ("# fmt: skip", "fmt: skip without a reason"),
    ],
)
def test_a_comment_that_quiets_a_tool_says_what_and_why(comment: str, wrong: str | None) -> None:
    """A reason stands behind the last code; a comment that quiets nothing needs none."""
    assert suppressions.unreasoned(comment) == wrong


def test_the_comment_above_gives_the_reason_for_the_lines_below_it(tmp_path: Path) -> None:
    """For as long as they follow each other; what stands in a string is no comment."""
    file = tmp_path / "module.py"
    file.write_text(
        "# The job's own folders.\n"
        "A = '/tmp/a'  # noqa: S108\n"
        "B = '/tmp/b'  # noqa: S108\n"
        "\n"
        "C = '/tmp/c'  # noqa: S108\n"
        "D = '# noqa'\n"
    )
    figure = suppressions.figure([file])
    assert figure.measured == "3 noqa"
    assert figure.offenders == (f"{file}:5: noqa without a reason",)


def test_each_exception_of_the_project_has_its_reason() -> None:
    """In the package, the tests and the tools."""
    assert suppressions.figure().offenders == ()

"""Where tests sleep."""

from pathlib import Path

import pytest

from tools.quality import sleeps


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import time\ntime.sleep(1)\n", [2]),
        ("from time import sleep as rest\nrest(1)\n", [2]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(1)\n", [3]),
        ("import time\nfor _ in range(3):\n    time.sleep(1)\n", [3]),
        ("import time\nwhile True:\n    time.sleep(1)\n", [3]),
        ("import time\nwhile not done():\n    time.sleep(1)\n", []),
        ("import time\nwhile True:\n    if done():\n        break\n    time.sleep(1)\n", []),
        ("time = Time()\ntime.sleep(90)\n", []),
        ("JOB = 'import time; time.sleep(600)'\n", []),
    ],
    ids=[
        "plainly", "by another name", "asynchronously", "again and again", "for ever",
        "until a condition holds", "until a condition leaves the loop", "a fake's time", "a job's",
    ],
)  # fmt: skip # the names beside each other
def test_what_sleeps_is_found(text: str, lines: list[int]) -> None:
    """Unless it does so between two looks at what it waits for."""
    assert sleeps.sleeps(text) == lines


def test_a_sleep_needs_a_reason(tmp_path: Path) -> None:
    """On its line or on the one above."""
    file = tmp_path / "test_it.py"
    file.write_text(
        "import time\n"
        "time.sleep(1)  # sleeps: the clock is what is tested\n"
        "# sleeps: nothing may follow\n"
        "time.sleep(2)\n"
        "\n"
        "time.sleep(3)\n"
    )
    figure = sleeps.figure([file])
    assert figure.measured == "3"
    assert figure.offenders == (f"{file}:6: time.sleep(3)",)


def test_each_sleep_of_the_tests_has_its_reason() -> None:
    """All others wait for a condition."""
    assert sleeps.figure().offenders == ()

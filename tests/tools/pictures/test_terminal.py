import os
from pathlib import Path

import pytest
from rich.text import Text

from tools.pictures.drawing import draw
from tools.pictures.terminal import WIDTH, Cue, RecordingError, record


def recorded(folder: Path, script: str, *cues: Cue, exit_code: int = 0) -> Text:
    """The last screen of a shell's script."""
    return record(
        ["sh", "-c", script],
        folder=folder,
        environment=os.environ,
        cues=cues,
        exit_code=exit_code,
    )


def test_the_last_screen_is_recorded_with_its_colours(tmp_path: Path) -> None:
    """What was written over is gone."""
    screen = recorded(tmp_path, r"printf 'half\rwhole \033[1;31mred\033[0m\n  end\n\n'")

    assert screen.plain == "whole red\n  end"
    (styled,) = [span for span in screen.spans if "red" in str(span.style)]
    assert (screen.plain[styled.start : styled.end], str(styled.style)) == (
        "red",
        "bold not italic not underline red",
    )


def test_a_command_is_told_how_wide_its_terminal_is(tmp_path: Path) -> None:
    """So that it breaks its lines there."""
    assert recorded(tmp_path, "stty size; echo $COLUMNS").plain == f"80 {WIDTH}\n{WIDTH}"


def test_what_is_above_its_folder_is_told_as_a_home(tmp_path: Path) -> None:
    """No picture shows where it was made."""
    folder = tmp_path / "nightly"
    folder.mkdir()

    assert recorded(folder, "pwd").plain == "~/nightly"


def test_each_cue_is_taken_once_and_then_the_command_is_interrupted(tmp_path: Path) -> None:
    """Though both texts come at once, and the command would go on for ever."""
    seen: list[str] = []
    go_on = tmp_path / "go"

    screen = recorded(
        tmp_path,
        r"printf 'ready\nready\n'; until test -e go; do sleep 0.05; done; echo gone; sleep 60",
        Cue("ready", seen.append),
        Cue("ready", lambda _: go_on.touch()),
        Cue("gone"),
    )

    assert seen == ["ready" + "\n" * 79]
    assert screen.plain == "ready\nready\ngone"


def test_a_screen_may_begin_anew_with_a_cue(tmp_path: Path) -> None:
    """With the line that it is in, as far as that is written."""
    script = r"printf 'before\n  from here'; printf ' on\nafter\n'; sleep 60"

    screen = recorded(tmp_path, script, Cue("from here", clear=True), Cue("after"))

    assert screen.plain == "  from here on\nafter"


@pytest.mark.parametrize(
    ("script", "cues", "told"),
    [
        ("echo no; exit 3", [], r"ended with 3:\nno"),
        ("echo no; exit 3", [Cue("yes")], r"no 'yes' by .*:\nno"),
    ],
    ids=["another exit code", "no cue"],
)
def test_a_command_that_does_something_else_makes_no_picture(
    tmp_path: Path, script: str, cues: list[Cue], told: str
) -> None:
    """What it showed is told instead."""
    with pytest.raises(RecordingError, match=told):
        recorded(tmp_path, script, *cues)


def test_a_failure_may_be_what_is_shown(tmp_path: Path) -> None:
    """When it is the one that was expected."""
    assert recorded(tmp_path, "echo broken; exit 3", exit_code=3).plain == "broken"


def test_the_same_screen_makes_the_same_drawing() -> None:
    """With its title, and no font that is fetched."""
    drawing = draw(Text("a line"), "$ command")

    assert drawing == draw(Text("a line"), "$ command")
    assert "a&#160;line" in drawing
    assert "$&#160;command" in drawing
    assert "@font-face" not in drawing

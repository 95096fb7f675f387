import io
import re

import pytest
from rich.console import Console

from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from tests.waiting import until


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), width=80, force_terminal=terminal, no_color=True)


def printed(to: Console) -> str:
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def test_each_stage_leaves_one_line() -> None:
    """Its outcome, its name, its time and what it came to."""
    to = console(terminal=False)
    stages = Stages(to)
    with stages.stage("Tools") as stage:
        stages.report("installing [much]")
        stage.detail = "Node [x]"
    with stages.stage("Deploy") as stage:
        stage.detail = "2 stacks"
    first, second = printed(to).splitlines()
    assert first.split() == ["✓", "Tools", "0.0", "s", "Node", "[x]"]
    assert second.split() == ["✓", "Deploy", "0.0", "s", "2", "stacks"]
    assert first.index("0.0") == second.index("0.0")


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("no"), ["✗", "failed"]), (Interrupted(2), ["■", "interrupted"])],
)
def test_a_stage_that_does_not_end_well_says_so(error: BaseException, told: list[str]) -> None:
    """The error goes on to whoever handles it."""
    to = console(terminal=False)
    stages = Stages(to)
    with pytest.raises(type(error)), stages.stage("Deploy"):
        raise error
    line = printed(to).split()
    assert [line[0], line[-1]] == told


def test_a_long_stage_tells_what_it_does_where_nothing_is_live(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A log of a build shows that something goes on, yet not every line of it."""
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    to = console(terminal=False)
    stages = Stages(to)
    with stages.stage("Deploy"):
        stages.report("1 of 9")
        now = 111.0
        stages.report("2 of 9")
        stages.report("3 of 9")
    assert printed(to).splitlines()[0] == "… Deploy: 2 of 9"
    assert len(printed(to).splitlines()) == 2


def test_a_terminal_shows_the_stage_live() -> None:
    """What is being done stands beside the spinner; the outcome replaces it."""
    to = console(terminal=True)
    stages = Stages(to)
    with stages.stage("Deploy") as stage:
        stages.report("1 of 9 resources")
        until(lambda: "1 of 9 resources" in printed(to))
        stage.detail = "2 stacks"
    last = plain(printed(to)).splitlines()[-1]
    assert last.startswith("✓ Deploy ")
    assert last.rstrip().endswith("2 stacks")


def test_a_report_without_a_stage_goes_nowhere() -> None:
    """What is told between stages does no harm."""
    to = console(terminal=False)
    Stages(to).report("late")
    assert printed(to) == ""

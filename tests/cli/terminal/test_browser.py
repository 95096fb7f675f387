import sys
import webbrowser

import pytest

from cdk_sagemaker_processing.cli.terminal.browser import open_page


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that the system's browser was asked for."""
    pages: list[str] = []

    def open_in_browser(url: str) -> bool:
        pages.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", open_in_browser)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return pages


@pytest.mark.parametrize("name", ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"])
def test_a_page_opens_where_there_is_a_display(
    name: str, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or somebody has chosen a browser."""
    monkeypatch.setenv(name, "x")
    assert open_page("http://127.0.0.1:1/")
    assert opened == ["http://127.0.0.1:1/"]


def test_without_a_display_the_terminal_is_left_alone(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python would run a browser for text in it, as over ssh. Only Linux tells by variables."""
    monkeypatch.setattr(sys, "platform", "linux")
    assert not open_page("http://127.0.0.1:1/")
    assert opened == []
    monkeypatch.setattr(sys, "platform", "darwin")
    assert open_page("http://127.0.0.1:1/")

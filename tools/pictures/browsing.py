"""What Chromium shows of a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, without a window.

    Raises:
        FileNotFoundError: There is none.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if program is None:
        raise FileNotFoundError("there is no Chromium: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        # Its own sandbox needs more rights than a container has; it opens our own pages alone.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()

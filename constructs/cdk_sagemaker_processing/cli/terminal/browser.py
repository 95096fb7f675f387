"""A page in the browser of whoever sits at this machine."""

import os
import sys
import webbrowser

__all__ = ["open_page"]

_DISPLAYS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


def open_page(url: str) -> bool:
    """Open a page in a browser, and return whether there is one to open it in.

    Where there is no display, Python would take a browser for text, and with it the terminal.

    Args:
        url: The page's address.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _DISPLAYS):
        return False
    return webbrowser.open(url)

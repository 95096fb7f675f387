"""A terminal's screen as an SVG."""

import io
import re

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tools.pictures.terminal import WIDTH

__all__ = ["draw"]

# Ink and signal colours that are readable on the paper: 4.5 to 1 at the least.
_THEME = TerminalTheme(
    background=(24, 29, 38),
    foreground=(215, 221, 230),
    normal=[
        (110, 122, 138),
        (255, 123, 114),
        (110, 206, 128),
        (229, 192, 96),
        (122, 172, 255),
        (210, 150, 255),
        (98, 200, 220),
        (215, 221, 230),
    ],
    bright=[
        (150, 160, 175),
        (255, 150, 142),
        (140, 226, 156),
        (245, 212, 124),
        (150, 190, 255),
        (222, 175, 255),
        (130, 218, 236),
        (245, 248, 252),
    ],
)  # fmt: skip - two rows of colours in their order
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def draw(screen: Text, title: str) -> str:
    """The screen as an SVG that fetches nothing.

    Args:
        screen: The lines.
        title: What stands above them.
    """
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    # The empty line keeps what reaches below the last one's letters.
    console.print(screen, end="\n\n", soft_wrap=False)
    # The same screen makes the same file.
    picture = console.export_svg(title=title, theme=_THEME, unique_id="terminal")
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    return picture.replace("Fira Code, monospace", _FONT)

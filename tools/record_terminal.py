"""Record what a command shows on a terminal as a picture (SVG).

    python tools/record_terminal.py docs/pictures/demo.svg "make demo" --until "Ctrl-C ends both."

Runs the command on a terminal of its own, waits for its end or for the text given, ends it with
Ctrl-C in the latter case, and draws the last screen.
"""

import argparse
import os
import pty
import re
import struct
import termios
from fcntl import ioctl
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH, HEIGHT = 108, 70
INTERRUPT = b"\x03"
# pyte's names of colours that rich calls otherwise.
COLOURS = {"brown": "yellow", "default": None}


def record(command: str, until: str | None) -> pyte.Screen:
    """Run a command on a terminal and return its last screen."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(WIDTH), LINES=str(HEIGHT))
        os.execvp("sh", ["sh", "-c", command])  # noqa: S606, S607 # the command is the caller's own
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    while data := _read(terminal):
        stream.feed(data)
        if until and any(until in line for line in screen.display):
            os.write(terminal, INTERRUPT)
            while _read(terminal):
                # What it says of its end is not part of the picture.
                pass
            break
    os.waitpid(child, 0)
    return screen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # The terminal's other end is closed.
        return b""


def as_text(screen: pyte.Screen) -> Text:
    """The screen with its colours, without empty lines at its end."""
    lines = []
    for row in range(HEIGHT):
        cells = [screen.buffer[row][column] for column in range(WIDTH)]
        line = Text()
        for style, run in groupby(cells, _style):
            line.append("".join(cell.data for cell in run), style)
        line.rstrip()
        lines.append(line)
    while lines and not lines[-1].plain:
        lines.pop()
    return Text("\n").join(lines)


def _style(cell: pyte.screens.Char) -> Style:
    colour = COLOURS.get(cell.fg, cell.fg)
    return Style(color=colour, bold=cell.bold, italic=cell.italics)


def draw(text: Text, title: str) -> str:
    """The text as an SVG that fetches nothing."""
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 # ends with the process
    console.print(text, soft_wrap=False)
    picture = console.export_svg(title=title, theme=MONOKAI)
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


def main() -> None:
    """Record as the command line says."""
    parser = argparse.ArgumentParser(description="Record a command's screen as an SVG")
    parser.add_argument("target", type=Path)
    parser.add_argument("command")
    parser.add_argument("--until", help="end it with Ctrl-C when this text is on the screen")
    given = parser.parse_args()
    screen = record(given.command, given.until)
    given.target.write_text(draw(as_text(screen), f"$ {given.command}"))
    print(f"wrote {given.target}")


if __name__ == "__main__":
    main()

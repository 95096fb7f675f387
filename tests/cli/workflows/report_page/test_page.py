import html
import json
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.cli.workflows.report_page import render
from cdk_sagemaker_processing.runs.report.prices import read_prices
from cdk_sagemaker_processing.runs.report.report import RunReport, read_report
from tests.runs.histories import START
from tests.runs.report.fakes import Aws, Execution, failed, job, succeeded

DEFINITION = {
    "StartAt": "Clean",
    "States": {
        "Clean": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
            "Parameters": {},
            "Next": "Done",
        },
        "Done": {"Type": "Pass", "End": True},
    },
}


class Page(HTMLParser):
    """A page's elements, their attributes, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self._open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self._open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """Forget what is closed."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if not {"svg", "style"} & set(self._open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All its text but that of pictures, a space for each stretch of white space."""
        return " ".join(" ".join(self.texts).split())


def report(aws: Aws, execution: Execution) -> RunReport:
    return read_report(aws, aws.add(execution), read_prices())


def good() -> RunReport:
    aws = Aws()
    aws.sagemaker.jobs["clean-1"] = job()
    for number in (1, 2):
        started = START - timedelta(days=number)
        aws.add(Execution(f"before-{number}", succeeded(), started=started, seconds=300 * number))
    return report(aws, Execution("x", succeeded()))


def test_it_tells_what_a_person_asks_of_a_run() -> None:
    """The run, its times, its cost and where the prices are from, its input."""
    page = Page(render(good()))
    for told in (
        "Flights/Nightly ✓ succeeded in 10 min 00 s",
        "Run x Stack Flights Started 2026-01-05 12:00:00 UTC Ended 2026-01-05 12:10:00 UTC",
        "Instance-hours 0.200 Estimated cost 0.05 USD",
        "✓ Clean SKLearn succeeded",
        "Beside the last 2 runs of the workflow that succeeded before this one",
        "The run 7 min 30 s 10 min 00 s 33% longer than the median",
        "An estimate: the jobs' running time by the second, by prices of us-east-1",
        "as of 2025-01-01 (source: https://aws.amazon.com/sagemaker/ai/pricing/",
        "sagemaker-processing history open --job clean-1 --stack Flights --region eu-west-1",
        'Input {"day": "2026-01-05"}',
    ):
        assert told in page.text


def test_it_asks_for_nothing_and_runs_nothing() -> None:
    """No script, picture, style sheet or font of elsewhere, and a policy that forbids them."""
    page = Page(render(good()))
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(page.elements)
    assert not {"src", "srcset", "onload", "data"} & {name for name, _ in page.attributes}
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in page.attributes
    assert "url(" not in render(good())
    assert "@import" not in render(good())


def test_its_links_lead_to_the_console() -> None:
    """The run, its job, the job's log, its outputs."""
    run = good()
    assert run.console is not None
    page = Page(render(run))
    home = "https://eu-west-1.console.aws.amazon.com"
    assert [value for name, value in page.attributes if name == "href"] == [
        f"{home}/states/home?region=eu-west-1#/v2/executions/details/{run.run.arn}",
        f"{home}/sagemaker/home?region=eu-west-1#/processing-jobs/clean-1",
        run.console.log("clean-1"),
        f"{home}/s3/buckets/data?region=eu-west-1&prefix=run%2Ftrain%2F",
    ]


def test_without_a_console_it_names_the_commands() -> None:
    """As of a run in the local cloud."""
    page = Page(render(replace(good(), console=None)))
    assert "href" not in {name for name, _ in page.attributes}
    assert "sagemaker-processing logs JOB prints a job's log." in page.text


def test_types_without_a_price_are_named() -> None:
    """Nobody takes the sum for the whole."""
    aws = Aws()
    cluster = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.z9.huge"}}
    aws.sagemaker.jobs["clean-1"] = job(ProcessingResources=cluster)
    page = Page(render(report(aws, Execution("x", succeeded()))))
    assert "Estimated cost 0.00 USD, without ml.z9.huge" in page.text
    assert "The table has no price of ml.z9.huge: only their hours are counted." in page.text


def test_states_that_a_run_never_came_to_are_named() -> None:
    """They have no row in the timeline."""
    page = Page(render(report(Aws(), Execution("x", failed(), "FAILED"))))
    assert "Not come to: Done." in page.text
    assert "Why it failed Clean: States.TaskFailed exit code: 1" in page.text


hostile = st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</pre></style><style>*{}",
        "' onmouseover='alert(1)",
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "<!-- ",
        "]]>&lt;&amp;\x00\x1b[31m",
        "\ud800",
    ]
) | st.text(max_size=30)


@given(hostile, hostile, hostile, hostile, hostile)
@settings(deadline=None)
def test_whatever_is_said_of_a_run_stays_text(
    state: str, job_name: str, error: str, line: str, uri: str
) -> None:
    """No name, log line, cause, input or URI makes an element or an attribute of its own."""
    expected = Page(render(_said("Clean", "clean-1", "an error", "a line", "data")))

    source = render(_said(state, job_name, error, line, uri))

    source.encode()
    page = Page(source)
    assert page.elements == expected.elements
    names = [name for name, _ in page.attributes]
    assert names == [name for name, _ in expected.attributes]
    links = [value or "" for name, value in page.attributes if name == "href"]
    console = "https://eu-west-1.console.aws.amazon.com/"
    assert all(link.startswith(console) for link in links)


def _said(state: str, job_name: str, error: str, line: str, uri: str) -> RunReport:
    told = report_of_a_failure()
    (clean, done), (failure,) = told.states, told.failures
    (made,) = clean.jobs
    progress = replace(clean.progress, state=replace(clean.progress.state, name=f"S{state}"))
    output = replace(made.outputs[0], uri=f"s3://b/{uri}")
    mended = replace(made, name=f"j{job_name}", outputs=(output,), status=f"s{error}")
    return replace(
        told,
        input=f"i{line}",
        states=(replace(clean, progress=progress, jobs=(mended,)), done),
        failures=(
            replace(
                failure,
                state=f"S{state}",
                job=f"j{job_name}",
                error=f"e{error}",
                cause=f"c{json.dumps(error)}",
                log=(f"l{line}", f"l{html.escape(line)}"),
            ),
        ),
    )


def report_of_a_failure() -> RunReport:
    aws = Aws(json.dumps(DEFINITION))
    aws.sagemaker.jobs["clean-1"] = job(ProcessingJobStatus="Failed")
    aws.logs.streams = {"clean-1/algo-1": ["Traceback"]}
    return report(aws, Execution("x", failed(), "FAILED"))


def test_what_a_log_says_is_read_as_it_was_written() -> None:
    """But for the colours of a terminal."""
    told = report_of_a_failure()
    log = ("\x1b[31m<b>no</b> & 'rows'\x1b[0m", "  indented")
    page = Page(render(replace(told, failures=(replace(told.failures[0], log=log),))))
    assert "<b>no</b> & 'rows'\n  indented" in page.texts

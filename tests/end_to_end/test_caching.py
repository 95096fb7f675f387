"""A step's job is left out where an earlier success still stands, and in no doubt."""

import json
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_s3 as s3

raw = s3.Bucket(stack, "Raw")
cdk.CfnOutput(stack, "RawBucket", value=raw.bucket_name)
bare = sfn.QueryLanguage.JSONATA
day = {None: sfn.JsonPath.string_at("$.day"), bare: "{% $states.input.day %}"}

def steps(name, language=None, **options):
    options = {"cache": cdk.Duration.days(7), "result_name": "split", **options}
    split = processing.SKLearnStep(
        stack, f"{name} split", code="split.py", arguments=["--day", day[language]],
        inputs=[processing.ProcessingInput(
            raw.s3_url_for_object(f"{name}/"), "/opt/ml/processing/input/raw")],
        outputs=[processing.ProcessingOutput("words")], query_language=language,
        base_job_name=f"{name.lower()}-split", **options)
    count = processing.SKLearnStep(
        stack, f"{name} count", code="count.py", query_language=language,
        inputs=[processing.ProcessingInput(split.output("words"))],
        base_job_name=f"{name.lower()}-count", outputs=[processing.ProcessingOutput("counted")])
    return split.next(count)

def flow(name, language=None, **options):
    processing.ProcessingWorkflow(
        stack, name, definition=steps(name, language, **options), query_language=language)

flow("Paths")
flow("Expressions", bare)
flow("Short", cache=cdk.Duration.seconds(1))
flow("Silent", result_name=None)
mapped = sfn.Map(stack, "Each day", items_path="$.days", result_path="$.all")
processing.ProcessingWorkflow(stack, "Mapped", definition=mapped.item_processor(
    steps("Inner", cache=cdk.Duration.days(1), request_overrides={
        "ProcessingOutputConfig.Outputs[0].S3Output.S3Uri":
            f"s3://{processing.ProcessingStorage.of(stack).outputs.bucket_name}/mapped/"
            f"{processing.Execution.name()}/{sfn.JsonPath.string_at('$.day')}/"})))
"""

SPLIT = """
import sys
from pathlib import Path
words = []
for one in sorted(Path("/opt/ml/processing/input/raw").rglob("*.txt")):
    words += one.read_text().split()
if "fail" in words:
    sys.exit("the word is fail")
to = Path("/opt/ml/processing/output/words")
(to / "words.txt").write_text(" ".join([sys.argv[2], *words]))
"""

COUNT = """
from pathlib import Path
text = Path("/opt/ml/processing/input/words/words.txt").read_text()
Path("/opt/ml/processing/output/counted/counted.txt").write_text(text + "!")
Path("/opt/ml/output/message").write_text(text[:1000])
"""

LANGUAGES = pytest.mark.parametrize("machine", ["Paths", "Expressions"])


class Flow:
    """A workflow of a step with a cache and one that reads what it writes."""

    def __init__(self, cloud: Cloud, outputs: dict[str, str], name: str) -> None:
        self.s3 = cloud.local.client("s3")
        self.bucket = outputs["RawBucket"]
        self._cloud = cloud
        self._machine = outputs[name]
        self._name = name

    def put(self, key: str, text: str) -> None:
        """Write an object of the input."""
        self.s3.put_object(Bucket=self.bucket, Key=f"{self._name}/{key}", Body=text.encode())

    def delete(self, key: str) -> None:
        """Delete an object of the input."""
        self.s3.delete_object(Bucket=self.bucket, Key=f"{self._name}/{key}")

    def run(self, name: str, day: str, **given: Any) -> Execution:
        """Run it for a day, by which each test has what is remembered for itself."""
        return self._cloud.run(self._machine, f"{self._name}-{day}-{name}", day=day, **given)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app of the workflows."""
    folder = tmp_path_factory.mktemp("app") / "caching"
    return write_app(folder, STACK, split=SPLIT, count=COUNT)


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, app: Path) -> dict[str, str]:
    """The outputs of the deployed stack."""
    return cloud.deploy_all(app)


def jobs(execution: Execution) -> list[str]:
    """Which jobs ran, by what their names begin with."""
    assert execution.status == "SUCCEEDED", execution.cause
    return [one["ProcessingJobName"].split("-")[1] for one in execution.jobs]


def split_of(execution: Execution) -> dict[str, Any]:
    """The result of the step in the execution's output."""
    found: dict[str, Any] = json.loads(execution.description["output"])["split"]
    return found


def states_of(cloud: Cloud, execution: Execution) -> list[str]:
    """The states that were entered, in their order."""
    client = cloud.local.client("stepfunctions")
    arn = execution.description["executionArn"]
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    return [one["stateEnteredEventDetails"]["name"] for one in events if _ENTERED in one]


_ENTERED = "stateEnteredEventDetails"


@LANGUAGES
def test_the_second_run_of_the_same_is_left_out(
    cloud: Cloud, outputs: dict[str, str], machine: str
) -> None:
    """The step's output is the source run's and names it; who comes after reads the right data."""
    flow = Flow(cloud, outputs, machine)
    flow.put("a.txt", "one two")

    first = flow.run("first", "monday")
    second = flow.run("second", "monday")

    assert jobs(first) == ["split", "count"]
    assert jobs(second) == ["count"]
    assert split_of(first)["CachedFrom"] is None
    source = first.description["executionArn"]
    assert split_of(second) == {**split_of(first), "CachedFrom": source}
    assert second.jobs[0]["ExitMessage"] == "monday one two"
    assert json.loads(second.description["output"])["day"] == "monday"


def test_the_history_tells_what_was_done(cloud: Cloud, outputs: dict[str, str]) -> None:
    """The states say which way was gone, where the output says nothing of it."""
    flow = Flow(cloud, outputs, "Silent")
    flow.put("a.txt", "one")

    first = flow.run("first", "history")
    second = flow.run("second", "history")

    look, known = "Silent split: look", "Silent split: known"
    assert states_of(cloud, first)[:-1] == [
        *("Silent split: key", known, look, known, "Silent split: read", "Silent split"),
        *("Silent split: ran", "Silent split: unchanged", "Silent split: look again"),
        *("Silent split: unchanged", "Silent split: look again", "Silent split: unchanged"),
        *("Silent split: keep", "Silent split: done"),
    ]
    assert states_of(cloud, second)[:-1] == [
        *("Silent split: key", known, look, known, "Silent split: read", known, look, known),
        *("Silent split: cached", "Silent split: done"),
    ]
    assert json.loads(second.description["output"]) == {"day": "history"}


def _other_text(flow: Flow, first: Execution) -> None:  # noqa: ARG001 # as the others
    flow.put("a.txt", "two one")


def _one_more(flow: Flow, first: Execution) -> None:  # noqa: ARG001 # as the others
    flow.put("b.txt", "three")


def _other_name(flow: Flow, first: Execution) -> None:  # noqa: ARG001 # as the others
    flow.delete("a.txt")
    flow.put("c.txt", "one two")


def _gone_output(flow: Flow, first: Execution) -> None:
    flow.s3.delete_object(**_place(first, "words.txt"))


def _tampered_output(flow: Flow, first: Execution) -> None:
    flow.s3.put_object(**_place(first, "words.txt"), Body=b"changed")


def _one_more_output(flow: Flow, first: Execution) -> None:
    flow.s3.put_object(**_place(first, "more.txt"), Body=b"more")


def _place(execution: Execution, name: str) -> dict[str, str]:
    uri = output_of(execution.jobs[0], "words")
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": f"{prefix}{name}"}


@pytest.mark.parametrize(
    "change",
    [_other_text, _one_more, _other_name, _gone_output, _tampered_output, _one_more_output],
)
def test_whatever_changed_runs_the_step(
    cloud: Cloud, outputs: dict[str, str], change: Callable[[Flow, Execution], None]
) -> None:
    """An input's content, number or name; an output that is gone, changed or not alone."""
    flow = Flow(cloud, outputs, "Paths")
    for name in ("b.txt", "c.txt"):
        flow.delete(name)
    flow.put("a.txt", "one two")
    day = change.__name__.strip("_")
    first = flow.run("first", day)

    change(flow, first)
    second = flow.run("second", day)

    assert jobs(second) == jobs(first) == ["split", "count"]
    assert split_of(second)["CachedFrom"] is None


@pytest.mark.parametrize(
    "broken", ["", "null", '"\\"\\""', "[]", "{}", '{"Result": null}'], ids=repr
)
def test_a_record_that_says_too_little_runs_the_step(
    cloud: Cloud, outputs: dict[str, str], broken: str
) -> None:
    """One that someone else wrote there; or one of before the step had a result_name."""
    flow = Flow(cloud, outputs, "Paths")
    flow.put("a.txt", "one")
    day = f"broken{broken.encode().hex()}"
    first = flow.run("first", day)
    bucket = _place(first, "")["Bucket"]
    (key,) = _records_of(flow, bucket, first)
    if broken == '{"Result": null}':
        whole = json.loads(flow.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        broken = json.dumps({**whole, "Result": None})
    flow.s3.put_object(Bucket=bucket, Key=key, Body=broken.encode())

    assert jobs(flow.run("second", day)) == jobs(first) == ["split", "count"]


def _records_of(flow: Flow, bucket: str, execution: Execution) -> list[str]:
    """The keys of what is kept of an execution."""
    pages = flow.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=".cache/")
    keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
    arn = execution.description["executionArn"].encode()
    return [key for key in keys if arn in flow.s3.get_object(Bucket=bucket, Key=key)["Body"].read()]


def test_the_same_written_anew_is_the_same(cloud: Cloud, outputs: dict[str, str]) -> None:
    """What counts is what is in an input, not when it was written."""
    flow = Flow(cloud, outputs, "Paths")
    flow.put("a.txt", "again")
    first = flow.run("first", "anew")

    flow.put("a.txt", "again")

    assert split_of(flow.run("second", "anew"))["CachedFrom"] == first.description["executionArn"]


@LANGUAGES
def test_other_arguments_run_the_step(cloud: Cloud, outputs: dict[str, str], machine: str) -> None:
    """Those that only the run knows, too; what was remembered of the first stays."""
    flow = Flow(cloud, outputs, machine)
    flow.put("a.txt", "one")

    for day in ("tuesday", "wednesday"):
        assert jobs(flow.run("first", day)) == ["split", "count"]
    assert jobs(flow.run("second", "tuesday")) == ["count"]


def test_an_old_success_stands_no_more(cloud: Cloud, outputs: dict[str, str]) -> None:
    """It is a second old, and that is all it was kept for."""
    flow = Flow(cloud, outputs, "Short")
    flow.put("a.txt", "one")
    first = flow.run("first", "old")
    # sleeps: the record was written before the second job ran; what it waits for is the clock
    time.sleep(1)

    assert jobs(flow.run("second", "old")) == jobs(first) == ["split", "count"]


def test_a_failure_is_not_remembered(cloud: Cloud, outputs: dict[str, str]) -> None:
    """Not the failed job's, and it does not hide what follows."""
    flow = Flow(cloud, outputs, "Paths")
    flow.put("a.txt", "fail")

    failures = [flow.run(name, "failing") for name in ("first", "second")]

    assert [one.status for one in failures] == ["FAILED", "FAILED"]
    assert [len(one.jobs) for one in failures] == [1, 1]


def test_more_inputs_than_are_looked_at_run_the_step(cloud: Cloud, outputs: dict[str, str]) -> None:
    """A thousand are looked at, page by page; with one more nobody could tell, so it runs."""
    flow = Flow(cloud, outputs, "Silent")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: flow.put(f"many/{at}.txt", "x"), range(999)))
    flow.put("a.txt", "one")

    assert jobs(flow.run("first", "many")) == ["split", "count"]
    assert jobs(flow.run("second", "many")) == ["count"]
    flow.put("b.txt", "one too many")
    assert jobs(flow.run("third", "many")) == ["split", "count"]
    assert jobs(flow.run("fourth", "many")) == ["split", "count"]
    flow.delete("b.txt")
    assert jobs(flow.run("fifth", "many")) == ["count"]


def test_each_iteration_of_a_map_has_what_it_remembers(
    cloud: Cloud, outputs: dict[str, str]
) -> None:
    """Of three days one is new, and only its job runs."""
    s3 = cloud.local.client("s3")
    s3.put_object(Bucket=outputs["RawBucket"], Key="Inner/a.txt", Body=b"one")

    first = cloud.run(outputs["Mapped"], "mapped-1", days=[{"day": "a"}, {"day": "b"}])
    second = cloud.run(
        outputs["Mapped"], "mapped-2", days=[{"day": "a"}, {"day": "c"}, {"day": "b"}]
    )

    assert sorted(jobs(first)) == ["count", "count", "split", "split"]
    assert sorted(jobs(second)) == ["count", "count", "count", "split"]
    read = sorted(one["ExitMessage"] for one in second.jobs if "ExitMessage" in one)
    assert read == ["a one", "b one", "c one"]
    arn = first.description["executionArn"]
    days = json.loads(second.description["output"])["all"]
    assert [one["split"]["CachedFrom"] for one in days] == [arn, None, arn]


def test_other_code_runs_the_step(cloud: Cloud, outputs: dict[str, str], app: Path) -> None:
    """A script that was changed and deployed; and what it was before is still remembered."""
    flow = Flow(cloud, outputs, "Paths")
    flow.put("a.txt", "one")
    first = flow.run("first", "code")

    (app / "split.py").write_text(textwrap.dedent(SPLIT) + "# changed\n")
    cloud.deploy_all(app)
    second = flow.run("second", "code")
    (app / "split.py").write_text(textwrap.dedent(SPLIT))
    cloud.deploy_all(app)
    third = flow.run("third", "code")

    assert jobs(second) == ["split", "count"]
    assert split_of(third)["CachedFrom"] == first.description["executionArn"]

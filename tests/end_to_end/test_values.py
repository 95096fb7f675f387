"""Values that only a run knows, wherever a step takes them, in both query languages."""

import json
import re
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_s3 as s3

bucket = s3.Bucket(stack, "Data")
cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
given, run = processing.StateInput, processing.Execution

def one_by_one(name, yes, **more):
    return processing.SKLearnStep(
        stack, name, code="tell.py",
        inputs=[processing.ProcessingInput(
            f"s3://{bucket.bucket_name}/{given.text('in-folder')}/", input_name="data")],
        outputs=[processing.ProcessingOutput(
            "told", destination=f"s3://{bucket.bucket_name}/out/{name}/{given.text('day')}/")],
        arguments=[
            "--word", given.text("word"), f"<{given.text('range', 'from')}> {given.text('word')}",
            f"n={given.number('how-many')}", run.name(), run.id(), run.start_time(),
            run.start_date(), run.input("day"), f"{run.input('odd name', 'in-it')}.",
        ],
        environment={"TOLD_WORD": given.text("word"), "TOLD_DAY": f"on {given.text('day')}"},
        instance_type=given.text("type"),
        instance_count=given.number("how-many"),
        volume_size_in_gb=given.number("volume-size"),
        max_runtime=cdk.Duration.seconds(given.number("seconds")),
        tags={"day": given.text("day"), "run": f"{run.name()}-run"},
        request_overrides={
            "Environment.TOLD_OVERRIDE": f"<{given.text('word')}>",
            "NetworkConfig.EnableInterContainerTrafficEncryption": yes,
        },
        **more)

def in_whole(name, arguments, environment, count, kind, yes, **more):
    return processing.SKLearnStep(
        stack, name, code="tell.py", outputs=[processing.ProcessingOutput("told")],
        arguments=arguments, environment=environment, instance_count=count, instance_type=kind,
        enable_network_isolation=yes, **more)

path = sfn.JsonPath
processing.ProcessingWorkflow(stack, "Paths", definition=one_by_one(
    "Singly", path.object_at("$.yes")
).next(in_whole(
    "Wholly", given.texts("all-arguments"), path.object_at("$.variables"),
    path.number_at("$['how-many']"), path.string_at("$.type"), path.object_at("$.yes"))))

jsonata = sfn.QueryLanguage.JSONATA
processing.ProcessingWorkflow(stack, "Expressions", query_language=jsonata, definition=one_by_one(
    "Singly in JSONata", "{% $states.input.yes %}", query_language=jsonata
).next(in_whole(
    "Wholly in JSONata", "{% $states.input.`all-arguments` %}", "{% $states.input.variables %}",
    "{% $states.input.`how-many` + 0 %}", "{% $states.input.type %}", "{% $states.input.yes %}",
    query_language=jsonata)))

def of_item(name, **more):
    return processing.SKLearnStep(
        stack, name, code="nothing.py", environment={"OF": given.text("of-item")},
        arguments=[f"{run.input('word')}", given.text("of-item")], **more)

processing.ProcessingWorkflow(stack, "EachPath", definition=(
    sfn.Map(stack, "Each", items_path="$.items").item_processor(of_item("Of each"))))
processing.ProcessingWorkflow(stack, "EachExpression", query_language=jsonata, definition=(
    sfn.Map.jsonata(
        stack, "Each in JSONata", items=sfn.ProvideItems.jsonata("{% $states.input.items %}")
    ).item_processor(of_item("Of each in JSONata", query_language=jsonata))))
"""

TELL = """
import json, os, sys
from pathlib import Path
data = Path("/opt/ml/processing/input/data")
told = {
    "arguments": sys.argv[1:],
    "environment": {k: v for k, v in os.environ.items() if k.startswith("TOLD_")},
    "data": [file.read_text() for file in sorted(data.rglob("*")) if file.is_file()],
}
Path("/opt/ml/processing/output/told/told.json").write_text(json.dumps(told))
"""

WORD = "a 'quoted' {x} {} \\ \"$(id)\" {% word"
GIVEN: dict[str, Any] = {
    "word": WORD,
    "day": "2013-01-31",
    "range": {"from": "here"},
    "odd name": {"in-it": "it's"},
    "in-folder": "raw/of-day",
    "type": "ml.c5.xlarge",
    "how-many": 2,
    "volume-size": 31,
    "seconds": 1234,
    "yes": True,
    "all-arguments": ["--one", WORD],
    "variables": {"TOLD_A": WORD, "TOLD_B": "b"},
    "items": [{"of-item": "first"}, {"of-item": "second"}],
}
LANGUAGES = {"Paths": "EachPath", "Expressions": "EachExpression"}


@dataclass(frozen=True)
class Ran:
    """The executions of one language's machines."""

    cloud: Cloud
    bucket: str
    execution: Execution
    each: Execution

    def job(self, at: int) -> dict[str, Any]:
        """One of its two jobs, as SageMaker describes it."""
        assert self.execution.status == "SUCCEEDED", self.execution.cause
        return self.execution.jobs[at]

    def told(self, at: int) -> dict[str, Any]:
        """What the job's script saw."""
        uri = output_of(self.job(at), "told")
        found: dict[str, Any] = json.loads(self.cloud.read(f"{uri}told.json"))
        return found


@pytest.fixture(scope="module")
def runs(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """One execution of each language's machines, all with the same input."""
    app = write_app(tmp_path_factory.mktemp("app") / "values", STACK, tell=TELL, nothing="")
    outputs = cloud.deploy_all(app)
    bucket = outputs["Bucket"]
    cloud.local.client("s3").put_object(Bucket=bucket, Key="raw/of-day/a.txt", Body=b"of the day")
    machines = [one for pair in LANGUAGES.items() for one in pair]
    ended = cloud.run_all({f"run-of-{name}": (outputs[name], GIVEN) for name in machines})
    return {
        name: Ran(cloud, bucket, ended[f"run-of-{name}"], ended[f"run-of-{each}"])
        for name, each in LANGUAGES.items()
    }


@pytest.fixture(params=LANGUAGES)
def ran(runs: dict[str, Ran], request: pytest.FixtureRequest) -> Ran:
    """The execution in each language."""
    return runs[request.param]


def test_arguments_and_variables_arrive_as_they_were(ran: Ran) -> None:
    """Alone or within text, whatever quotes, braces and backslashes are in them."""
    told = ran.told(0)
    arguments = told["arguments"]

    assert arguments[:4] == ["--word", WORD, f"<here> {WORD}", "n=2"]
    assert arguments[8:] == ["2013-01-31", "it's."]
    assert told["environment"] == {
        "TOLD_WORD": WORD,
        "TOLD_DAY": "on 2013-01-31",
        "TOLD_OVERRIDE": f"<{WORD}>",
    }


def test_the_execution_is_named_and_dated(ran: Ran) -> None:
    """Its name, its ARN, and when it began."""
    name, arn, time, date = ran.told(0)["arguments"][4:8]
    description = ran.execution.description

    assert (name, arn) == (description["name"], description["executionArn"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", time)
    assert date == time[:10] == description["startDate"].astimezone(UTC).date().isoformat()


def test_data_comes_from_and_goes_to_places_of_the_run(ran: Ran) -> None:
    """What was read lay below the input's prefix, and the output's URI names the day."""
    assert ran.told(0)["data"] == ["of the day"]
    (source,) = [
        one["S3Input"]["S3Uri"]
        for one in ran.job(0)["ProcessingInputs"]
        if one["InputName"] == "data"
    ]
    assert source == f"s3://{ran.bucket}/raw/of-day/"
    assert re.fullmatch(rf"s3://{ran.bucket}/out/[^/]+/2013-01-31/", output_of(ran.job(0), "told"))


def test_the_jobs_machine_is_what_the_run_says(ran: Ran) -> None:
    """Type, number, volume, time and encryption, each of the API's own type."""
    job = ran.job(0)

    assert job["ProcessingResources"]["ClusterConfig"] == {
        "InstanceType": "ml.c5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 31,
    }
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 1234}
    assert job["NetworkConfig"] == {"EnableInterContainerTrafficEncryption": True}


def test_tags_carry_values_of_the_run(ran: Ran) -> None:
    """Beside the execution's ARN, which every job has."""
    sagemaker = ran.cloud.local.client("sagemaker")
    tags = {
        one["Key"]: one["Value"]
        for one in sagemaker.list_tags(ResourceArn=ran.job(0)["ProcessingJobArn"])["Tags"]
    }
    description = ran.execution.description

    assert tags["day"] == "2013-01-31"
    assert tags["run"] == f"{description['name']}-run"
    assert tags["cdk-sagemaker-processing:execution"] == description["executionArn"]


def test_whole_lists_and_objects_come_from_the_run(ran: Ran) -> None:
    """All arguments as one list, all variables as one object."""
    job, told = ran.job(1), ran.told(1)

    assert told["arguments"] == ["--one", WORD]
    assert told["environment"] == {"TOLD_A": WORD, "TOLD_B": "b"}
    assert job["ProcessingResources"]["ClusterConfig"] == {
        "InstanceType": "ml.c5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 30,
    }
    assert job["NetworkConfig"] == {
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": True,
    }


def test_a_step_in_a_map_finds_its_item(ran: Ran) -> None:
    """The state's input is the item; the execution's stays what it was."""
    assert ran.each.status == "SUCCEEDED", ran.each.cause
    found = {
        (*job["AppSpecification"]["ContainerArguments"], job["Environment"]["OF"])
        for job in ran.each.jobs
    }
    assert found == {(WORD, "first", "first"), (WORD, "second", "second")}

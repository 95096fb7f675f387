"""What users and executions write stays data: in arguments, variables, keys of S3, expressions.

Values of the execution's input are drawn anew in each run. Text that is known at synth needs a
deploy: there it is a fixed list, and drawn anew where the expressions alone are evaluated.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonata  # type: ignore[import-untyped] # it has no types
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ministack.services import stepfunctions

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.access import Location, locate
from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.states import intrinsics, templates
from cdk_sagemaker_processing.request.model import AppSpecification
from cdk_sagemaker_processing.request.rendering import to_arguments, to_parameters
from cdk_sagemaker_processing.request.values import Reference, Text, join
from cdk_sagemaker_processing.run_time import text
from cdk_sagemaker_processing.steps.container.spark.dependencies import jars
from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

# Each ends or means something to one of those that read it on the way: a shell, JSON, JSONata, an
# intrinsic function, a template of the CDK's or of CloudFormation's, a command line.
HARD = [
    *("'", '"', "''", "\\", "\\\\", "\\'", "\\u0027", "'\\", "`", "$(id)", "`id`", "; id #"),
    *("{}", "{", "}", "{{}}", "\\{\\}", "{0}", "%s", "$HOME", "${HOME}", "${AWS::Region}", "&& id"),
    *("' & $states.input & '", "' & 'x", "%}", "' %}", "{% 1 %", "{%", "a {% b", "% }"),
    *("', $.a0, '", "States.UUID()", "$.a0", "$$.Execution.Id", "$states.input", "$uuid()", "$"),
    *(
        '","x":"',
        "\\n",
        "-",
        "--",
        "-x",
        "--help",
        "*",
        "?",
        "[a]",
        "~",
        "!!",
        "a b",
        " a ",
        "",
        ">x",
    ),
    *("é", "日本", "\U0001f600", "\u200f", "\x7f", "\x1b[0m", "\ufeff", "#{x}", "<x>", "|", "\t"),
]
# The end of a line: variables may hold it, arguments not (the API's pattern for them is `.*`).
ENDS = ["a\nb", "a\rb", "\r\n", "a\u2028b", "a\u2029b", "a\u0085b", "\x0b"]
KEYS = [
    *("../../other", "..", "a/../b", "..%2f", "*", "x?versionId=y", "a#b"),
    *("'it' {}", "\\", "${aws:x}", "//a", "s3://other"),
]
# Neither a process's arguments nor JSON hold what is left out.
CHARACTERS = st.one_of(
    st.sampled_from("'\"\\{}%$#`()[]*?;&|<>!~ ,.:/-"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\n"),
)
TEXTS = st.text(CHARACTERS, max_size=40)
LINES = st.text(st.one_of(CHARACTERS, st.sampled_from("\n\r\u2028\u2029\u0085")), max_size=40)
# So many that with as many made of them they are the 100 that a job takes.
COUNT = 50

TELL = """
import json, os, sys
from pathlib import Path
told = {
    "arguments": sys.argv[1:],
    "environment": {k: v for k, v in os.environ.items() if k.startswith("TOLD_")},
}
Path("/opt/ml/processing/output/told/told.json").write_text(json.dumps(told))
"""
STACK = """
import json
from pathlib import Path
from aws_cdk import aws_s3 as s3

lists = json.loads(Path("lists.json").read_text())
hard, ends, count = lists["hard"], lists["ends"], lists["count"]
bucket = s3.Bucket(stack, "Data")
cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
given = processing.StateInput.text

def step(name, place=None, **more):
    uri = f"s3://{bucket.bucket_name}/{place}/" if place else None
    return processing.SKLearnStep(
        stack, name, code="tell.py",
        outputs=[processing.ProcessingOutput("told", destination=uri)], **more)

def variables(values):
    return {f"TOLD_{at}": value for at, value in enumerate(values)}

def machine(name, suffix, arguments, environment, **more):
    values = [given(f"a{at}") for at in range(count)]
    singly = step(
        f"Singly{suffix}", f"out/{given('key')}", **more,
        arguments=[*values, *(f"<'{one}' {{}} \\\\>" for one in values)],
        environment=variables(given(f"e{at}") for at in range(count)))
    wholly = step(f"Wholly{suffix}", arguments=arguments, environment=environment, **more)
    known = step(
        f"Known{suffix}", f"known/{name}/'it' {{}} (a)\\\\ %}}/{given('key')}",
        arguments=hard, environment=variables([*hard, *ends]), **more)
    mixed = step(
        f"Mixed{suffix}", arguments=[*hard, given("a0")],
        environment=variables(one + given("a0") + one for one in [*hard, *ends]), **more)
    processing.ProcessingWorkflow(stack, name, definition=singly.next(wholly), **more)
    processing.ProcessingWorkflow(stack, f"{name}Known", definition=known.next(mixed), **more)

def each_key(name, each, **more):
    at_key = step(f"At{name}", f"out/{given('key')}", retry_on_service_errors=False, **more)
    processing.ProcessingWorkflow(stack, name, definition=each.item_processor(at_key), **more)

jsonata = sfn.QueryLanguage.JSONATA
each_key("PathsKeys", sfn.Map(stack, "Each", items_path="$.keys", max_concurrency=6))
each_key("ExpressionsKeys", sfn.Map.jsonata(
    stack, "EachInJsonata", items=sfn.ProvideItems.jsonata("{% $states.input.keys %}"),
    max_concurrency=6), query_language=jsonata)
machine("Paths", "", processing.StateInput.texts("arguments"),
        sfn.JsonPath.object_at("$.environment"))
machine("Expressions", "InJsonata", "{% $states.input.arguments %}",
        "{% $states.input.environment %}", query_language=jsonata)
"""


@dataclass(frozen=True)
class Deployed:
    """The machines, by the names of their workflows, and the bucket of the app's."""

    cloud: Cloud
    machines: dict[str, str]

    @property
    def bucket(self) -> str:
        """The bucket that outputs with a destination go to."""
        return self.machines["Bucket"]

    def run(self, language: str, given: dict[str, Any]) -> Execution:
        """An execution that has succeeded."""
        name = f"run-{next(_numbers)}"
        ended = self.cloud.run(self.machines[language], name, **given)
        assert ended.status == "SUCCEEDED", ended.cause
        return ended

    def told(self, job: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
        """What a job's script saw: its arguments, and its variables."""
        found = json.loads(self.cloud.read(f"{output_of(job, 'told')}told.json"))
        return found["arguments"], found["environment"]


_numbers = iter(range(10_000))


def variables(values: list[str]) -> dict[str, str]:
    """Environment variables of these values."""
    return {f"TOLD_{at}": value for at, value in enumerate(values)}


def numbered(prefix: str, values: list[str]) -> dict[str, str]:
    """Members of an execution's input of these values."""
    return {f"{prefix}{at}": value for at, value in enumerate(values)}


@pytest.fixture(scope="module")
def deployed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """One app, deployed once."""
    app = write_app(tmp_path_factory.mktemp("app") / "injection", STACK, tell=TELL)
    lists = {"hard": HARD, "ends": ENDS, "count": COUNT}
    (app / "lists.json").write_text(json.dumps(lists))
    return Deployed(cloud, cloud.deploy_all(app))


def exactly(of: st.SearchStrategy[str], always: list[str]) -> st.SearchStrategy[list[str]]:
    """As many texts as a job takes, some always among them."""
    return st.lists(of, min_size=COUNT - len(always), max_size=COUNT - len(always)).map(
        lambda drawn: [*always, *drawn]
    )


@pytest.mark.local_cloud
@pytest.mark.parametrize("language", ["Paths", "Expressions"])
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    arguments=exactly(TEXTS, HARD[:25]),
    environment=exactly(LINES, [*HARD[25:], *ENDS][:COUNT]),
    key=st.sampled_from(KEYS),
)
def test_what_an_execution_gives_arrives_as_it_was(
    deployed: Deployed, language: str, arguments: list[str], environment: list[str], key: str
) -> None:
    """One by one, within text, as a whole list and as a whole object; each one item of its own."""
    run = deployed.run(
        language,
        {
            **numbered("a", arguments),
            **numbered("e", environment),
            "arguments": arguments,
            "environment": variables(environment),
            "key": key,
        },
    )

    singly, wholly = run.jobs
    within = [f"<'{one}' {{}} \\>" for one in arguments]
    assert deployed.told(singly) == ([*arguments, *within], variables(environment))
    assert deployed.told(wholly) == (arguments, variables(environment))


@pytest.mark.local_cloud
@pytest.mark.parametrize("language", ["Paths", "Expressions"])
def test_what_is_known_at_synth_arrives_as_it_was(deployed: Deployed, language: str) -> None:
    """Alone, in a list with a value of the run, and around such a value."""
    run = deployed.run(f"{language}Known", {"a0": "', {} \\ %}", "key": "k"})

    known, mixed = run.jobs
    everything = [*HARD, *ENDS]
    assert deployed.told(known) == (HARD, variables(everything))
    assert output_of(known, "told") == (
        f"s3://{deployed.bucket}/known/{language}/'it' {{}} (a)\\ %}}/k/"
    )
    assert deployed.told(mixed) == (
        [*HARD, "', {} \\ %}"],
        variables([f"{one}', {{}} \\ %}}{one}" for one in everything]),
    )


@pytest.mark.local_cloud
@pytest.mark.parametrize("language", ["Paths", "Expressions"])
def test_a_key_of_an_execution_stays_below_the_prefix(deployed: Deployed, language: str) -> None:
    """To S3 dots, patterns and queries are characters of a key like others: nothing leaves it."""
    folder = f"s3://{deployed.bucket}/"
    before = set(deployed.cloud.objects(folder))

    run = deployed.run(f"{language}Keys", {"keys": [{"key": key} for key in KEYS]})

    places = {output_of(job, "told") for job in run.jobs}
    assert places == {f"{folder}out/{key}/" for key in KEYS}
    own = {f"out/{key}/told.json" for key in KEYS}
    assert own <= set(deployed.cloud.objects(folder)) <= before | own


@pytest.fixture(scope="module")
def mended() -> Iterator[None]:
    """Intrinsic functions as the local cloud has them, in this process for a while."""
    mends = intrinsics.MENDS | templates.MENDS
    own = {name: getattr(stepfunctions, name) for name in mends}
    seams.mend(stepfunctions, dict[str, Any](mends))
    yield
    for name, function in own.items():
        setattr(stepfunctions, name, function)


INPUT = Reference(jsonpath="$.value", jsonata="$states.input.value")


def in_both(value: Text, of_run: str) -> list[Any]:
    """An argument as Step Functions hands it on, in each query language, beside a run's value."""
    request = AppSpecification(ImageUri="image", ContainerArguments=(value, INPUT))
    state_input = {"value": of_run}
    paths = templates.fill(json.loads(json.dumps(to_parameters(request))), state_input)
    expressions = json.loads(json.dumps(to_arguments(request)))
    return [
        paths["ContainerArguments"],
        [_evaluated(one, state_input) for one in expressions["ContainerArguments"]],
    ]


def _evaluated(value: str, state_input: dict[str, str]) -> Any:
    if not (value.startswith("{%") and value.endswith("%}")):
        return value
    return jsonata.Jsonata(value[2:-2].strip()).evaluate(None, {"states": {"input": state_input}})


@pytest.mark.usefixtures("mended")
@settings(deadline=None, max_examples=300)
@given(known=LINES, of_run=LINES)
@example(known="{%}", of_run="")
@example(known="%}{%", of_run="{% 1 %}")
@example(known="'%}", of_run="'")
def test_expressions_give_known_text_back(known: str, of_run: str) -> None:
    """Beside a value of the run and around it, whatever ends a literal or an expression."""
    assert in_both(known, of_run) == [[known, of_run]] * 2
    around = join(known, INPUT, known)
    assert in_both(around, of_run) == [[f"{known}{of_run}{known}", of_run]] * 2


@given(known=LINES)
def test_text_is_an_expression_only_between_its_marks(known: str) -> None:
    """What users write is theirs to the letter, but for ``{% ... %}``."""
    whole = "{%" in known and "%}" in known.partition("{%")[2]

    assert whole or text(known) == known


@pytest.mark.usefixtures("mended")
@settings(deadline=None)
@given(value=TEXTS.filter(lambda one: one.strip(",")))
@example(value="a.jar,https://elsewhere.test/b")
def test_a_value_of_a_run_is_one_item_of_a_list_of_sparks(value: str) -> None:
    """Spark cuts a list at commas and loads each item, from wherever: a value begins no other."""
    jar = processing.StateInput.text("value")
    listed = jars(["s3://dep/a.jar", f"s3://dep/{jar}.jar"]).value

    for found, _ in in_both(text(listed), value):
        assert found in {f"s3://dep/a.jar,s3://dep/{one}.jar" for one in value.split(",")}


def is_matched(pattern: str, name: str) -> bool:
    """Whether a pattern of IAM's matches.

    Source: IAM user guide, "IAM JSON policy elements: Variables and tags", special characters.
    """
    pieces = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    # Splitting by a pattern with one group puts what is special at the odd places.
    written = "".join(
        {"*": ".*", "?": "."}.get(piece) or re.escape(piece[2:-1] if at % 2 else piece)
        for at, piece in enumerate(pieces)
    )
    return re.fullmatch(written, name, re.DOTALL) is not None


@given(known=LINES, of_run=LINES, other=LINES)
@example(known="a*/", of_run="", other="about/")
@example(known="${aws:username}/", of_run="../", other="me/")
def test_permissions_end_at_the_first_value_of_a_run(known: str, of_run: str, other: str) -> None:
    """Whatever an execution gives, the job may reach what begins as the known text does alone."""
    place = locate(join(f"s3://bucket/{known}", INPUT))
    assert isinstance(place, Location)
    _, _, objects = place.objects_arn.partition(":s3:::")

    assert is_matched(objects, f"bucket/{known}{of_run}{other}")
    assert is_matched(place.below, f"{known}{of_run}{other}")
    for key in (other, f"{known[:-1]}{other}", f"../{known}{other}"):
        assert is_matched(objects, f"bucket/{key}") is key.startswith(known)
        assert is_matched(place.below, key) is key.startswith(known)
    assert not is_matched(objects, f"bucket-of-others/{known}{of_run}")

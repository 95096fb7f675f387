"""What only the documentation forbids is found too, in whatever request it stands."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.values import Joined, Reference
from tests.request.examples import (
    Request,
    dataset,
    members_of,
    request,
    s3_input,
    s3_output,
    with_inputs,
    with_output,
    with_tags,
)
from tests.request.strategies import requests

LATER = Reference(jsonpath="$.x", jsonata="$states.input.x")
REDSHIFT = model.RedshiftDatasetDefinition(
    ClusterId="c",
    Database="db",
    DbUser="me",
    QueryString="SELECT 1",
    ClusterRoleArn="arn:aws:iam::111122223333:role/redshift",
    OutputS3Uri="s3://bucket/x/",
    OutputFormat="CSV",
)
RECORDS = model.ProcessingOutput(
    OutputName="own",
    AppManaged=True,
    FeatureStoreOutput=model.FeatureStoreOutput(FeatureGroupName="flights"),
)
S3 = s3_output().S3Output

Break = Callable[[Request], Request]


def inputs(*given: model.ProcessingInput) -> Break:
    """Puts inputs into a request."""
    return lambda of: with_inputs(of, *given)


def output(given: model.ProcessingOutput) -> Break:
    """Puts an output into a request."""
    return lambda of: with_output(of, given)


def tags(*keys: str) -> Break:
    """Puts tags into a request."""
    return lambda of: with_tags(of, *keys)


FIRST = "ProcessingInputs[0]"
SECOND = "ProcessingInputs[1]"
OUT = "ProcessingOutputConfig.Outputs[0]"
BREAKS: dict[str, tuple[str, Break]] = {
    "no source": (FIRST, inputs(model.ProcessingInput(InputName="own"))),
    "two sources": (
        FIRST,
        inputs(replace(s3_input(), DatasetDefinition=dataset().DatasetDefinition)),
    ),
    "no query": (f"{FIRST}.DatasetDefinition", inputs(dataset(AthenaDatasetDefinition=None))),
    "two queries": (
        f"{FIRST}.DatasetDefinition",
        inputs(dataset(RedshiftDatasetDefinition=REDSHIFT)),
    ),
    "no path": (f"{FIRST}.S3Input.LocalPath", inputs(s3_input(path=None))),
    "no path, not the job's": (
        f"{FIRST}.S3Input.LocalPath",
        inputs(s3_input(path=None, app_managed=False)),
    ),
    "no path of a query": (f"{FIRST}.DatasetDefinition.LocalPath", inputs(dataset(LocalPath=None))),
    "another root": (f"{FIRST}.S3Input.LocalPath", inputs(s3_input(path="/opt/ml/input/x"))),
    "only the root's name": (
        f"{FIRST}.S3Input.LocalPath",
        inputs(s3_input(path="/opt/ml/processing")),
    ),
    "another root of a query": (
        f"{FIRST}.DatasetDefinition.LocalPath",
        inputs(dataset(LocalPath="own")),
    ),
    "Gzip in files": (
        f"{FIRST}.S3Input.S3CompressionType",
        inputs(s3_input(S3CompressionType="Gzip", S3InputMode="File")),
    ),
    "Gzip in no mode": (
        f"{FIRST}.S3Input.S3CompressionType",
        inputs(s3_input(S3CompressionType="Gzip")),
    ),
    "a folder for a manifest": (
        f"{FIRST}.S3Input.S3Uri",
        inputs(s3_input(S3DataType="ManifestFile")),
    ),
    "a bucket for a manifest": (
        f"{FIRST}.S3Input.S3Uri",
        inputs(s3_input(S3DataType="ManifestFile", S3Uri="s3://bucket")),
    ),
    "two inputs of one name": (
        f"{SECOND}.InputName",
        inputs(s3_input(), s3_input(path="/opt/ml/processing/other")),
    ),
    "two inputs in one folder": (
        f"{SECOND}.DatasetDefinition.LocalPath",
        inputs(s3_input(path="/opt/ml/processing/own/"), dataset("other")),
    ),
    "an input and an output of one name": (
        f"{OUT}.OutputName",
        lambda of: with_output(with_inputs(of, s3_input()), s3_output()),
    ),
    "no target": (OUT, output(model.ProcessingOutput(OutputName="own"))),
    "two targets": (OUT, output(replace(RECORDS, S3Output=S3))),
    "no path of an output": (f"{OUT}.S3Output.LocalPath", output(s3_output(path=None))),
    "another root of an output": (
        f"{OUT}.S3Output.LocalPath",
        output(s3_output(path="/opt/ml/output")),
    ),
    "records by SageMaker": (f"{OUT}.AppManaged", output(replace(RECORDS, AppManaged=False))),
    "records by nobody": (f"{OUT}.AppManaged", output(replace(RECORDS, AppManaged=None))),
    "two tags of one key": ("Tags[1].Key", tags("own", "own")),
    "a tag of AWS": ("Tags[0].Key", tags("aws:own")),
    "a tag of AWS in capitals": ("Tags[0].Key", tags("AWS:own")),
}


@pytest.mark.parametrize("name", BREAKS)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(requests())
def test_a_broken_rule_is_refused_at_its_member(name: str, whole: Request) -> None:
    """Whatever else the request holds, nothing else is blamed."""
    member, make_wrong = BREAKS[name]

    assert members_of(make_wrong(whole)) == [member]


@pytest.mark.parametrize(
    "right",
    [
        inputs(s3_input()),
        inputs(dataset()),
        inputs(dataset(AthenaDatasetDefinition=None, RedshiftDatasetDefinition=REDSHIFT)),
        inputs(s3_input(path=None, app_managed=True)),
        inputs(dataset(app_managed=True, LocalPath=None)),
        inputs(s3_input(S3CompressionType="Gzip", S3InputMode="Pipe")),
        inputs(s3_input(S3CompressionType="None", S3InputMode="File")),
        inputs(s3_input(S3DataType="ManifestFile", S3Uri="s3://bucket/x/a.manifest")),
        inputs(s3_input("below", "/opt/ml/processing/own/below"), s3_input()),
        inputs(s3_input(app_managed=True), s3_input("other", app_managed=True)),
        output(s3_output()),
        output(s3_output(path=None, app_managed=True)),
        output(RECORDS),
        tags("own", "Own", "my-aws:own"),
    ],
)
def test_what_the_documentation_allows_is_accepted(right: Break) -> None:
    """The other side of each rule."""
    assert problems(right(request())) == []


@pytest.mark.parametrize(
    "perhaps",
    [
        inputs(s3_input(path=LATER)),
        inputs(s3_input(path=Joined(("/opt/ml/", LATER)))),
        inputs(s3_input(path=None, app_managed=LATER)),
        inputs(s3_input(S3CompressionType=LATER, S3InputMode="File")),
        inputs(s3_input(S3CompressionType="Gzip", S3InputMode=LATER)),
        inputs(s3_input(S3DataType=LATER)),
        inputs(s3_input(S3DataType="ManifestFile", S3Uri=Joined(("s3://bucket/", LATER, "/")))),
        inputs(s3_input(LATER), s3_input(LATER, "/opt/ml/processing/other")),
        inputs(s3_input(path=LATER), s3_input("other", LATER)),
        output(replace(RECORDS, AppManaged=LATER)),
        lambda of: with_tags(of, LATER, LATER),
        lambda of: with_tags(of, Joined(("aws:", LATER))),
    ],
)
def test_what_is_not_known_yet_is_never_refused(perhaps: Break) -> None:
    """The run may make it right."""
    assert problems(perhaps(request())) == []


@pytest.mark.parametrize("member", ["ProcessingInputs", "ProcessingOutputConfig", "Tags"])
def test_whole_lists_that_are_not_known_yet_are_never_refused(member: str) -> None:
    """Rules that look at several items do not look into them."""
    assert problems(request(**{member: LATER})) == []


def texts(wrong: Request) -> list[str]:
    """What the request's problems say."""
    return [problem.text for problem in problems(wrong)]


def test_problems_say_what_came_what_is_allowed_and_how_to_mend_it() -> None:
    """In words for who never read the API reference, all at once."""
    wrong = with_tags(
        with_output(
            with_inputs(
                request(),
                s3_input(path=None),
                s3_input("own", "/tmp/x", S3CompressionType="Gzip", S3InputMode="File"),  # noqa: S108 # not within the rules
                model.ProcessingInput(InputName="other"),
            ),
            replace(RECORDS, OutputName="records", AppManaged=None),
        ),
        "aws:x",
    )

    assert texts(wrong) == [
        (
            "LocalPath is required: name a folder under /opt/ml/processing/, or set AppManaged, "
            "which leaves the data to the job"
        ),
        "must begin with /opt/ml/processing/, got '/tmp/x'",
        (
            "Gzip needs the S3InputMode 'Pipe', got 'File': choose Pipe, or let the job unpack the "
            "files and choose the compression 'None'"
        ),
        "needs either S3Input or DatasetDefinition, got none",
        "must be True with FeatureStoreOutput, as the job itself puts the records, got None",
        "must not begin with 'aws:', which AWS keeps for itself, got 'aws:x'",
        (
            "two of one name, 'own', which ProcessingInputs[0].InputName has too; inputs and "
            "outputs share their names: give one of them another input_name"
        ),
    ]


def test_a_shared_folder_is_told_with_both_names() -> None:
    """The service refuses it and does not say why."""
    wrong = with_inputs(
        request(),
        s3_input("one", "/opt/ml/processing/input/x"),
        s3_input("two", "/opt/ml/processing/input/x/"),
    )

    assert texts(wrong) == [
        (
            "the inputs 'one' and 'two' share the folder '/opt/ml/processing/input/x': "
            "give each a destination of its own"
        )
    ]


def test_structures_of_another_kind_end_no_check() -> None:
    """What should be a list of inputs is told as such, and the rest is looked at all the same."""
    wrong = request(ProcessingInputs="s3://bucket", RoleArn="me")

    assert sorted(members_of(wrong)) == ["ProcessingInputs", "RoleArn"]

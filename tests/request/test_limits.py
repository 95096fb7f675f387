"""What CreateProcessingJob refuses is found before it is asked."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.request import limits, model
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.values import Reference
from cdk_sagemaker_processing.request.wording import allowed_text
from tests.request.examples import app, members_of, request, resources, s3_input
from tests.request.strategies import BEGINNINGS, SHAPES

LATER = Reference(jsonpath="$.x")


def test_a_request_within_the_limits_has_no_problem() -> None:
    """The base of all other cases here."""
    assert problems(request()) == []


@pytest.mark.parametrize(
    ("wrong", "member"),
    [
        ({"ProcessingJobName": "a_b"}, "ProcessingJobName"),
        ({"ProcessingJobName": "a" * 64}, "ProcessingJobName"),
        (
            {"ProcessingResources": resources(InstanceCount=101)},
            "ProcessingResources.ClusterConfig.InstanceCount",
        ),
        (
            {"ProcessingResources": resources(InstanceType="ml.m6g.large")},
            "ProcessingResources.ClusterConfig.InstanceType",
        ),
        (
            {"ProcessingResources": resources(VolumeSizeInGB=1.5)},
            "ProcessingResources.ClusterConfig.VolumeSizeInGB",
        ),
        (
            {"AppSpecification": app(ContainerArguments=("x" * 257,))},
            "AppSpecification.ContainerArguments[0]",
        ),
        (
            {"AppSpecification": app(ContainerArguments=("two\nlines",))},
            "AppSpecification.ContainerArguments[0]",
        ),
        (
            {"AppSpecification": app(ContainerEntrypoint=("x",) * 101)},
            "AppSpecification.ContainerEntrypoint",
        ),
        ({"Environment": {"1": "x"}}, "Environment key"),
        ({"Environment": {"A": "x" * 257}}, "Environment.A"),
        (
            {"StoppingCondition": model.StoppingCondition(MaxRuntimeInSeconds=777601)},
            "StoppingCondition.MaxRuntimeInSeconds",
        ),
        (
            {
                "ProcessingInputs": tuple(
                    s3_input(f"i{n}", f"/opt/ml/processing/{n}") for n in range(11)
                )
            },
            "ProcessingInputs",
        ),
        ({"ProcessingInputs": (s3_input("a"), s3_input("a"))}, "ProcessingInputs[1].InputName"),
        (
            {"Environment": {"A": "x", "B": 5}},
            "Environment.B",
        ),
        (
            {"NetworkConfig": model.NetworkConfig(EnableNetworkIsolation="yes")},  # type: ignore[arg-type] # as a user may
            "NetworkConfig.EnableNetworkIsolation",
        ),
        ({"Tags": (model.Tag(Key="day", Value="one\ntwo"),)}, "Tags[0].Value"),
        ({"RoleArn": "arn:aws:iam::\u0661\u0661\u0661\u0661:role/job"}, "RoleArn"),
    ],
)
def test_each_rule_names_its_member(wrong: dict[str, Any], member: str) -> None:
    """One broken rule, one problem, at the member that is wrong."""
    assert members_of(request(**wrong)) == [member]


def test_a_type_that_does_not_exist_is_answered_with_its_family() -> None:
    """Of two hundred types, those of the same family are of use."""
    (problem,) = problems(request(ProcessingResources=resources(InstanceType="ml.m5.huge")))

    assert "'ml.m5.huge' is not one of ml.m5." in problem.text


def test_a_type_written_wrong_is_answered_with_what_is_like_it() -> None:
    """Such as EC2's name of a type, or one that only EC2 has."""
    (problem,) = problems(request(ProcessingResources=resources(InstanceType="m5.xlarge")))

    assert "ml.m5.xlarge" in problem.text
    assert "update of boto3" in problem.text


@pytest.fixture
def reads_botocore_anew() -> Iterator[None]:
    """The installed service model is read again, in the test and after it."""
    limits._installed.cache_clear()
    yield
    limits._installed.cache_clear()


@pytest.mark.usefixtures("reads_botocore_anew")
def test_a_type_that_the_installed_botocore_knows_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS adds types between two releases of this package."""
    folder = tmp_path / "sagemaker" / "2030-01-01"
    folder.mkdir(parents=True)
    newer = {"shapes": {"ProcessingInstanceType": {"type": "string", "enum": ["ml.m99.large"]}}}
    (folder / "service-2.json").write_text(json.dumps(newer))
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path))

    assert not problems(request(ProcessingResources=resources(InstanceType="ml.m99.large")))
    assert problems(request(ProcessingResources=resources(InstanceType="ml.m98.large")))


def test_problems_say_what_came_what_is_allowed_and_how_to_mend_it() -> None:
    """In words, not in patterns and shapes of the service model."""
    wrong = request(
        ProcessingJobName="a_b",
        AppSpecification=app(ContainerEntrypoint=(), ContainerArguments=("x" * 257, 5)),
        RoleArn="me-and-my-own-role-for-jobs",
        ProcessingInputs=(s3_input(S3Uri="data/x", S3InputMode="FastFile"),),
        Environment={"1": "x"},
        NetworkConfig=model.NetworkConfig(EnableNetworkIsolation=LATER),
        ProcessingResources=resources(InstanceCount="2", VolumeSizeInGB=0),
    )

    said = {problem.member: problem.text for problem in problems(wrong)}

    cluster = "ProcessingResources.ClusterConfig"
    assert said == {
        "ProcessingJobName": "must be letters, digits and hyphens, with a letter or digit at "
        "either end, got 'a_b'",
        f"{cluster}.InstanceCount": "must be a whole number, got '2'",
        f"{cluster}.VolumeSizeInGB": "must be 1 to 16384 GB, got 0",
        "AppSpecification.ContainerEntrypoint": "must be 1 to 100 items, got 0: leave an empty "
        "list out",
        "AppSpecification.ContainerArguments[0]": "must be 0 to 256 characters, got 257 in "
        f"'{'x' * 78}…: put what is longer into a file, and give that as an input",
        "AppSpecification.ContainerArguments[1]": "must be text, got 5: write '5'",
        "RoleArn": "must be the ARN of an IAM role, such as "
        "arn:aws:iam::111122223333:role/job, got 'me-and-my-own-role-for-jobs'",
        "ProcessingInputs[0].S3Input.S3Uri": "must be an S3 URI, such as s3://bucket/prefix/, "
        "got 'data/x'",
        "ProcessingInputs[0].S3Input.S3InputMode": "'FastFile' is not one of Pipe, File",
        "Environment key": "must be letters, digits and _, with no digit at the front, got '1'",
    }


def test_every_pattern_is_put_into_words() -> None:
    """A pattern that a refresh of the constraints brings in needs its words in `wording`."""
    untold = [
        name
        for name, shape in SHAPES.items()
        if "pattern" in shape
        and not re.fullmatch(shape["pattern"], "any \n\t\r text ☃")
        and shape["pattern"] in allowed_text(name, shape["pattern"])
    ]

    assert untold == []


def of_size(name: str, size: int) -> Any:
    """A value of a shape, with as many characters, items or pairs, or as great."""
    beginning = BEGINNINGS.get(name, "")
    return {
        "string": beginning + "a" * (size - len(beginning)),
        "integer": size,
        "list": (LATER,) * min(size, 200),
        "map": {f"K{at}": "x" for at in range(min(size, 200))},
    }[SHAPES[name]["type"]]


@pytest.mark.parametrize("name", [name for name in SHAPES if "max" in SHAPES[name]])
def test_the_most_is_right_and_one_more_is_not(name: str) -> None:
    """Every maximum of the service model, to the letter."""
    most = SHAPES[name]["max"]

    def right(size: int) -> bool:
        return list(limits._check(of_size(name, size), name, "")) == []

    assert right(most)
    assert not right(most + 1)


@pytest.mark.parametrize("value", [LATER, "${Token[TOKEN.1]}"])
def test_text_that_is_not_known_yet_is_never_refused(value: Any) -> None:
    """A run-time value or a token may turn out right."""
    wrong = request(
        ProcessingJobName=value,
        AppSpecification=app(ContainerArguments=(value,)),
        Environment={"A": value},
        RoleArn=value,
    )

    assert problems(wrong) == []


@pytest.mark.parametrize("value", [LATER, -1.8881545897087522e289])
def test_numbers_that_are_not_known_yet_are_never_refused(value: Any) -> None:
    """A run-time value or a token may turn out right."""
    assert problems(request(ProcessingResources=resources(InstanceCount=value))) == []


@given(st.integers())
def test_a_count_is_right_from_1_to_100(count: int) -> None:
    """The range of the service model, at every number."""
    wrong = problems(request(ProcessingResources=resources(InstanceCount=count)))

    assert (wrong == []) == (1 <= count <= 100)


def test_a_value_that_cloudformation_computes_is_never_refused() -> None:
    """The CDK's objects for such a value stand where text or a number would."""
    unknown: Any = cdk.Fn.condition_if("Large", 4, 1)

    assert problems(request(ProcessingResources=resources(InstanceCount=unknown))) == []

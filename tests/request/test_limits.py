"""What CreateProcessingJob refuses is found before it is asked."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.request import limits, model
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.values import Reference

ROOT = Path(__file__).parents[2]


def request(**members: Any) -> model.CreateProcessingJobRequest:
    """A request within every limit, but for the members given."""
    good = model.CreateProcessingJobRequest(
        ProcessingJobName="clean-1",
        ProcessingResources=resources(),
        AppSpecification=model.AppSpecification(ImageUri="image"),
        RoleArn="arn:aws:iam::111122223333:role/job",
    )
    return replace(good, **members)


def resources(**members: Any) -> model.ProcessingResources:
    """One instance, but for the members given."""
    cluster = model.ClusterConfig(InstanceCount=1, InstanceType="ml.m5.xlarge", VolumeSizeInGB=30)
    return model.ProcessingResources(ClusterConfig=replace(cluster, **members))


def app(**members: Any) -> model.AppSpecification:
    """An image, and the members given."""
    return replace(model.AppSpecification(ImageUri="image"), **members)


def data(name: str, path: str = "/opt/ml/processing/input/x") -> model.ProcessingInput:
    """An input."""
    return model.ProcessingInput(
        InputName=name,
        S3Input=model.S3Input(S3Uri="s3://bucket/x/", LocalPath=path, S3DataType="S3Prefix"),
    )


def members_of(wrong: model.CreateProcessingJobRequest) -> list[str]:
    """The API members that the request's problems name."""
    return [problem.member for problem in problems(wrong)]


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
                    data(f"i{n}", f"/opt/ml/processing/{n}") for n in range(11)
                )
            },
            "ProcessingInputs",
        ),
        ({"ProcessingInputs": (data("a"), data("a"))}, "ProcessingInputs[1].InputName"),
        (
            {"ProcessingInputs": (data("a", "/opt/ml/input/x"),)},
            "ProcessingInputs[0].S3Input.LocalPath",
        ),
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


def test_two_inputs_need_two_folders() -> None:
    """The service refuses a shared one and does not say why."""
    inputs = (
        data("one", "/opt/ml/processing/input/x"),
        data("two", "/opt/ml/processing/input/x/"),
        data("above", "/opt/ml/processing/input"),
    )

    (problem,) = problems(request(ProcessingInputs=inputs))

    assert problem.member == "ProcessingInputs[1].S3Input.LocalPath"
    assert "'one' and 'two' share" in problem.text


@pytest.mark.parametrize("value", [Reference(jsonpath="$.x"), "${Token[TOKEN.1]}"])
def test_text_that_is_not_known_yet_is_never_refused(value: Any) -> None:
    """A run-time value or a token may turn out right."""
    wrong = request(
        ProcessingJobName=value,
        AppSpecification=app(ContainerArguments=(value,)),
        Environment={"A": value},
        RoleArn=value,
    )

    assert problems(wrong) == []


@pytest.mark.parametrize("value", [Reference(jsonpath="$.x"), -1.8881545897087522e289])
def test_numbers_that_are_not_known_yet_are_never_refused(value: Any) -> None:
    """A run-time value or a token may turn out right."""
    assert problems(request(ProcessingResources=resources(InstanceCount=value))) == []


@given(st.integers())
def test_a_count_is_right_from_1_to_100(count: int) -> None:
    """The range of the service model, at every number."""
    wrong = problems(request(ProcessingResources=resources(InstanceCount=count)))

    assert (wrong == []) == (1 <= count <= 100)


def test_the_constraints_are_those_of_the_service_model() -> None:
    """The file is what the tool makes of the botocore that is installed."""
    tool = ROOT / "tools" / "refresh_constraints.py"
    spec = importlib.util.spec_from_file_location("refresh_constraints", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert json.loads(module.TARGET.read_text()) == module.document()

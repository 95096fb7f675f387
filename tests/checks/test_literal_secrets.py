"""Where secrets stand literally in a request."""

from typing import Any

import pytest

from cdk_sagemaker_processing.checks.literal_secrets import literal_secrets, secrets_of
from cdk_sagemaker_processing.checks.unknown import UNKNOWN
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Joined, Reference
from tests.checks.samples import CERTAIN, PASSWORD, TOKEN

AWS_KEY = CERTAIN["an AWS access key"]


def found(environment: Any = None, arguments: Any = None, entrypoint: Any = None) -> list[str]:
    """The members of a step's request that hold a secret."""
    cluster = model.ClusterConfig(InstanceCount=1, InstanceType="ml.m5.xlarge", VolumeSizeInGB=30)
    request = model.CreateProcessingJobRequest(
        ProcessingJobName="split",
        ProcessingResources=model.ProcessingResources(ClusterConfig=cluster),
        AppSpecification=model.AppSpecification(
            ImageUri="image", ContainerArguments=arguments, ContainerEntrypoint=entrypoint
        ),
        RoleArn="arn:aws:iam::111122223333:role/job",
        Environment=environment,
    )
    return [one.member for one in literal_secrets(request)]


def test_variables_are_looked_at_by_name_and_by_form() -> None:
    """Each that holds a secret is told once."""
    environment = {
        "DB_PASSWORD": PASSWORD,
        "ID": AWS_KEY,
        "API_TOKEN": AWS_KEY,
        "DAY": "2024-01-01",
    }

    assert found(environment) == [
        "Environment.DB_PASSWORD",
        "Environment.ID",
        "Environment.API_TOKEN",
    ]


def test_arguments_are_looked_at_with_the_option_before_them() -> None:
    """The command as well."""
    command = "AppSpecification.ContainerEntrypoint"
    arguments = "AppSpecification.ContainerArguments"

    assert found(arguments=("--password", PASSWORD, "--day", "x")) == [f"{arguments}[1]"]
    assert found(arguments=(f"--password={PASSWORD}", PASSWORD)) == [f"{arguments}[0]"]
    assert found(arguments=("password", PASSWORD)) == []
    assert found(entrypoint=("run", "--api-key", TOKEN)) == [f"{command}[2]"]


def test_a_password_beside_a_value_of_the_run_is_found() -> None:
    """In text that only a run makes whole, and in an expression."""
    url = Joined((f"postgres://user:{PASSWORD}@", Reference("$.host")))
    expression = Reference(jsonpath=f"States.Format('{AWS_KEY}-{{}}', $.x)")

    assert found({"URL": url, "ID": expression}) == ["Environment.URL", "Environment.ID"]


@pytest.mark.parametrize(
    "value",
    [Reference("$.password"), "${Token[Password.12]}", Joined((TOKEN, Reference("$.x")))],
    ids=["run", "deploy", "both"],
)
def test_what_only_a_run_or_a_deploy_knows_is_let_through(value: Any) -> None:
    """Values of the execution's input, tokens of the CDK's, and text that holds one."""
    assert found({"DB_PASSWORD": value}, arguments=("--password", value)) == []
    assert found(Reference("$.environment"), arguments=Reference("$.arguments")) == []


def test_states_written_by_hand_may_hold_anything() -> None:
    """What is no text holds no secret; an unknown environment may be made of one."""
    assert list(secrets_of(UNKNOWN)) == []
    assert list(secrets_of({"Environment": {"PASSWORD": 1}, "AppSpecification": UNKNOWN})) == []
    (one,) = secrets_of({"Environment": f"{UNKNOWN}{AWS_KEY}{UNKNOWN}"})
    assert one.member == "Environment"


@pytest.mark.parametrize("secret", [AWS_KEY, f"redis://:{TOKEN}@cache"])
def test_the_message_never_holds_the_secret(secret: str) -> None:
    """It says where it stands and what it looks like."""
    (one,) = secrets_of({"Environment": {"KEPT": secret}})

    assert str(one).startswith("Environment.KEPT ")
    assert secret not in str(one)
    assert TOKEN not in str(one)

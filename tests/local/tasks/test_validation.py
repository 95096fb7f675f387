"""What is refused in a task definition."""

from typing import Any

import pytest

from cdk_sagemaker_processing.local.tasks import problems
from tests.local.tasks.test_definition import OPTIONS

LOG = {"logDriver": "awslogs", "options": OPTIONS}


def definition(**members: Any) -> dict[str, Any]:
    """A definition of one container that has some members."""
    return {"containerDefinitions": [{"name": "a", "image": "i", **members}]}


def test_a_definition_that_can_run_has_no_problem() -> None:
    """Volumes, dependencies and a log among it."""
    container = {
        "name": "a",
        "image": "i",
        "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}],
        "dependsOn": [{"containerName": "b", "condition": "START"}],
        "logConfiguration": LOG,
    }
    other = {"name": "b", "image": "i", "essential": False}
    found = problems(
        {
            "containerDefinitions": [container, other],
            "volumes": [{"name": "v"}],
            "executionRoleArn": "role",
        }
    )
    assert found == []


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        (
            {"mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]},
            "Unknown volume 'v'.",
        ),
        (
            {"dependsOn": [{"containerName": "a", "condition": "START"}]},
            (
                "Container a depends on an unknown container: "
                "{'containerName': 'a', 'condition': 'START'}."
            ),
        ),
        (
            {"logConfiguration": LOG},
            (
                "Fargate requires task definition to have execution role ARN to support log driver "
                "awslogs."
            ),
        ),
        ({"essential": False}, "At least one container must be essential."),
        (
            {"secrets": [{"name": "A", "valueFrom": "arn"}]},
            "The local cloud has no secrets: container a asks for some.",
        ),
    ],
)
def test_what_could_not_run_is_refused(members: dict[str, Any], problem: str) -> None:
    """Each with what is wrong."""
    assert problems(definition(**members)) == [problem]


def test_a_log_needs_its_options() -> None:
    """Each that is missing is named."""
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "group"}}
    found = problems({**definition(logConfiguration=log), "executionRoleArn": "role"})
    assert found == ["Log driver awslogs requires options: awslogs-region, awslogs-stream-prefix."]

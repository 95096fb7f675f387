"""Requests about tasks, before MiniStack answers them; nothing runs."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import ecs

from cdk_sagemaker_processing.local.jobs import Call
from cdk_sagemaker_processing.local.ministack import permissions, seams
from cdk_sagemaker_processing.local.ministack.ecs import requests

_PLACE = ("000000000000", "us-east-1")
_FAMILY = "arn:aws:ecs:us-east-1:000000000000:task-definition/family"
_TASK = "arn:aws:ecs:us-east-1:000000000000:task/main/1"
_Response = tuple[int, dict[str, str], bytes]
_STARTED: _Response = (
    200,
    {},
    json.dumps({"tasks": [{"taskArn": _TASK}], "failures": []}).encode(),
)
_FAILED: _Response = (400, {}, b"no room")


@dataclass(slots=True)
class MiniStack:
    """Answers RunTask as a test says, and notes the requests that reach it.

    Attributes:
        answers: The answers, the last of which stands for all that follow.
        requests: The requests.
        mends: The functions that stand around its own.
    """

    answers: list[_Response] = field(default_factory=lambda: [_STARTED])
    requests: list[dict[str, Any]] = field(default_factory=list)
    mends: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def run_task(self, data: dict[str, Any]) -> _Response:
        """Answer RunTask."""
        self.requests.append(data)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def define(self, revision: int, **members: str) -> str:
        """Register a revision of the family; return its ARN."""
        ecs._task_defs[f"family:{revision}"] = {
            "family": "family",
            "revision": revision,
            "status": "ACTIVE",
            "networkMode": "bridge",
            "taskDefinitionArn": f"{_FAMILY}:{revision}",
            **members,
        }
        return f"{_FAMILY}:{revision}"


@pytest.fixture
def ministack(monkeypatch: pytest.MonkeyPatch) -> Iterator[MiniStack]:
    """A MiniStack with a cluster and two revisions of a family."""
    found = MiniStack()

    def mend(_module: Any, functions: Mapping[str, Callable[..., Any]]) -> None:
        found.mends.update(functions)

    monkeypatch.setattr(seams, "mend", mend)
    monkeypatch.setitem(ecs._ACTION_MAP, "RunTask", found.run_task)
    for other in ("RegisterTaskDefinition", "DescribeTasks"):
        monkeypatch.setitem(ecs._ACTION_MAP, other, ecs._ACTION_MAP[other])
    requests.install(enforce_iam=False)
    with request_scope(*_PLACE):
        ecs._clusters["main"] = {"clusterName": "main"}
        ecs._tasks[_TASK] = {"taskArn": _TASK, "lastStatus": "RUNNING"}
        for revision in (1, 2):
            found.define(revision)
        yield found
        for held in (ecs._clusters, ecs._tasks, ecs._task_defs):
            held.clear()


def run(definition: str = "family", **members: Any) -> Any:
    """Send RunTask."""
    data = {"cluster": "main", "taskDefinition": definition, **members}
    return ecs._ACTION_MAP["RunTask"](data)


@pytest.mark.parametrize(
    ("definition", "revision"),
    [("family", 2), ("family:1", 1), (f"{_FAMILY}:1", 1), (f"{_FAMILY}:2", 2)],
)
def test_the_revision_that_is_named_runs(
    ministack: MiniStack, definition: str, revision: int
) -> None:
    """The newest one of a family; each without a token is a request of its own."""
    assert [run(definition), run(definition)] == [_STARTED, _STARTED]
    sent = {
        "cluster": "main",
        "group": "family:family",
        "taskDefinition": f"{_FAMILY}:{revision}",
    }
    assert ministack.requests == [sent, sent]


@pytest.mark.parametrize("definition", ["family:3", "other", "other:1"])
def test_a_revision_that_there_is_not_is_refused(ministack: MiniStack, definition: str) -> None:
    """By number or by name."""
    code, _, body = run(definition)
    assert (code, json.loads(body)["message"]) == (400, "TaskDefinition not found.")
    assert ministack.requests == []


def test_a_request_that_failed_may_be_sent_again(ministack: MiniStack) -> None:
    """Its token is for the tasks that it did not get; once it got them they are its own."""
    ministack.answers = [_FAILED, _STARTED]
    assert [run(clientToken="one")[0] for _ in range(2)] == [400, 200]
    code, _, body = run(clientToken="one")
    (task,) = json.loads(body)["tasks"]
    assert (code, task["taskArn"]) == (200, _TASK)
    assert len(ministack.requests) == 2


def test_what_ministack_refuses_to_register_stays_refused(ministack: MiniStack) -> None:
    """In its words."""
    register = ministack.mends["_register_task_definition"]
    assert register(lambda _data: _FAILED, {"family": "family"}) == _FAILED
    assert set(ecs._task_defs) == {"family:1", "family:2"}


_OWN, _OTHER = (f"arn:aws:iam::000000000000:role/{name}" for name in ("own", "other"))


@pytest.mark.parametrize(
    ("members", "overrides", "asked"),
    [
        ({}, {}, []),
        ({"taskRoleArn": _OWN}, {}, [_OWN]),
        ({"executionRoleArn": _OWN}, {"taskRoleArn": _OTHER}, [_OTHER, _OWN]),
        ({"taskRoleArn": _OWN}, {"taskRoleArn": _OTHER}, [_OTHER]),
    ],
)
def test_each_role_that_a_task_gets_must_be_passed(
    ministack: MiniStack,
    monkeypatch: pytest.MonkeyPatch,
    members: dict[str, str],
    overrides: dict[str, str],
    asked: list[str],
) -> None:
    """To ECS's tasks; a task without roles needs none."""
    calls: list[Call] = []

    def refusal(_caller: str, call: Call) -> None:
        calls.append(call)

    monkeypatch.setattr(permissions, "refusal_of_caller", refusal)
    ministack.define(3, **members)
    requests.install(enforce_iam=True)
    assert run(overrides=overrides) == _STARTED
    context = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    assert calls == [Call("iam:PassRole", role, context) for role in asked]


def test_a_role_that_may_not_be_passed_refuses_the_task(
    ministack: MiniStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason; nothing starts."""
    monkeypatch.setattr(permissions, "refusal_of_caller", lambda *_: "not yours")
    ministack.define(3, taskRoleArn=_OWN)
    requests.install(enforce_iam=True)
    code, _, body = run()
    told = json.loads(body)
    assert (code, told["__type"], told["message"]) == (400, "AccessDeniedException", "not yours")
    assert ministack.requests == []

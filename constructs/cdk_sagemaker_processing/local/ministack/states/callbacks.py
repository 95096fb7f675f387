"""Tasks that wait for someone's word: `.waitForTaskToken`, and activities.

MiniStack's know no heartbeat, an activity no time limit either, and both wait on when the execution
is stopped or another branch fails. An activity's limits count from when a worker takes its task.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import history
from cdk_sagemaker_processing.local.ministack.states.place import current, here

_State = dict[str, Any]
_Word = dict[str, Any]

_SUFFIX = ".waitForTaskToken"
# The default of TimeoutSeconds, in seconds: https://states-language.net/spec.html#timeouts has 60,
# Step Functions 99999999.
_LONGEST_SECONDS = 99_999_999
# The tokens of tasks that are over.
_CLOSED: set[str] = set()


def _invoke_with_callback(
    _original: Callable[..., Any], resource: str, input_data: Any, token: str, state_def: _State
) -> Any:
    with _expected(token) as word:
        # Another attempt has another token.
        here().context["Task"] = {"Token": str(uuid.uuid4())}
        history.started(resource)
        answer = sfn._invoke_resource(resource.removesuffix(_SUFFIX), input_data)
        history.submitted(resource, answer)
        return _wait(word, state_def)


def _invoke_activity(original: Callable[..., Any], resource: str, input_data: Any) -> Any:
    if current() is None:
        return original(resource, input_data)
    if resource not in sfn._activities:
        raise sfn._ExecutionError("ActivityDoesNotExist", f"Activity {resource} not found")
    token = str(uuid.uuid4())
    task = {"taskToken": token, "input": json.dumps(input_data)}
    with _expected(token) as word:
        sfn._activity_tasks[resource].append(task)
        try:
            _until_taken(word)
            history.started(resource)
            return _wait(word, here().task)
        finally:
            if task in sfn._activity_tasks.get(resource, []):
                sfn._activity_tasks[resource].remove(task)


def _until_taken(word: _Word) -> None:
    scope, taken = here().scope, word["taken"]
    with scope.on_end(lambda _: taken.set()):
        taken.wait(_LONGEST_SECONDS)
    scope.check()


async def _get_activity_task(
    original: Callable[..., Coroutine[Any, Any, Any]], data: dict[str, Any]
) -> Any:
    status, headers, body = await original(data)
    word = sfn._task_tokens.get(json.loads(body).get("taskToken"))
    if word is not None:
        word["taken"].set()
    return status, headers, body


@contextmanager
def _expected(token: str) -> Iterator[_Word]:
    word: _Word = {
        "event": threading.Event(),
        "taken": threading.Event(),
        "result": None,
        "error": None,
        "heartbeat": None,
    }
    sfn._task_tokens[token] = word
    try:
        yield word
    finally:
        sfn._task_tokens.pop(token, None)
        _CLOSED.add(token)


def _told(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    if data.get("taskToken") in _CLOSED:
        problem = "Task Timed Out: 'Provided task does not exist anymore'"
        return error_response_json("TaskTimedOut", problem, 400)
    return original(data)


def _wait(word: _Word, state: _State) -> Any:
    scope, spoken = here().scope, word["event"]
    begun = time.time()
    limit = begun + state.get("TimeoutSeconds", _LONGEST_SECONDS)
    silence = state.get("HeartbeatSeconds", _LONGEST_SECONDS)
    with scope.on_end(lambda _: spoken.set()):
        while not spoken.wait(min(limit, _last_sign(word, begun) + silence) - time.time()):
            if time.time() >= limit:
                raise sfn._ExecutionError("States.Timeout", "")
            if time.time() >= _last_sign(word, begun) + silence:
                raise sfn._ExecutionError("States.HeartbeatTimeout", "")
    scope.check()
    return _answer(word)


def _last_sign(word: _Word, begun: float) -> float:
    beat = word["heartbeat"]
    return datetime.fromisoformat(beat).timestamp() if beat else begun


def _answer(word: _Word) -> Any:
    if error := word["error"]:
        raise sfn._ExecutionError(error["Error"], error["Cause"])
    return json.loads(word["result"])


MENDS = {
    "_get_activity_task": _get_activity_task,
    "_invoke_activity": _invoke_activity,
    "_invoke_with_callback": _invoke_with_callback,
    "_send_task_failure": _told,
    "_send_task_heartbeat": _told,
    "_send_task_success": _told,
}

"""CreateStateMachine, UpdateStateMachine and their check of the definition."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response

from cdk_sagemaker_processing.local.ministack.states import definition


def refusal(text: str) -> str | None:
    """Return the message with which AWS refuses a definition, or None."""
    found = ", ".join(str(problem) for problem in definition.problems(text))
    return f"Invalid State Machine Definition: '{found}'" if found else None


def _checked(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    if "definition" in data and (problem := refusal(data["definition"])):
        return error_response_json("InvalidDefinition", problem, 400)
    return original(data)


def _validate(_original: Callable[..., Any], data: dict[str, Any]) -> Any:
    found = [_diagnostic(problem) for problem in definition.problems(data.get("definition", ""))]
    result = "FAIL" if found else "OK"
    return json_response({"result": result, "diagnostics": found, "truncated": False})


def _diagnostic(problem: definition.Problem) -> dict[str, str]:
    told = {"severity": "ERROR", "code": problem.code, "message": problem.message}
    return {**told, "location": problem.location} if problem.location else told


MENDS = {
    "_create_state_machine": _checked,
    "_update_state_machine": _checked,
    "_validate_state_machine_definition": _validate,
}

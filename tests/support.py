"""What tests of constructs need: stacks to put them in, and what these render to."""

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_stepfunctions as sfn

ENVIRONMENT = cdk.Environment(account="111122223333", region="eu-west-1")


def new_stack(
    folder: Path, name: str = "Prod", environment: cdk.Environment | None = ENVIRONMENT
) -> cdk.Stack:
    """A stack in an app of its own, whose cloud assembly is in the folder."""
    return cdk.Stack(cdk.App(outdir=str(folder / "cdk.out")), name, env=environment)


def as_text(value: Any) -> str:
    """A resolved string in which each intrinsic function stands as ``<what it names>``."""
    if isinstance(value, str):
        return value
    ((function, arguments),) = value.items()
    if function == "Fn::Join":
        return str(arguments[0]).join(map(as_text, arguments[1]))
    if function == "Fn::Sub":
        return re.sub(r"\$\{(!?)([^}]*)\}", _substituted, str(arguments))
    if function == "Fn::FindInMap":
        return f"<{'.'.join(map(as_text, arguments))}>"
    named = arguments[0] if isinstance(arguments, list) else arguments
    return f"<{named}>"


def _substituted(found: re.Match[str]) -> str:
    return f"${{{found[2]}}}" if found[1] else f"<{found[2]}>"


def resolved(stack: cdk.Stack, value: Any) -> Any:
    """A value with its tokens resolved, each string by `as_text`."""
    return _texts(stack.resolve(value))


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and (key := next(iter(value))) and (key == "Ref" or key[:4] == "Fn::"):
            return as_text(value)
        return {key: _texts(one) for key, one in value.items()}
    return [_texts(one) for one in value] if isinstance(value, list) else value


def definition(machine: sfn.StateMachine) -> dict[str, Any]:
    """A state machine's definition, as it is deployed but for the names of resources."""
    resource = machine.node.default_child
    assert isinstance(resource, sfn.CfnStateMachine)
    text = as_text(cdk.Stack.of(machine).resolve(resource.definition_string))
    read: dict[str, Any] = json.loads(text)
    return read


def machine_of(
    chain: sfn.IChainable, query_language: sfn.QueryLanguage | None = None
) -> sfn.StateMachine:
    """A plain state machine of a user's own."""
    state = chain.start_state
    return sfn.StateMachine(
        cdk.Stack.of(state),
        f"Machine{state.node.id}",
        definition_body=sfn.DefinitionBody.from_chainable(chain),
        query_language=query_language,
    )


def state_of(
    chain: sfn.IChainable, query_language: sfn.QueryLanguage | None = None
) -> dict[str, Any]:
    """The first state of a chain, rendered in a machine of its own."""
    read = definition(machine_of(chain, query_language))
    state: dict[str, Any] = read["States"][read["StartAt"]]
    return state


def template_of(stack: cdk.Stack) -> dict[str, Any]:
    """A stack's template."""
    template: dict[str, Any] = dict(assertions.Template.from_stack(stack).to_json())
    return template


def warnings_of(stack: cdk.Stack) -> list[str]:
    """The warnings on a stack and on what is in it."""
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return [str(one.entry.data) for one in found]


def statements_of(stack: cdk.Stack, logical_id_part: str) -> list[dict[str, Any]]:
    """The policy statements of the roles and policies whose logical id holds the part."""
    found: list[dict[str, Any]] = []
    for logical_id, resource in template_of(stack).get("Resources", {}).items():
        if logical_id_part not in logical_id:
            continue
        properties = resource["Properties"]
        documents = [one["PolicyDocument"] for one in properties.get("Policies", ())]
        if resource["Type"] == "AWS::IAM::Policy":
            documents.append(properties["PolicyDocument"])
        found += [one for document in documents for one in _texts(document)["Statement"]]
    return found

"""The same job on other instance types, as further states that catch what the service refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import Language, is_known
from cdk_sagemaker_processing.steps.state.retries import SERVICE_ERRORS, TRANSIENT_ERRORS, Retries

__all__ = [
    "Fallback",
    "add_fallbacks",
    "fallback_names",
    "on_instance_type",
    "with_input_kept",
    "wrong_fallbacks",
]

_Render = Callable[["Fallback", sfn.QueryLanguage | None], Mapping[str, Any]]


class Fallback(sfn.TaskStateBase):
    """The state of a step's job on another instance type.

    It goes on wherever its step goes on.

    Args:
        step: The step.
        name: The construct's id in the step.
        state_name: The state's name.
        instance_type: The instance type.
        render: Gives the state.

    Attributes:
        instance_type: The instance type.
    """

    def __init__(
        self,
        step: sfn.TaskStateBase,
        name: str,
        *,
        state_name: str,
        instance_type: str,
        render: _Render,
    ) -> None:
        super().__init__(step, name, state_name=state_name)
        self.instance_type = instance_type
        self._step = step
        self._render = render

    def next(self, next_: sfn.IChainable) -> sfn.Chain:
        """Go on with another state, where the CDK takes this one for the end of the step."""
        return self._step.next(next_)

    def to_state_json(
        self, top_level_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[str, Any]:
        """The state in Amazon States Language; the CDK calls it when a machine is made."""
        return self._render(self, top_level_query_language)

    def retry_catch(self) -> Mapping[str, Any]:
        """The state's Retry and Catch."""
        return dict(self._render_retry_catch())

    @property
    def _task_policies(self) -> list[iam.PolicyStatement]:
        # They are the step's, which is in the same state machine.
        return []

    @property
    def _task_metrics(self) -> None:
        return None


def fallback_names(state_name: str, instance_types: Sequence[str]) -> list[str]:
    """The names of the states that a step falls back to."""
    return [
        f"{state_name} on {one}"
        if is_known(one) and not run_time.is_jsonata(one)
        else f"{state_name} on fallback {at}"
        for at, one in enumerate(instance_types, start=1)
    ]


def wrong_fallbacks(instance_type: str, instance_types: Sequence[str]) -> list[Problem]:
    """Which instance types would be tried twice."""
    tried = [instance_type, *instance_types]
    return [
        Problem(
            f"fallback_instance_types[{at}]: {one!r} was tried before: name each instance type once"
        )
        for at, one in enumerate(instance_types)
        if one in tried[: at + 1]
    ]


def add_fallbacks(
    step: sfn.TaskStateBase,
    state_name: str,
    instance_types: Sequence[str],
    retries: Retries,
    render: _Render,
) -> list[Fallback]:
    """Have a step go on with other instance types when the service refuses the one before.

    Args:
        step: The step.
        state_name: Its state's name.
        instance_types: The other instance types, in their order.
        retries: How service errors are waited out before that.
        render: Gives a fallback's state.
    """
    states: list[sfn.TaskStateBase] = [step]
    for at, name in enumerate(fallback_names(state_name, instance_types)):
        # A full quota is no fault to wait out while there is another type to try.
        retries.add_to(states[-1], TRANSIENT_ERRORS)
        fallback = Fallback(
            step,
            f"Fallback{at + 1}",
            state_name=name,
            instance_type=instance_types[at],
            render=render,
        )
        states[-1].add_catch(fallback, errors=list(SERVICE_ERRORS))
        states.append(fallback)
    retries.add_to(states[-1], SERVICE_ERRORS)
    return [one for one in states if isinstance(one, Fallback)]


def with_input_kept(
    retry_catch: Mapping[str, Any], fallbacks: Sequence[str], language: Language
) -> dict[str, Any]:
    """A state's Retry and Catch, of which those that lead to a fallback hand on the state's input.

    By default a catcher hands on the error, which the next instance type has no use for.

    Args:
        retry_catch: The two as the CDK renders them.
        fallbacks: The names of the step's fallbacks.
        language: The state's query language.
    """
    if not fallbacks or not retry_catch.get("Catch"):
        return dict(retry_catch)
    kept = (
        {"ResultPath": sfn.JsonPath.DISCARD}
        if language == "JSONPath"
        else {"Output": "{% $states.input %}"}
    )
    catchers = [
        {**one, **kept} if one["Next"] in fallbacks else one for one in retry_catch["Catch"]
    ]
    return {**retry_catch, "Catch": catchers}


def on_instance_type(
    request: CreateProcessingJobRequest, instance_type: str
) -> CreateProcessingJobRequest:
    """The same request for another instance type."""
    cluster = replace(
        request.ProcessingResources.ClusterConfig, InstanceType=run_time.text(instance_type)
    )
    return replace(
        request, ProcessingResources=replace(request.ProcessingResources, ClusterConfig=cluster)
    )

"""The same job on other instance types, as further states that catch what the service refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import Language, is_known
from cdk_sagemaker_processing.steps.retries import SERVICE_ERRORS, TRANSIENT_ERRORS, Retries

__all__ = ["Fallback", "add_fallbacks", "on_instance_type", "with_input_kept"]

_Render = Callable[["Fallback", sfn.QueryLanguage | None], Mapping[str, Any]]


class Fallback(sfn.TaskStateBase):
    """The state of a step's job on another instance type.

    It goes on wherever its step goes on, and retries and catches what its step
    does, but that what the service refuses leads to the next fallback.

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
        self._render = render

    def to_state_json(
        self, top_level_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[str, Any]:
        """The state in Amazon States Language; the CDK calls it when a machine is made."""
        return self._render(self, top_level_query_language)

    def retry_catch(self, of_step: Mapping[str, Any], language: Language) -> dict[str, Any]:
        """The state's Retry and Catch: its own first, then what the user added to the step.

        Args:
            of_step: The step's, of which as many are the step's own as this state has.
            language: The state's query language.
        """
        own = with_input_kept(self._render_retry_catch(), language)
        added = {
            "Retry": of_step.get("Retry", [])[len(own.get("Retry", [])) :],
            # The step's first catcher leads to its first fallback; the last has none to go to.
            "Catch": of_step.get("Catch", [])[1:],
        }
        merged = {name: [*own.get(name, []), *more] for name, more in added.items()}
        return {name: items for name, items in merged.items() if items}

    @property
    def _task_policies(self) -> list[iam.PolicyStatement]:
        # They are the step's, which is in the same state machine.
        return []

    @property
    def _task_metrics(self) -> None:
        return None


def add_fallbacks(
    step: sfn.TaskStateBase,
    state_name: str,
    instance_types: Sequence[str],
    retries: Retries,
    render: _Render,
) -> None:
    """Have a step go on with other instance types when the service refuses the one before.

    Args:
        step: The step.
        state_name: Its state's name.
        instance_types: The other instance types, in their order.
        retries: How service errors are waited out before that.
        render: Gives a fallback's state.
    """
    before = step
    for at, instance_type in enumerate(instance_types, start=1):
        # A full quota is no fault to wait out while there is another type to try.
        retries.add_to(before, TRANSIENT_ERRORS)
        shown = instance_type if is_known(instance_type) else f"fallback {at}"
        fallback = Fallback(
            step,
            f"Fallback{at}",
            state_name=f"{state_name} on {shown}",
            instance_type=instance_type,
            render=render,
        )
        before.add_catch(fallback, errors=list(SERVICE_ERRORS))
        before = fallback
    retries.add_to(before, SERVICE_ERRORS)


def with_input_kept(retry_catch: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A step's Retry and Catch, of which the first catcher hands on the state's input.

    By default a catcher hands on the error, which the next instance type has no use for.
    """
    if not retry_catch.get("Catch"):
        return dict(retry_catch)
    first, *others = retry_catch["Catch"]
    kept = {"ResultPath": None} if language == "JSONPath" else {"Output": "{% $states.input %}"}
    return {**retry_catch, "Catch": [{**first, **kept}, *others]}


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

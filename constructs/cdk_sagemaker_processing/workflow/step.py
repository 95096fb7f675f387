"""A workflow as a step of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION
from cdk_sagemaker_processing.cdk.tree import path_of
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.steps.state.callers_name import give_callers_name
from cdk_sagemaker_processing.workflow.construct import ProcessingWorkflow

__all__ = ["WorkflowStep"]

_RESOURCE = f"arn:{PARTITION}:states:::states:startExecution.sync:2"
# Made by Step Functions to learn of the end of nested executions:
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
_EVENTS_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


class WorkflowStep(sfn.TaskStateBase):
    """A state that runs another workflow and waits for its end.

    More steps than one stack or state machine takes go into several workflows,
    each in a ``cdk.NestedStack``, which one workflow runs like this. An
    execution of theirs has the name of the one that starts it. So a step may
    read the ``output()`` of a step of another of them, as of one of its own.

    A name serves one execution of a workflow: the state must not be retried or
    be in a ``Map``, nor two of them run one workflow. When the other workflow
    fails, so does the state; redrive the execution of the other first and,
    while it runs, this one, which then waits for it.

    The state's output is its input.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        workflow: The workflow to run.
        input: What its execution is given, in the words of the state's query
            language; the input of the state by default.
        state_name: The state's name; its id by default.
        query_language: The state's query language; the machine's by default.
            Inside ``Parallel`` in a JSONata machine it must be told.
        comment: What the state is for; nothing is said by default.

    Raises:
        ValidationError: The workflow is none.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        workflow: ProcessingWorkflow,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # Step Functions' name for it
        state_name: str | None = None,
        query_language: sfn.QueryLanguage | None = None,
        comment: str | None = None,
    ) -> None:
        """Make the state; its arguments are told at the class."""
        if not isinstance(workflow, ProcessingWorkflow):
            problem = f"workflow must be a ProcessingWorkflow, got {type(workflow).__name__}"
            path = "/".join(filter(None, (path_of(scope), id)))
            raise ValidationError(path, type(self).__name__, [Problem(problem)])
        super().__init__(
            scope, id, comment=comment, state_name=state_name, query_language=query_language
        )
        self._asked_language = query_language
        self._given = input
        self._said = comment
        self._machine = workflow.state_machine
        give_callers_name(workflow.state_machine)

    def to_state_json(
        self, top_level_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[str, Any]:
        """The state in Amazon States Language; the CDK calls it when a machine is made."""
        language = self._asked_language or top_level_query_language
        jsonata = language == sfn.QueryLanguage.JSONATA
        return {
            **self._render_next_end(),
            **self._render_retry_catch(),
            **(
                self._render_query_language(top_level_query_language)
                if self._asked_language
                else {}
            ),
            "Type": "Task",
            "Resource": _RESOURCE,
            **({"Comment": self._said} if self._said else {}),
            **(self._jsonata() if jsonata else self._jsonpath()),
        }

    def _jsonpath(self) -> dict[str, Any]:
        given = {"Input.$": "$"} if self._given is None else {"Input": self._rendered()}
        return {
            "Parameters": {
                "StateMachineArn": self._machine.state_machine_arn,
                "Name.$": "$$.Execution.Name",
                **given,
            },
            "ResultPath": sfn.JsonPath.DISCARD,
        }

    def _jsonata(self) -> dict[str, Any]:
        return {
            "Arguments": {
                "StateMachineArn": self._machine.state_machine_arn,
                "Name": "{% $states.context.Execution.Name %}",
                "Input": "{% $states.input %}" if self._given is None else dict(self._given),
            },
            "Output": "{% $states.input %}",
        }

    def _rendered(self) -> Any:
        return sfn.FieldUtils.render_object(dict(self._given or {}))

    @property
    def _task_policies(self) -> list[iam.PolicyStatement]:
        here = f"{REGION}:{ACCOUNT_ID}"
        name = self._machine.state_machine_name
        statements = (
            (["states:StartExecution"], self._machine.state_machine_arn),
            (
                ["states:DescribeExecution", "states:StopExecution"],
                f"arn:{PARTITION}:states:{here}:execution:{name}:*",
            ),
            (
                ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                f"arn:{PARTITION}:events:{here}:rule/{_EVENTS_RULE}",
            ),
        )
        return [
            iam.PolicyStatement(actions=actions, resources=[resource])
            for actions, resource in statements
        ]

    @property
    def _task_metrics(self) -> sfn.TaskMetricsConfig | None:
        return None

"""What all steps are: a state of a state machine that runs a processing job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.access import Statement, job_statements, machine_statements
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.images import Image
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.rendering import (
    WrongLanguageError,
    expression,
    to_arguments,
    to_dict,
    to_parameters,
)
from cdk_sagemaker_processing.request.values import Language, Reference
from cdk_sagemaker_processing.steps.assembly import Assembly, assemble, job_prefix
from cdk_sagemaker_processing.steps.container import Container
from cdk_sagemaker_processing.steps.kinds import wrong_kinds
from cdk_sagemaker_processing.steps.nesting import Member, check_machines
from cdk_sagemaker_processing.steps.options import Options, StepOptions
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["JobStep"]

# Stands in the request while it is checked: the role is made of the request, so comes after it.
_PENDING_ROLE = "arn:aws:iam::000000000000:role/pending"
_SERVICE = "sagemaker.amazonaws.com"
# Throttling and capacity, as the integration names them; a failed script is States.TaskFailed.
_SERVICE_ERRORS = ("SageMaker.AmazonSageMakerException", "SageMaker.ResourceLimitExceededException")
# https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
_LONGEST_NAME = 80
_UNKNOWN_IMAGE = Image("", None)


class JobStep(sfn.TaskStateBase):
    """A state that runs a processing job: what all kinds of step share.

    Use one of the kinds; this class is for annotations and for kinds of your
    own.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        container: What the job's container is made of.
        options: What every kind of step takes: see ``StepOptions``.

    Attributes:
        role: The job's role.
        job_name_prefix: What the names of the step's jobs begin with.

    Raises:
        ValidationError: The job could not run as asked for; every reason is in
            the message.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        container: Container,
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        given = Options.of(type(self).__name__, options)
        super().__init__(
            scope,
            id,
            comment=given.comment,
            state_name=given.state_name,
            query_language=given.query_language,
            assign=given.assign,
        )
        self._options = given
        self._container = container
        self._path = self.node.path
        if wrong := wrong_kinds(given):
            raise self._error(*container.problems, *wrong)
        self.job_name_prefix = job_prefix(self._path, given.base_job_name)
        stack = cdk.Stack.of(self)
        storage = _storage(stack, container, given)
        assembly = assemble(
            stack, self._path, container, given, storage=storage, role_arn=_PENDING_ROLE
        )
        statements = self._checked(assembly, container)
        self.role = self._role(given.role, statements)
        self._storage_key = storage.encryption_key if storage else None
        self._grant_keys()
        self._uris = assembly.outputs
        self._request = replace(assembly.request, RoleArn=self.role.role_arn)
        if given.retry_on_service_errors:
            self._retry_on_service_errors()

    def output(self, output_name: str) -> str:
        """The S3 URI of one of the step's outputs in the running execution.

        It may stand anywhere downstream: as another step's input, in its
        arguments, in a state of any other kind. In JSONPath it is a CDK token,
        in a step whose ``query_language`` is JSONata a ``{% ... %}``.

        Args:
            output_name: The output's name.

        Raises:
            ValidationError: The step has no such output.
        """
        if output_name not in self._uris:
            having = ", ".join(map(repr, self._uris)) or "none"
            raise self._error(
                Problem(
                    f"there is no output {output_name!r}; the step's outputs are {having}. "
                    f"Add ProcessingOutput({output_name!r}) to its outputs, or name another"
                )
            )
        uri = self._uris[output_name]
        in_storage = any(
            one.output_name == output_name and one.destination is None
            for one in self._options.outputs
        )
        output = run_time.Output(
            output_name,
            of_execution=self.job_name_prefix if run_time.is_of_execution(uri) else None,
            key=self._storage_key if in_storage else None,
        )
        jsonata = self._options.query_language == sfn.QueryLanguage.JSONATA
        return run_time.written(uri, output, jsonata=jsonata)

    def render_request(self) -> dict[str, Any]:
        """The request as ``boto3.client("sagemaker").create_processing_job(**request)`` takes it.

        What only a run knows stands as its expression in braces, such as
        ``{$.day}``; what CloudFormation fills in stands as its intrinsic
        function, such as ``{"Ref": ...}``.
        """
        rendered: dict[str, Any] = cdk.Stack.of(self).resolve(to_dict(self._request))
        return rendered

    def to_state_json(
        self, top_level_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[str, Any]:
        """The state in Amazon States Language; the CDK calls it when a machine is made."""
        reads = frozenset(one.of_execution for one in self._reads() if one.of_execution)
        check_machines(cdk.Stack.of(self), Member(self._path, self.job_name_prefix, reads))
        body = self._body(self._language_in(top_level_query_language))
        return {
            **self._render_next_end(),
            **self._render_retry_catch(),
            **self._render_query_language(top_level_query_language),
            **self._render_assign(top_level_query_language),
            "Type": "Task",
            "Resource": f"arn:{cdk.Aws.PARTITION}:states:::sagemaker:createProcessingJob.sync",
            **({"Comment": self._options.comment} if self._options.comment else {}),
            **body,
        }

    @property
    def _task_policies(self) -> list[iam.PolicyStatement]:
        statements = machine_statements(self.job_name_prefix, self.role.role_arn)
        return [iam.PolicyStatement.from_json(statement) for statement in statements]

    @property
    def _task_metrics(self) -> sfn.TaskMetricsConfig:
        return sfn.TaskMetricsConfig(
            metric_prefix_singular="ServiceIntegration",
            metric_prefix_plural="ServiceIntegrations",
            metric_dimensions={
                "ServiceIntegrationResourceArn": (
                    f"arn:{cdk.Aws.PARTITION}:states:::sagemaker:createProcessingJob.sync"
                )
            },
        )

    def _timeout(self, language: Language) -> dict[str, Any]:
        if self._options.task_timeout is None:
            return {}
        seconds = run_time.number(run_time.whole(self._options.task_timeout.to_seconds()))
        if isinstance(seconds, Reference):
            return {"TimeoutSecondsPath": expression(seconds, language)}
        return {"TimeoutSeconds": seconds}

    def _language_in(self, machine: sfn.QueryLanguage | None) -> Language:
        chosen = self._options.query_language or machine
        return "JSONata" if chosen == sfn.QueryLanguage.JSONATA else "JSONPath"

    def _body(self, language: Language) -> dict[str, Any]:
        try:
            self._check_words(language)
            body = self._jsonata() if language == "JSONata" else self._jsonpath()
            return {**self._timeout(language), **body}
        except WrongLanguageError as error:
            raise self._error(Problem(str(error))) from error

    def _check_words(self, language: Language) -> None:
        """Refuse an argument that says something in the other language only."""
        given = self._options
        if language == "JSONata" and (given.result_path or given.result_selector):
            raise self._error(
                Problem(
                    "result_path and result_selector are for JSONPath, but the state is JSONata: "
                    "give its output as state_output, such as '{% $states.result %}'"
                )
            )
        if language == "JSONPath" and given.state_output is not None:
            raise self._error(
                Problem(
                    "state_output is for JSONata, but the state is JSONPath: "
                    "keep the result by result_path and result_selector"
                )
            )

    def _jsonpath(self) -> dict[str, Any]:
        selector = self._options.result_selector
        return {
            "Parameters": to_parameters(self._request),
            **({"ResultSelector": run_time.fields(selector)} if selector else {}),
            "ResultPath": self._options.result_path or sfn.JsonPath.DISCARD,
        }

    def _jsonata(self) -> dict[str, Any]:
        output = self._options.state_output
        return {
            "Arguments": to_arguments(self._request),
            "Output": "{% $states.input %}" if output is None else output,
        }

    def _checked(self, assembly: Assembly, container: Container) -> list[Statement]:
        statements, unnamed = job_statements(
            assembly.request, container.image or _UNKNOWN_IMAGE, _also_read(container)
        )
        found = [
            *container.problems,
            *assembly.problems,
            *([] if self._options.role else unnamed),
            *problems(assembly.request),
            *self._wrong_language(assembly.request),
            *_wrong_name(self._options.state_name or self.node.id),
        ]
        if found:
            raise self._error(*found)
        return statements

    def _wrong_language(self, request: CreateProcessingJobRequest) -> list[Problem]:
        """A value in the other language than the step's own, where the step has one."""
        if self._options.query_language is None:
            return []
        render = to_arguments if self._language_in(None) == "JSONata" else to_parameters
        try:
            render(request)
        except WrongLanguageError as error:
            return [Problem(str(error))]
        return []

    def _role(self, given: iam.IRole | None, statements: list[Statement]) -> iam.IRole:
        if given is None:
            return iam.Role(
                self,
                "Role",
                assumed_by=iam.ServicePrincipal(_SERVICE),
                inline_policies={
                    "ProcessingJob": iam.PolicyDocument.from_json(
                        {"Version": "2012-10-17", "Statement": statements}
                    )
                },
            )
        if isinstance(given, iam.Role) and cdk.Stack.of(given) != cdk.Stack.of(self):
            # In the role's own stack it would name resources of this one, which names the role.
            policy = iam.Policy(self, "Policy", roles=[given])
            policy.add_statements(*map(iam.PolicyStatement.from_json, statements))
            return given
        for statement in statements:
            # A role may serve several steps, and one policy takes each Sid only once.
            unnamed = {key: value for key, value in statement.items() if key != "Sid"}
            given.add_to_principal_policy(iam.PolicyStatement.from_json(unnamed))
        return given

    def _grant_keys(self) -> None:
        if self._storage_key is not None:
            self._storage_key.grant_encrypt_decrypt(self.role)
        for output in self._reads():
            if output.key is not None and output.key is not self._storage_key:
                output.key.grant_decrypt(self.role)

    def _reads(self) -> list[run_time.Output]:
        """The outputs of other steps that the step reads, as data or as code."""
        return run_time.outputs_in(
            [
                *(str(one.source) for one in self._options.inputs),
                *(one.s3_uri for one in self._container.channels if one.s3_uri),
                *self._container.also_read,
            ]
        )

    def _retry_on_service_errors(self) -> None:
        self.add_retry(
            errors=list(_SERVICE_ERRORS),
            interval=cdk.Duration.seconds(30),
            backoff_rate=2,
            max_attempts=6,
            max_delay=cdk.Duration.minutes(10),
            jitter_strategy=sfn.JitterType.FULL,
        )

    def _error(self, *found: Problem) -> ValidationError:
        return ValidationError(self._path, type(self).__name__, found)


def _storage(stack: cdk.Stack, container: Container, options: Options) -> ProcessingStorage | None:
    event_logs = container.event_logs and not container.event_logs_uri
    needed = event_logs or any(one.destination is None for one in options.outputs)
    return options.storage or (ProcessingStorage.of(stack) if needed else None)


def _wrong_name(state: str) -> list[Problem]:
    if len(state) <= _LONGEST_NAME:
        return []
    return [
        Problem(
            f"the state's name must have at most {_LONGEST_NAME} characters, got {len(state)}: "
            "give the step a shorter id, or a state_name beside it"
        )
    ]


def _also_read(container: Container) -> list[Any]:
    return [run_time.text(uri) for uri in container.also_read]

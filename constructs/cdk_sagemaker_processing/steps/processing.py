"""What all steps are: a state of a state machine that runs a processing job, on any image."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.access import Statement, job_statements, machine_statements
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.images import Image, custom_image
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.rendering import to_dict
from cdk_sagemaker_processing.steps import state
from cdk_sagemaker_processing.steps.arguments import named
from cdk_sagemaker_processing.steps.assembly import Assembly, assemble, job_prefix
from cdk_sagemaker_processing.steps.container import Container
from cdk_sagemaker_processing.steps.kinds import wrong_kinds, wrong_list, wrong_name
from cdk_sagemaker_processing.steps.machines import Member, check_machines
from cdk_sagemaker_processing.steps.options import Options, StepOptions
from cdk_sagemaker_processing.steps.role import job_role
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["ProcessingStep"]

# Stands in the request while it is checked: the role is made of the request, so comes after it.
_PENDING_ROLE = "arn:aws:iam::000000000000:role/pending"
# Throttling and capacity, as the integration names them; a failed script is States.TaskFailed.
_SERVICE_ERRORS = ("SageMaker.AmazonSageMakerException", "SageMaker.ResourceLimitExceededException")
_UNKNOWN_IMAGE = Image("", None)


class ProcessingStep(sfn.TaskStateBase):
    """A processing job on an image of your own, as the SageMaker SDK's ``Processor``.

    The other steps are kinds of it, each with a container of its own; a further
    kind is a subclass that gives ``container``.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        image_uri: The image, in Amazon ECR.
        entrypoint: The command that the container runs, at most 100 items of
            at most 256 characters; the image's own by default.
        container: The container in whole, instead of the two: for subclasses.
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
        *,
        image_uri: str | None = None,
        entrypoint: Sequence[str] = (),
        container: Container | None = None,
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
        self._container = container or _own_container(image_uri, entrypoint)
        self._path = self.node.path
        if wrong := wrong_kinds(given):
            raise self._error(*self._container.problems, *wrong)
        self.job_name_prefix = job_prefix(self._path, given.base_job_name)
        stack = cdk.Stack.of(self)
        storage = _storage(stack, self._container, given)
        assembly = assemble(
            stack, self._path, self._container, given, storage=storage, role_arn=_PENDING_ROLE
        )
        self.role = job_role(self, given.role, self._checked(assembly))
        self._storage_key = storage.encryption_key if storage else None
        self._reads = run_time.outputs_in(_sources(given, self._container))
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
        reads = frozenset(one.of_execution for one in self._reads if one.of_execution)
        check_machines(cdk.Stack.of(self), Member(self._path, self.job_name_prefix, reads))
        return {
            **self._render_next_end(),
            **self._render_retry_catch(),
            **self._render_query_language(top_level_query_language),
            **self._render_assign(top_level_query_language),
            "Type": "Task",
            "Resource": f"arn:{cdk.Aws.PARTITION}:states:::sagemaker:createProcessingJob.sync",
            **({"Comment": self._options.comment} if self._options.comment else {}),
            **self._body(self._options.query_language or top_level_query_language),
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

    def _body(self, query_language: sfn.QueryLanguage | None) -> dict[str, Any]:
        language = state.language_of(query_language)
        body, wrong = state.body(self._request, self._options, language)
        if wrong:
            raise self._error(*wrong)
        return body

    def _checked(self, assembly: Assembly) -> list[Statement]:
        """What the job may do, once nothing is wrong with its request."""
        container, request = self._container, assembly.request
        statements, unnamed = job_statements(
            request, container.image or _UNKNOWN_IMAGE, map(run_time.text, container.also_read)
        )
        found = [
            *container.problems,
            *assembly.problems,
            *([] if self._options.role else unnamed),
            *map(named, problems(request)),
            *self._wrong_language(assembly),
            *state.wrong_state_name(self._options.state_name or self.node.id),
        ]
        if found:
            raise self._error(*found)
        return statements

    def _wrong_language(self, assembly: Assembly) -> list[Problem]:
        """What is in another language than the step's own, where it has one."""
        chosen = self._options.query_language
        if chosen is None:
            return []
        _, wrong = state.body(assembly.request, self._options, state.language_of(chosen))
        return wrong

    def _grant_keys(self) -> None:
        if self._storage_key is not None:
            self._storage_key.grant_encrypt_decrypt(self.role)
        for output in self._reads:
            if output.key is not None and output.key is not self._storage_key:
                output.key.grant_decrypt(self.role)

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


def _sources(options: Options, container: Container) -> list[str]:
    """All that the step reads, as data or as code."""
    return [
        *(str(one.source) for one in options.inputs),
        *(one.s3_uri for one in container.channels if one.s3_uri),
        *container.also_read,
    ]


def _own_container(image_uri: str | None, entrypoint: Sequence[str]) -> Container:
    wrong = wrong_name("image_uri", image_uri)
    return Container(
        image=custom_image(image_uri) if image_uri and not wrong else None,
        entrypoint=entrypoint,
        problems=(*wrong, *wrong_list("entrypoint", entrypoint)),
    )

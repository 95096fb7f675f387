"""What all steps are: a state of a state machine that runs a processing job, on any image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.access import Statement, job_statements, machine_statements
from cdk_sagemaker_processing.cdk.tree import path_of, stack_of, stage_of
from cdk_sagemaker_processing.checks.secret_warnings import warn_of_secrets
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.images import (
    Image,
    ImageChoice,
    grant_pull,
    own_image,
)
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.rendering import to_dict
from cdk_sagemaker_processing.request.values import Language
from cdk_sagemaker_processing.steps import state
from cdk_sagemaker_processing.steps.argument_names import named
from cdk_sagemaker_processing.steps.argument_types import wrong_kinds, wrong_list
from cdk_sagemaker_processing.steps.assembly import Assembly, assemble, names_of_jobs
from cdk_sagemaker_processing.steps.assembly.network import network
from cdk_sagemaker_processing.steps.assembly.outputs import uris
from cdk_sagemaker_processing.steps.assembly.places import Places
from cdk_sagemaker_processing.steps.caching import Cache, CachingStates
from cdk_sagemaker_processing.steps.caching.variables import is_source
from cdk_sagemaker_processing.steps.checks import wrong_request
from cdk_sagemaker_processing.steps.container import Container
from cdk_sagemaker_processing.steps.edges import edges
from cdk_sagemaker_processing.steps.keys import (
    grant_keys,
    granted_keys,
    text_keys,
    written_elsewhere,
)
from cdk_sagemaker_processing.steps.left_out import warn_of_left_out
from cdk_sagemaker_processing.steps.options import Options, StepOptions
from cdk_sagemaker_processing.steps.role import job_role
from cdk_sagemaker_processing.steps.state.fallback import (
    Fallback,
    add_fallbacks,
    fallback_names,
    on_instance_type,
    with_input_kept,
)
from cdk_sagemaker_processing.steps.state.machines import Member, check_machines
from cdk_sagemaker_processing.steps.state.retries import Retries
from cdk_sagemaker_processing.storage import ProcessingStorage

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets

__all__ = ["ProcessingStep"]

# Stands in the request while it is checked: the role is made of the request, so comes after it.
_PENDING_ROLE = "arn:aws:iam::000000000000:role/pending"
# What the CDK writes for it: a construct's id is a part of its path.
_SLASH_IN_ID = "--"
_UNKNOWN_IMAGE = Image("", None)


class ProcessingStep(sfn.TaskStateBase):
    """A processing job on an image of your own, as the SageMaker SDK's ``Processor``.

    The other steps are kinds of it, each with a container of its own; a further
    kind is a subclass that gives ``container``.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        image_uri: The image, in Amazon ECR.
        image: The image as a repository or image asset of the CDK's, instead.
        image_tag: The repository's tag or digest; ``latest`` by default.
        entrypoint: The command that the container runs, at most 100 items of
            at most 256 characters; the image's own by default.
        container: The container in whole, instead of these: for subclasses.
        options: What every kind of step takes: see ``StepOptions``.

    Attributes:
        role: The job's role.
        job_name_prefix: What the names of the step's jobs begin with.
        result_name: Under which name of the state's output its result goes;
            None if it is not kept.
        upstream: The construct paths of the steps whose outputs it reads, or
            whose place it writes to.

    Raises:
        ValidationError: The job could not run as asked for; every reason is in
            the message.
    """

    # The states beside its own, once they are there: what is said of the step before is said of
    # its own alone.
    _fallbacks: Sequence[Fallback] = ()
    _around: CachingStates | None = None

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        image_uri: str | None = None,
        image: ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
        image_tag: str | None = None,
        entrypoint: Sequence[str] = (),
        container: Container | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        given = Options.of(type(self).__name__, options)
        self._options = given
        self._path = "/".join(filter(None, (path_of(scope), id)))
        self._own_name = given.state_name or id.replace("/", _SLASH_IN_ID)
        self._container = container or _own_container(
            own_image(image_uri=image_uri, image=image, image_tag=image_tag), entrypoint
        )
        if wrong := wrong_kinds(given):
            raise self._error(*self._container.problems, *wrong)
        super().__init__(
            scope,
            id,
            comment=given.comment,
            state_name=given.state_name,
            query_language=given.query_language,
            assign=given.assign,
        )
        self._stack = stack = stack_of(scope)
        self._stage = stage_of(stack)
        storage = _storage(stack, self._container, given)
        places = Places(self._path, storage)
        self._network = network(self, given)
        assembly = assemble(
            stack,
            places,
            self._container,
            given,
            network=self._network.config,
            role_arn=_PENDING_ROLE,
        )
        self._edges = edges(given, self._container, self._stage)
        self.result_name = given.result_name
        self.upstream = frozenset(one.step for one in (*self._edges.read, *self._edges.written))
        self._cache = self._caching(assembly, places)
        statements = self._checked(assembly)
        self._job_names = names_of_jobs(assembly.request)
        self.job_name_prefix = self._job_names.rstrip("-")
        self._uris = uris(assembly.request)
        self._storage_key = storage.encryption_key if storage else None
        warn_of_left_out(self, assembly.left_out)
        self.role = job_role(self, given.role, statements, self._job_names)
        self._grant(assembly.image)
        self._role_arn = self.role.role_arn
        self._request = replace(assembly.request, RoleArn=self._role_arn)
        warn_of_secrets(self, self._request)
        self._add_states()

    def _add_states(self) -> None:
        """Make the states of its other instance types and of its cache."""
        given, name = self._options, self._own_name
        self._fallbacks = add_fallbacks(
            self,
            name,
            given.fallback_instance_types,
            Retries(given.retry_on_service_errors),
            self._fallback_json,
        )
        if self._cache:
            self._around = self._cache.add_states(self, name, self._request, given, self._language)

    @property
    def start_state(self) -> sfn.State:
        """The state that the step begins with: its own, or the first of its cache's."""
        return self._around.start if self._around else self

    @property
    def end_states(self) -> list[sfn.INextable]:
        """The states that the step ends with, likewise."""
        return [self._around.end if self._around else self]

    def next(self, next_: sfn.IChainable) -> sfn.Chain:
        """Go on with another state, whether or not the job ran."""
        if self._around:
            return sfn.Chain.start(self).next(next_)
        return super().next(next_)

    @property
    def connections(self) -> ec2.Connections:
        """The ways to and from the job's containers, in a VPC.

        Give this, not the step, where the CDK asks for an ``ec2.IConnectable``:
        ``database.connections.allow_default_port_from(step.connections)``.

        Raises:
            ValidationError: The step is in no VPC of the CDK's.
        """
        if self._network.connections is None:
            raise self._error(Problem("the step has no connections: give it a vpc"))
        return self._network.connections

    def add_retry(self, **props: Any) -> sfn.TaskStateBase:
        """Retry on errors, on every instance type: see ``sfn.TaskStateBase.add_retry``."""
        for fallback in self._fallbacks:
            fallback.add_retry(**props)
        return super().add_retry(**props)

    def add_catch(self, handler: sfn.IChainable, **props: Any) -> sfn.TaskStateBase:
        """Go on elsewhere on errors, on every instance type: ``sfn.TaskStateBase.add_catch``."""
        for fallback in self._fallbacks:
            fallback.add_catch(handler, **props)
        return super().add_catch(handler, **props)

    def output(self, output_name: str) -> str:
        """The S3 URI of one of the step's outputs in the running execution.

        It may stand anywhere downstream: as another step's input, in its
        arguments or environment, which lets its job read the output too, in a
        state of any other kind. In JSONPath it is a CDK token,
        in a step whose ``query_language`` is JSONata a ``{% ... %}``.

        Args:
            output_name: The output's name.

        Raises:
            ValidationError: The step has no such output, or it is a feature
                group's.
        """
        if output_name not in self._uris:
            raise self._error(self._no_output(output_name))
        uri = self._uris[output_name]
        in_storage = any(
            one.output_name == output_name and one.destination is None
            for one in self._options.outputs
        )
        output = run_time.Output(
            output_name,
            self._cache.output(uri) if self._cache else uri,
            self._stage,
            of_execution=self._job_names if run_time.is_of_execution(uri) else None,
            key=self._options.output_kms_key or (self._storage_key if in_storage else None),
            step=self._path,
        )
        jsonata = self._options.query_language == sfn.QueryLanguage.JSONATA
        return run_time.written(output, jsonata=jsonata)

    def render_request(self) -> dict[str, Any]:
        """The request as ``boto3.client("sagemaker").create_processing_job(**request)`` takes it.

        What only a run knows stands as its expression in braces, such as
        ``{$.day}``; what CloudFormation fills in stands as its intrinsic
        function, such as ``{"Ref": ...}``.
        """
        rendered: dict[str, Any] = self._stack.resolve(to_dict(self._request))
        return rendered

    def to_state_json(
        self, top_level_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[str, Any]:
        """The state in Amazon States Language; the CDK calls it when a machine is made."""
        reads = frozenset(one.of_execution for one in self._edges.read if one.of_execution)
        # Whose outputs count is looked after on its own, as any state may read them.
        variables = frozenset(
            one for one in run_time.variables_in(self._request) if not is_source(one)
        )
        check_machines(self._stack, Member(self._path, self._job_names, reads, variables))
        return self._state_json(self._request, self._render_retry_catch(), top_level_query_language)

    def _fallback_json(
        self, fallback: Fallback, top_level_query_language: sfn.QueryLanguage | None
    ) -> Mapping[str, Any]:
        """The state of the same job on another instance type."""
        request = on_instance_type(self._request, fallback.instance_type)
        return self._state_json(request, fallback.retry_catch(), top_level_query_language)

    def _state_json(
        self,
        request: CreateProcessingJobRequest,
        retry_catch: Mapping[str, Any],
        top_level_query_language: sfn.QueryLanguage | None,
    ) -> Mapping[str, Any]:
        language = self._language(top_level_query_language)
        body, wrong = state.body(request, self._options, language)
        if wrong:
            raise self._error(*wrong)
        return {
            **self._render_next_end(),
            **with_input_kept(retry_catch, self._state_names()[1:], language),
            **self._language_and_variables(top_level_query_language),
            "Type": "Task",
            "Resource": state.resource(self._options),
            **({"Comment": self._options.comment} if self._options.comment else {}),
            **body,
        }

    def _language_and_variables(
        self, top_level_query_language: sfn.QueryLanguage | None
    ) -> Mapping[str, Any]:
        """What the state says of these, where the user did; to ask crosses into Node."""
        asked = self._options
        return {
            **(
                self._render_query_language(top_level_query_language)
                if asked.query_language
                else {}
            ),
            **(self._render_assign(top_level_query_language) if asked.assign else {}),
        }

    def _language(self, top_level_query_language: sfn.QueryLanguage | None) -> Language:
        return state.language_of(self._options.query_language or top_level_query_language)

    def _state_names(self) -> list[str]:
        """The names of the step's state and of its fallbacks'."""
        fallbacks = fallback_names(self._own_name, self._options.fallback_instance_types)
        return [self._own_name, *fallbacks]

    def _all_state_names(self) -> list[str]:
        """The same, and of the states of its cache."""
        own = self._state_names()
        return [*own, *(self._cache.names(own[0]).all() if self._cache else ())]

    @property
    def _task_policies(self) -> list[iam.PolicyStatement]:
        statements = machine_statements(
            self._job_names, self._role_arn, waits=state.waits(self._options)
        )
        if self._cache:
            statements += self._cache.statements()
        return [iam.PolicyStatement.from_json(statement) for statement in statements]

    @property
    def _task_metrics(self) -> sfn.TaskMetricsConfig:
        return sfn.TaskMetricsConfig(
            metric_prefix_singular="ServiceIntegration",
            metric_prefix_plural="ServiceIntegrations",
            metric_dimensions={"ServiceIntegrationResourceArn": state.resource(self._options)},
        )

    def _caching(self, assembly: Assembly, places: Places) -> Cache | None:
        """The step's cache, None where it has none."""
        if self._options.cache is None:
            return None
        also_read = map(run_time.text, self._container.also_read)
        return Cache.of(
            assembly.request,
            self._options,
            places,
            [*also_read, *(one.uri for one in self._edges.named)],
        )

    def _checked(self, assembly: Assembly) -> list[Statement]:
        """What the job may do, once nothing is wrong with its request."""
        container, request = self._container, assembly.request
        statements, unnamed = job_statements(
            request,
            assembly.image or _UNKNOWN_IMAGE,
            map(run_time.text, container.also_read),
            may_read=[one.uri for one in self._edges.named],
            granted_keys=granted_keys(self._options),
            read_keys=text_keys(self._edges.read),
            written_keys=text_keys(written_elsewhere(self._options, self._edges)),
        )
        found = [
            *container.problems,
            *assembly.problems,
            *([] if self._options.role else map(named, unnamed)),
            *wrong_request(request, assembly.image, self._options),
            *self._wrong_language(assembly),
            *state.wrong_state_names(self._all_state_names()),
            *self._wrong_cache(assembly),
            *self._network.problems,
        ]
        if found:
            raise self._error(*found)
        return statements

    def _wrong_cache(self, assembly: Assembly) -> list[Problem]:
        if self._cache is None:
            return []
        return self._cache.problems(assembly.request, assembly.image, self._options, self._stack)

    def _wrong_language(self, assembly: Assembly) -> list[Problem]:
        """What is in another language than the step's own, where it has one."""
        chosen = self._options.query_language
        if chosen is None:
            return []
        _, wrong = state.body(assembly.request, self._options, state.language_of(chosen))
        return wrong

    def _grant(self, image: Image | None) -> None:
        """What is granted by the constructs themselves, whose own policies may have to say so."""
        if image:
            grant_pull(image, self.role)
        grant_keys(self._options, self._edges, self._storage_key, self.role)

    def _no_output(self, output_name: str) -> Problem:
        if any(one.output_name == output_name for one in self._options.outputs):
            return Problem(
                f"the output {output_name!r} goes to a feature group and has no S3 URI: "
                "read it from SageMaker Feature Store, or add an output of another name for S3"
            )
        having = ", ".join(map(repr, self._uris)) or "none"
        return Problem(
            f"there is no output {output_name!r}; the step's outputs are {having}. "
            f"Add ProcessingOutput({output_name!r}) to its outputs, or name another"
        )

    def _error(self, *found: Problem) -> ValidationError:
        return ValidationError(self._path, type(self).__name__, found)


def _storage(stack: cdk.Stack, container: Container, options: Options) -> ProcessingStorage | None:
    """Where a step's outputs go that name no destination; None where all do."""
    event_logs = container.event_logs and not container.event_logs_uri
    outputs = (
        one.destination is None and one.feature_group_name is None for one in options.outputs
    )
    queries = (
        not isinstance(one.source, str | Path) and one.source.output_s3_uri is None
        for one in options.inputs
    )
    if not (event_logs or any(outputs) or any(queries) or options.cache):
        return None
    return options.storage or ProcessingStorage.of(stack)


def _own_container(choice: ImageChoice, entrypoint: Sequence[str]) -> Container:
    return Container(
        image=choice.image,
        entrypoint=entrypoint,
        problems=(*choice.problems, *wrong_list("entrypoint", entrypoint)),
    )

"""Leaving a step's job out where an earlier success of the same job on the same data still stands.

`watched` says what "the same" means, `refusals` which steps can have no cache; `states` are put
around the step's own, `expressions` is what they compute; `scope` finds readers that could not
know whose outputs to read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdk_sagemaker_processing.access.caching import caching_statements
from cdk_sagemaker_processing.access.locations import Location
from cdk_sagemaker_processing.cdk.tree import bucket_name
from cdk_sagemaker_processing.steps.caching import variables
from cdk_sagemaker_processing.steps.caching.expressions import Expressions
from cdk_sagemaker_processing.steps.caching.refusals import places_named, wrong_cache
from cdk_sagemaker_processing.steps.caching.states import CachingStates, Names, add_states
from cdk_sagemaker_processing.steps.caching.watched import Watched, watched

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_stepfunctions as sfn

    from cdk_sagemaker_processing.access.statement import Statement
    from cdk_sagemaker_processing.errors import Problem
    from cdk_sagemaker_processing.images import Image
    from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
    from cdk_sagemaker_processing.request.values import Language, Text
    from cdk_sagemaker_processing.steps.assembly.places import Places
    from cdk_sagemaker_processing.steps.options import Options

__all__ = ["Cache", "CachingStates"]

_FOLDER = ".cache"


@dataclass(frozen=True, slots=True)
class Cache:
    """The cache of one step.

    Attributes:
        path: The step's path in the app.
        watched: What is compared and looked at.
        seen: The S3 URIs that the job's words may hold.
        records: Where records lie: where no job of a step may write.
        key_arn: The KMS key that encrypts them, None if it is S3's own.
    """

    path: str
    watched: Watched
    seen: tuple[Text, ...]
    records: Location
    key_arn: str | None

    @classmethod
    def of(
        cls,
        request: CreateProcessingJobRequest,
        options: Options,
        places: Places,
        also_read: Sequence[Text],
    ) -> Cache:
        """The cache of a step.

        Args:
            request: The step's request.
            options: What the user asked for.
            places: Where what the step writes lies, and its records.
            also_read: S3 URIs that the job reads beside its inputs.
        """
        storage = places.storage
        assert storage is not None  # noqa: S101 # a step with a cache has one
        key = storage.encryption_key
        return cls(
            places.path,
            watched(request, options.fallback_instance_types, also_read),
            tuple(also_read),
            Location(bucket_name(storage.outputs), f"{_FOLDER}/{places.folder}/"),
            key.key_arn if key else None,
        )

    def problems(
        self,
        request: CreateProcessingJobRequest,
        image: Image | None,
        options: Options,
        stack: cdk.Stack,
    ) -> list[Problem]:
        """Why the step can have no cache."""
        return wrong_cache(
            request,
            image=image,
            options=options,
            watched=self.watched,
            seen=self.seen,
            stack=stack,
        )

    def statements(self) -> list[Statement]:
        """What the role of the step's state machine may do for it."""
        looked_at = (*self.watched.inputs, *self.watched.outputs)
        return caching_statements(looked_at, self.records, self.key_arn)

    def names(self, state: str) -> Names:
        """What the states and variables are called.

        Args:
            state: The name of the step's own state.
        """
        return Names(state, variables.found(self.path), variables.source(self.path))

    def output(self, uri: Text) -> Text:
        """An output's URI in the execution whose outputs count."""
        return variables.of_source(uri, self.path)

    def add_states(
        self,
        step: sfn.TaskStateBase,
        state: str,
        request: CreateProcessingJobRequest,
        options: Options,
        language_of: Callable[[sfn.QueryLanguage | None], Language],
    ) -> CachingStates:
        """Put the states around the step's own.

        Args:
            step: The step.
            state: The name of its state.
            request: Its request, with the role of its job.
            options: What the user asked for.
            language_of: The query language of the step's own state, by that of
                the machine's top level.
        """
        assert options.cache is not None  # noqa: S101 # else there is no cache
        names = self.names(state)
        expressions = Expressions(
            names.found,
            seconds=int(options.cache.to_seconds()),
            records=self.records.prefix,
            seen=len(places_named(request)),
            result_name=options.result_name,
        )
        return add_states(
            step,
            names,
            watched=self.watched,
            expressions=expressions,
            bucket=self.records.bucket,
            language_of=language_of,
        )

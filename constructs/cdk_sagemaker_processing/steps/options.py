"""The arguments that every kind of step takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Self, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["Options", "StepOptions"]


class StepOptions(TypedDict, total=False):
    """The arguments that every kind of step takes, all optional; None is the default.

    Any text or number may be a value known only at run time
    (``sfn.JsonPath...`` in JSONPath, ``{% ... %}`` in JSONata).

    Attributes:
        inputs: Data that is in the container when the job starts.
        outputs: Folders of the container that are kept in S3.
        arguments: What the script is given, 1 to 100 items of at most 256
            characters.
        environment: Environment variables, at most 100; a value has at most 256
            characters.
        instance_type: The machine; ``ml.m5.xlarge`` by default.
        instance_count: How many of them, 1 to 100; 1 by default.
        volume_size_in_gb: The size of each one's volume, 1 to 16384; 30 by
            default, as in the SageMaker SDK.
        max_runtime: When SageMaker stops the job, at most 9 days; 24 hours by
            default, as in the service.
        base_job_name: What the jobs' names begin with, at most 22 characters;
            made of the construct's id by default.
        role: The job's role, which is granted what the request needs; one of
            the step's own by default.
        storage: Where outputs and event logs go that name no destination; the
            stack's own by default, made on first need.
        retry_on_service_errors: Whether throttling and a lack of capacity are
            waited out (up to 6 times, from 30 seconds on); they are by
            default. A failed script is never run again by it.
        comment: The state's comment.
        state_name: The state's name; the construct's id by default.
        query_language: The state's query language; its state machine's by
            default. A step of a JSONata machine that stands inside
            ``Parallel`` or ``Map`` must be given it.
        result_path: Where the description of the finished job goes in the
            state's output (JSONPath); the output is the input by default.
        result_selector: What of the description is kept (JSONPath).
        state_output: The state's output (JSONata); its input by default.
        assign: Variables of the state machine that the state sets.
        task_timeout: When Step Functions gives the state up and stops the job;
            never by default, as ``max_runtime`` ends the job.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
    """

    inputs: Sequence[ProcessingInput] | None
    outputs: Sequence[ProcessingOutput] | None
    arguments: Sequence[str] | str | None
    environment: Mapping[str, str] | None
    instance_type: str | None
    instance_count: int | float | str | None
    volume_size_in_gb: int | float | str | None
    max_runtime: cdk.Duration | None
    base_job_name: str | None
    role: iam.IRole | None
    storage: ProcessingStorage | None
    retry_on_service_errors: bool | None
    comment: str | None
    state_name: str | None
    query_language: sfn.QueryLanguage | None
    result_path: str | None
    result_selector: Mapping[str, Any] | None
    state_output: Any
    assign: Mapping[str, Any] | None
    task_timeout: cdk.Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The same arguments with their defaults."""

    inputs: Sequence[ProcessingInput] = ()
    outputs: Sequence[ProcessingOutput] = ()
    arguments: Sequence[str] | str = ()
    environment: Mapping[str, str] | None = None
    instance_type: str = "ml.m5.xlarge"
    instance_count: int | float | str = 1
    volume_size_in_gb: int | float | str = 30
    max_runtime: cdk.Duration | None = None
    base_job_name: str | None = None
    role: iam.IRole | None = None
    storage: ProcessingStorage | None = None
    retry_on_service_errors: bool = True
    comment: str | None = None
    state_name: str | None = None
    query_language: sfn.QueryLanguage | None = None
    result_path: str | None = None
    result_selector: Mapping[str, Any] | None = None
    state_output: Any = None
    assign: Mapping[str, Any] | None = None
    task_timeout: cdk.Duration | None = None

    @classmethod
    def of(cls, kind: str, given: StepOptions) -> Self:
        """What the user gave, with the default for all that is missing or None.

        Args:
            kind: The step's class, for the error.
            given: The arguments.

        Raises:
            TypeError: There is no such argument.
        """
        names = [field.name for field in fields(cls)]
        for name in given:
            if name not in names:
                near = get_close_matches(name, names, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
                raise TypeError(f"{kind}() got an unexpected argument {name!r}; {hint}")
        return cls(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type] # the two classes agree, which a test holds

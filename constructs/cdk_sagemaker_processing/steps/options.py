"""The arguments that every kind of step takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.steps.channels import ProcessingInput, ProcessingOutput
from cdk_sagemaker_processing.storage import ProcessingStorage

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_kms as kms

__all__ = ["Options", "StepOptions"]


class StepOptions(TypedDict, total=False):
    """The arguments that every kind of step takes, all optional; None is the default.

    Any text or number may be a value known only at run time
    (``sfn.JsonPath...`` in JSONPath, ``{% ... %}`` in JSONata).

    Attributes:
        inputs: Data that is in the container when the job starts; none by
            default.
        outputs: Folders of the container that are kept in S3; none by default.
        arguments: What the script is given, 1 to 100 items of at most 256
            characters; nothing by default.
        environment: Environment variables, at most 100; a value has at most 256
            characters. None by default.
        instance_type: The machine; ``ml.m5.xlarge`` by default.
        instance_count: How many of them, 1 to 100; 1 by default.
        fallback_instance_types: Instance types to run the job on, one after the
            other, when the service refuses the one before for its quota, or
            for any fault of its own that outlasts the retries.
        volume_size_in_gb: The size of each one's volume, 1 to 16384; 30 by
            default, as in the SageMaker SDK.
        volume_kms_key: The key that encrypts the volumes: a key, or its id, ARN
            or alias; a key of SageMaker's own by default.
        output_kms_key: The key that encrypts what is written to S3, likewise;
            the bucket's own way by default.
        max_runtime: When SageMaker stops the job, at most 9 days; 24 hours by
            default, as in the service.
        base_job_name: What the jobs' names begin with, at most 22 characters;
            made of the construct's id by default.
        tags: Tags of the jobs, as a mapping or as the SageMaker SDK's list of
            ``{"Key": ..., "Value": ...}``; at most 49, as the execution's ARN
            is one too, and the only one by default.
        experiment_config: The experiment that the jobs are recorded under:
            ``ExperimentName``, ``TrialName``, ``TrialComponentDisplayName``,
            ``RunName``; none by default.
        enable_network_isolation: Whether the containers may reach no network,
            S3 included: SageMaker alone moves the data then. They may by
            default.
        encrypt_inter_container_traffic: Whether what the instances of a job
            send each other is encrypted; it is by default where there are
            several, or may be. Security groups of your own must then let UDP
            500 and IP protocol 50 through between members, as Amazon SageMaker
            documents for jobs of several instances in a VPC. It costs a
            shuffle some speed, which False gets back.
        vpc: The VPC whose subnets the containers join; none by default.
        vpc_subnets: Which of its subnets, at most 16; the private ones by
            default.
        security_groups: The security groups of the containers, 1 to 5; one of
            the step's own by default, in which they reach each other.
        subnets: Ids of subnets, instead of ``vpc``; with ``security_group_ids``.
        security_group_ids: Ids of security groups; with ``subnets``.
        role: The job's role, which is granted what the request needs; one of
            the step's own by default.
        storage: Where outputs and event logs go that name no destination; the
            stack's own by default, made on first need.
        retry_on_service_errors: Whether throttling and a lack of capacity are
            waited out (up to 6 times, from 30 seconds on); they are by
            default. ``sfn.RetryProps`` changes how. A failed script is never
            run again by it. Step Functions has one name for most errors of the
            service, so that a request which is wrong only at run time, as by a
            value of the execution's input, is tried as often.
        integration_pattern: ``RUN_JOB`` (default): the state lasts until the
            job has ended and fails when the job does; ``REQUEST_RESPONSE``:
            until the job is started.
        request_overrides: Members of the request that are set or, by None,
            removed after all else: ``{"AppSpecification.ImageUri": "..."}``,
            ``{"Tags[0].Value": ...}``. They are checked, and permissions
            follow them, as if they were arguments. None are by default.
        comment: The state's comment; none by default.
        state_name: The state's name; the construct's id by default.
        query_language: The state's query language; its state machine's by
            default. A step of a JSONata machine that stands inside
            ``Parallel`` or ``Map`` must be given it.
        result_name: Under which name of the state's output the step's result
            goes, in either query language: ``Job``, the response of
            DescribeProcessingJob, in which ``ExitMessage`` is never missing,
            and ``Outputs``, the S3 URI of each output by its name. The output
            is the input by default.
        result_path: Where the description of the finished job goes in the
            state's output (JSONPath); the output is the input by default.
        result_selector: What of the description is kept (JSONPath); all by
            default.
        state_output: The state's output (JSONata); its input by default.
        assign: Variables of the state machine that the state sets; none by
            default.
        cache: For how long a success of the step stands for another run of it,
            at least a second; the job always runs by default. It is left out
            only where its request, its code and what lies at its inputs (the
            ETags of at most 1,000 objects each) are those of an earlier
            success whose outputs still lie there unchanged; ``output`` is then
            of that execution, and the result of ``result_name`` says so by
            ``CachedFrom``, its ARN, which is null where the job ran. States
            around the step's own look that up, by Amazon S3 alone. What a
            script fetches by itself, from a database for example, what AWS
            changes in its own images, and an object that came and went again
            while the job ran, no cache can see.
        task_timeout: When Step Functions gives the state up and stops the job;
            never by default, as ``max_runtime`` ends the job.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
    """

    inputs: Sequence[ProcessingInput] | None
    outputs: Sequence[ProcessingOutput] | None
    arguments: Sequence[str] | str | None
    environment: Mapping[str, str] | str | cdk.IResolvable | None
    instance_type: str | None
    instance_count: int | float | str | None
    fallback_instance_types: Sequence[str] | None
    volume_size_in_gb: int | float | str | None
    volume_kms_key: str | kms.IKey | None
    output_kms_key: str | kms.IKey | None
    max_runtime: cdk.Duration | None
    base_job_name: str | None
    tags: Mapping[str, str] | Sequence[Mapping[str, str]] | None
    experiment_config: Mapping[str, str] | None
    enable_network_isolation: bool | str | cdk.IResolvable | None
    encrypt_inter_container_traffic: bool | str | cdk.IResolvable | None
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | Mapping[str, Any] | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    subnets: Sequence[str] | str | None
    security_group_ids: Sequence[str] | str | None
    role: iam.IRole | None
    storage: ProcessingStorage | None
    retry_on_service_errors: bool | sfn.RetryProps | None
    integration_pattern: sfn.IntegrationPattern | None
    request_overrides: Mapping[str, Any] | None
    comment: str | None
    state_name: str | None
    query_language: sfn.QueryLanguage | None
    result_name: str | None
    result_path: str | None
    result_selector: Mapping[str, Any] | None
    state_output: Any
    assign: Mapping[str, Any] | None
    cache: cdk.Duration | None
    task_timeout: cdk.Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The same arguments with their defaults."""

    inputs: Sequence[ProcessingInput] = ()
    outputs: Sequence[ProcessingOutput] = ()
    arguments: Sequence[str] | str = ()
    environment: Mapping[str, str] | str | cdk.IResolvable | None = None
    instance_type: str = "ml.m5.xlarge"
    instance_count: int | float | str = 1
    fallback_instance_types: Sequence[str] = ()
    volume_size_in_gb: int | float | str = 30
    volume_kms_key: str | kms.IKey | None = None
    output_kms_key: str | kms.IKey | None = None
    max_runtime: cdk.Duration | None = None
    base_job_name: str | None = None
    tags: Mapping[str, str] | Sequence[Mapping[str, str]] = ()
    experiment_config: Mapping[str, str] | None = None
    enable_network_isolation: bool | str | cdk.IResolvable | None = None
    encrypt_inter_container_traffic: bool | str | cdk.IResolvable | None = None
    vpc: ec2.IVpc | None = None
    vpc_subnets: ec2.SubnetSelection | Mapping[str, Any] | None = None
    security_groups: Sequence[ec2.ISecurityGroup] = ()
    subnets: Sequence[str] | str = ()
    security_group_ids: Sequence[str] | str = ()
    role: iam.IRole | None = None
    storage: ProcessingStorage | None = None
    retry_on_service_errors: bool | sfn.RetryProps = True
    integration_pattern: sfn.IntegrationPattern = sfn.IntegrationPattern.RUN_JOB
    request_overrides: Mapping[str, Any] | None = None
    comment: str | None = None
    state_name: str | None = None
    query_language: sfn.QueryLanguage | None = None
    result_name: str | None = None
    result_path: str | None = None
    result_selector: Mapping[str, Any] | None = None
    state_output: Any = None
    assign: Mapping[str, Any] | None = None
    cache: cdk.Duration | None = None
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

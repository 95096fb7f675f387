"""CreateProcessingJob as frozen dataclasses, under the API's own names.

Source: the Amazon SageMaker API reference, CreateProcessingJob (service model
2017-07-24). A member that is None is left out of the request. Every string may
be a value known only at run time, as may numbers and whole lists.
"""

# A member is often named as its type is: the annotation must not be read in the class's body.
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdk_sagemaker_processing.request.values import Reference, Text

__all__ = [
    "AppSpecification",
    "ClusterConfig",
    "CreateProcessingJobRequest",
    "NetworkConfig",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "S3Input",
    "S3Output",
    "StoppingCondition",
    "Tag",
    "VpcConfig",
]

Number = int | float | Reference
TextList = tuple[Text, ...] | Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Input:
    """Where a job's input comes from in S3 and where the container finds it."""

    S3Uri: Text
    LocalPath: Text | None = None
    S3DataType: Text
    S3InputMode: Text | None = None
    S3DataDistributionType: Text | None = None
    S3CompressionType: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingInput:
    """One input of a job."""

    InputName: Text
    AppManaged: bool | None = None
    S3Input: S3Input | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Output:
    """Which folder of the container goes where in S3, and when."""

    S3Uri: Text
    LocalPath: Text | None = None
    S3UploadMode: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingOutput:
    """One output of a job."""

    OutputName: Text
    S3Output: S3Output | None = None
    AppManaged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingOutputConfig:
    """All outputs of a job and the key that encrypts them."""

    Outputs: tuple[ProcessingOutput, ...]
    KmsKeyId: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """The instances a job runs on."""

    InstanceCount: Number
    InstanceType: Text
    VolumeSizeInGB: Number
    VolumeKmsKeyId: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingResources:
    """The compute of a job."""

    ClusterConfig: ClusterConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSpecification:
    """The container of a job and what it is told to run."""

    ImageUri: Text
    ContainerEntrypoint: TextList | None = None
    ContainerArguments: TextList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcConfig:
    """The subnets a job's containers join."""

    SecurityGroupIds: tuple[Text, ...]
    Subnets: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """What a job's containers may reach, and how they speak to each other."""

    EnableInterContainerTrafficEncryption: bool | None = None
    EnableNetworkIsolation: bool | None = None
    VpcConfig: VpcConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingCondition:
    """When SageMaker stops a job by itself."""

    MaxRuntimeInSeconds: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One tag of a job."""

    Key: Text
    Value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProcessingJobRequest:
    """The whole request."""

    ProcessingJobName: Text
    ProcessingResources: ProcessingResources
    AppSpecification: AppSpecification
    RoleArn: Text
    ProcessingInputs: tuple[ProcessingInput, ...] | None = None
    ProcessingOutputConfig: ProcessingOutputConfig | None = None
    StoppingCondition: StoppingCondition | None = None
    Environment: Mapping[str, Text] | None = None
    NetworkConfig: NetworkConfig | None = None
    Tags: tuple[Tag, ...] | None = None

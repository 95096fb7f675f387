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
    "AthenaDatasetDefinition",
    "ClusterConfig",
    "CreateProcessingJobRequest",
    "DatasetDefinition",
    "ExperimentConfig",
    "FeatureStoreOutput",
    "InstancePreference",
    "NetworkConfig",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RedshiftDatasetDefinition",
    "S3Input",
    "S3Output",
    "StoppingCondition",
    "Tag",
    "VpcConfig",
    "outputs_of",
]

Number = int | float | Reference
Flag = bool | Reference
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
class AthenaDatasetDefinition:
    """A query of Amazon Athena whose result becomes an input."""

    Catalog: Text
    Database: Text
    QueryString: Text
    WorkGroup: Text | None = None
    OutputS3Uri: Text
    KmsKeyId: Text | None = None
    OutputFormat: Text
    OutputCompression: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedshiftDatasetDefinition:
    """A query of Amazon Redshift whose result becomes an input."""

    ClusterId: Text
    Database: Text
    DbUser: Text
    QueryString: Text
    ClusterRoleArn: Text
    OutputS3Uri: Text
    KmsKeyId: Text | None = None
    OutputFormat: Text
    OutputCompression: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDefinition:
    """An input that a query makes."""

    AthenaDatasetDefinition: AthenaDatasetDefinition | None = None
    RedshiftDatasetDefinition: RedshiftDatasetDefinition | None = None
    LocalPath: Text | None = None
    DataDistributionType: Text | None = None
    InputMode: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingInput:
    """One input of a job."""

    InputName: Text
    AppManaged: Flag | None = None
    S3Input: S3Input | None = None
    DatasetDefinition: DatasetDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Output:
    """Which folder of the container goes where in S3, and when."""

    S3Uri: Text
    LocalPath: Text | None = None
    S3UploadMode: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureStoreOutput:
    """The feature group that the job puts records into by itself."""

    FeatureGroupName: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingOutput:
    """One output of a job."""

    OutputName: Text
    S3Output: S3Output | None = None
    FeatureStoreOutput: FeatureStoreOutput | None = None
    AppManaged: Flag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingOutputConfig:
    """All outputs of a job and the key that encrypts them."""

    Outputs: tuple[ProcessingOutput, ...]
    KmsKeyId: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePreference:
    """One of several instance types, of which SageMaker takes the first that it has."""

    InstanceType: Text
    InstanceCount: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """The instances a job runs on."""

    InstanceCount: Number | None = None
    InstanceType: Text | None = None
    VolumeSizeInGB: Number
    VolumeKmsKeyId: Text | None = None
    InstancePreferences: tuple[InstancePreference, ...] | None = None


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

    SecurityGroupIds: TextList
    Subnets: TextList


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """What a job's containers may reach, and how they speak to each other."""

    EnableInterContainerTrafficEncryption: Flag | None = None
    EnableNetworkIsolation: Flag | None = None
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
class ExperimentConfig:
    """The experiment that a job is recorded under."""

    ExperimentName: Text | None = None
    TrialName: Text | None = None
    TrialComponentDisplayName: Text | None = None
    RunName: Text | None = None


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
    Environment: Mapping[str, Text] | Reference | None = None
    NetworkConfig: NetworkConfig | None = None
    Tags: tuple[Tag, ...] | None = None
    ExperimentConfig: ExperimentConfig | None = None


def outputs_of(request: CreateProcessingJobRequest) -> tuple[ProcessingOutput, ...]:
    """The outputs of a request, none where it says nothing of them."""
    config = request.ProcessingOutputConfig
    return config.Outputs if config else ()

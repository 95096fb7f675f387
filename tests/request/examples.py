"""A request within every limit, and its parts, but for the members given."""

from dataclasses import replace
from typing import Any

from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.limits import problems

__all__ = [
    "app",
    "cluster",
    "dataset",
    "members_of",
    "request",
    "resources",
    "s3_input",
    "s3_output",
    "with_cluster",
    "with_inputs",
    "with_output",
    "with_tags",
]


def request(**members: Any) -> model.CreateProcessingJobRequest:
    """The smallest request."""
    good = model.CreateProcessingJobRequest(
        ProcessingJobName="clean-1",
        ProcessingResources=resources(),
        AppSpecification=model.AppSpecification(ImageUri="image"),
        RoleArn="arn:aws:iam::111122223333:role/job",
    )
    return replace(good, **members)


def resources(**members: Any) -> model.ProcessingResources:
    """One instance."""
    one = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    return model.ProcessingResources(ClusterConfig=cluster(**{**one, **members}))


def cluster(*, VolumeSizeInGB: Any = 30, **members: Any) -> model.ClusterConfig:  # noqa: N803 # the API's name
    """A cluster of which only the volume is settled."""
    return model.ClusterConfig(VolumeSizeInGB=VolumeSizeInGB, **members)


def app(**members: Any) -> model.AppSpecification:
    """An image."""
    return replace(model.AppSpecification(ImageUri="image"), **members)


def s3_input(
    name: Any = "own", path: Any = "/opt/ml/processing/own", *, app_managed: Any = None, **of: Any
) -> model.ProcessingInput:
    """An input of S3."""
    source = model.S3Input(S3Uri="s3://bucket/x/", LocalPath=path, S3DataType="S3Prefix")
    return model.ProcessingInput(
        InputName=name, AppManaged=app_managed, S3Input=replace(source, **of)
    )


def dataset(name: Any = "own", *, app_managed: Any = None, **of: Any) -> model.ProcessingInput:
    """An input of Athena."""
    athena = model.AthenaDatasetDefinition(
        Catalog="AwsDataCatalog",
        Database="db",
        QueryString="SELECT 1",
        OutputS3Uri="s3://bucket/x/",
        OutputFormat="PARQUET",
    )
    query = model.DatasetDefinition(
        AthenaDatasetDefinition=athena, LocalPath="/opt/ml/processing/own"
    )
    return model.ProcessingInput(
        InputName=name, AppManaged=app_managed, DatasetDefinition=replace(query, **of)
    )


def s3_output(
    name: Any = "own", path: Any = "/opt/ml/processing/own", *, app_managed: Any = None
) -> model.ProcessingOutput:
    """An output to S3."""
    target = model.S3Output(S3Uri="s3://bucket/x/", LocalPath=path, S3UploadMode="EndOfJob")
    return model.ProcessingOutput(OutputName=name, S3Output=target, AppManaged=app_managed)


Request = model.CreateProcessingJobRequest


def with_inputs(of: Request, *inputs: model.ProcessingInput) -> Request:
    """The request with inputs before its own."""
    return replace(of, ProcessingInputs=(*inputs, *(of.ProcessingInputs or ())))


def with_output(of: Request, output: model.ProcessingOutput) -> Request:
    """The request with an output before its own."""
    config = of.ProcessingOutputConfig or model.ProcessingOutputConfig(Outputs=())
    outputs = config.Outputs if isinstance(config.Outputs, tuple) else ()
    return replace(of, ProcessingOutputConfig=replace(config, Outputs=(output, *outputs)))


def with_cluster(of: Request, **members: Any) -> Request:
    """The request with another cluster."""
    return replace(
        of, ProcessingResources=model.ProcessingResources(ClusterConfig=cluster(**members))
    )


def with_tags(of: Request, *keys: Any) -> Request:
    """The request with tags before its own."""
    return replace(of, Tags=(*(model.Tag(Key=key, Value="x") for key in keys), *(of.Tags or ())))


def members_of(wrong: Request) -> list[str]:
    """The API members that the request's problems name."""
    return [problem.member for problem in problems(wrong)]

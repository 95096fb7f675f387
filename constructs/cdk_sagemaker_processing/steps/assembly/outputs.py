"""From what a step writes to the outputs of its request."""

from collections.abc import Iterable, Sequence

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Text
from cdk_sagemaker_processing.steps.assembly.places import Places
from cdk_sagemaker_processing.steps.channels import ProcessingOutput
from cdk_sagemaker_processing.steps.container import EVENT_LOGS_OUTPUT, Container

__all__ = ["outputs", "uris", "wrong_outputs"]

_OUTPUT_ROOT = "/opt/ml/processing/output"


def outputs(
    places: Places, container: Container, given: Iterable[ProcessingOutput]
) -> tuple[model.ProcessingOutput, ...]:
    """The user's outputs in their order, then Spark's event logs."""
    found = [_output(places, one) for one in given]
    if container.event_logs:
        storage = places.storage
        uri = container.event_logs_uri or (storage.event_logs.s3_uri if storage else "")
        found.append(
            _s3_output(EVENT_LOGS_OUTPUT, container.event_logs, run_time.text(uri), "Continuous")
        )
    return tuple(found)


def uris(request: model.CreateProcessingJobRequest) -> dict[str, Text]:
    """The URI of each output on S3, by its name."""
    return {
        str(one.OutputName): one.S3Output.S3Uri for one in model.outputs_of(request) if one.S3Output
    }


def wrong_outputs(given: Sequence[ProcessingOutput]) -> list[Problem]:
    """What is wrong with outputs beyond the request's own limits."""
    return [
        *(
            Problem(
                f"outputs: {one.output_name!r} is no name but a path: write "
                f"ProcessingOutput(<name>, source={one.output_name!r})",
                f"ProcessingOutputConfig.Outputs[{at}].OutputName",
            )
            for at, one in enumerate(given)
            if "/" in one.output_name
        ),
        *(
            Problem(
                f"outputs: {one.output_name!r} goes to the feature group "
                f"{one.feature_group_name!r}, so it has no folder and no S3 URI: leave out source "
                "and destination, or add an output of another name for S3",
                f"ProcessingOutputConfig.Outputs[{at}].S3Output",
            )
            for at, one in enumerate(given)
            if one.feature_group_name is not None and (one.source or one.destination)
        ),
    ]


def _output(places: Places, given: ProcessingOutput) -> model.ProcessingOutput:
    name = given.output_name
    if given.feature_group_name is not None:
        group = model.FeatureStoreOutput(FeatureGroupName=run_time.text(given.feature_group_name))
        return model.ProcessingOutput(OutputName=name, FeatureStoreOutput=group, AppManaged=True)
    return _s3_output(
        name,
        run_time.text(given.source or f"{_OUTPUT_ROOT}/{name}"),
        places.destination(given.destination, name),
        run_time.text(given.s3_upload_mode),
        app_managed=given.app_managed or None,
    )


def _s3_output(
    name: str, source: Text, uri: Text, mode: Text, *, app_managed: bool | None = None
) -> model.ProcessingOutput:
    return model.ProcessingOutput(
        OutputName=name,
        S3Output=model.S3Output(S3Uri=uri, LocalPath=source, S3UploadMode=mode),
        AppManaged=app_managed,
    )

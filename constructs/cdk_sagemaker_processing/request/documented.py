"""What CreateProcessingJob refuses by rules that its service model does not hold.

One function a rule, each with its source. API: the documentation of the
structure in the API reference,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html.
Guide: https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-input-and-output.html.
A value that is not known yet never breaks a rule.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Text, is_known
from cdk_sagemaker_processing.request.wording import shown

__all__ = ["RULES"]

_LOCAL_ROOT = "/opt/ml/processing/"


def _one_source(given: model.ProcessingInput, member: str) -> Iterator[Problem]:
    # API, ProcessingInput: "must specify exactly one of either S3Input or DatasetDefinition".
    yield from _exactly_one(given, ("S3Input", "DatasetDefinition"), member)


def _one_query(given: model.DatasetDefinition, member: str) -> Iterator[Problem]:
    # API, DatasetDefinition: "must specify exactly one of either AthenaDatasetDefinition or
    # RedshiftDatasetDefinition types".
    yield from _exactly_one(given, ("AthenaDatasetDefinition", "RedshiftDatasetDefinition"), member)


def _one_target(given: model.ProcessingOutput, member: str) -> Iterator[Problem]:
    # API, ProcessingOutput: "must specify exactly one of either S3Output or FeatureStoreOutput".
    yield from _exactly_one(given, ("S3Output", "FeatureStoreOutput"), member)


def _exactly_one(of: object, names: tuple[str, str], member: str) -> Iterator[Problem]:
    given = [name for name in names if getattr(of, name) is not None]
    if len(given) != 1:
        yield Problem(
            f"needs either {' or '.join(names)}, got {'both' if given else 'none'}", member
        )


def _input_path(given: model.ProcessingInput, member: str) -> Iterator[Problem]:
    # API, ProcessingS3Input and DatasetDefinition: "LocalPath is a required parameter when
    # AppManaged is False (default)".
    yield from _required_path(given, ("S3Input", "DatasetDefinition"), member)


def _output_path(given: model.ProcessingOutput, member: str) -> Iterator[Problem]:
    # Guide: an output "configures a path in your processing container from which to upload
    # data"; API, ProcessingOutput: with AppManaged the application uploads.
    yield from _required_path(given, ("S3Output",), member)


def _required_path(
    given: model.ProcessingInput | model.ProcessingOutput, places: tuple[str, ...], member: str
) -> Iterator[Problem]:
    if not _is_sagemakers(given):
        return
    for place in places:
        if getattr(getattr(given, place), "LocalPath", _LOCAL_ROOT) is None:
            yield Problem(
                f"LocalPath is required: name a folder under {_LOCAL_ROOT}, or set AppManaged, "
                "which leaves the data to the job",
                f"{member}.{place}.LocalPath",
            )


def _path_root(
    given: model.S3Input | model.DatasetDefinition | model.S3Output, member: str
) -> Iterator[Problem]:
    # Guide: "For both ProcessingInput and ProcessingOutput, the path in the processing container
    # must begin with /opt/ml/processing/".
    path = given.LocalPath
    if _is_text(path) and not path.startswith(_LOCAL_ROOT):
        yield Problem(f"must begin with {_LOCAL_ROOT}, got {shown(path)}", f"{member}.LocalPath")


def _gzip(given: model.S3Input, member: str) -> Iterator[Problem]:
    # API, ProcessingS3Input: "Gzip can only be used when Pipe mode is specified".
    if given.S3CompressionType == "Gzip" and given.S3InputMode in (None, "File"):
        yield Problem(
            f"Gzip needs the S3InputMode 'Pipe', got {given.S3InputMode!r}: choose Pipe, or let "
            "the job unpack the files and choose the compression 'None'",
            f"{member}.S3CompressionType",
        )


def _manifest(given: model.S3Input, member: str) -> Iterator[Problem]:
    # API, ProcessingS3Input: "If you choose ManifestFile, S3Uri identifies an object that is a
    # manifest file".
    uri = given.S3Uri
    if given.S3DataType == "ManifestFile" and _is_text(uri) and _names_no_object(uri):
        yield Problem(
            f"must be the manifest itself, an object, when S3DataType is ManifestFile, got "
            f"{shown(uri)}: name the object, or choose S3Prefix",
            f"{member}.S3Uri",
        )


def _names_no_object(uri: str) -> bool:
    return uri.startswith("s3://") and (uri.endswith("/") or not urlsplit(uri).path)


def _feature_store(given: model.ProcessingOutput, member: str) -> Iterator[Problem]:
    # API, ProcessingOutput: FeatureStoreOutput "is only supported when AppManaged is specified".
    if given.FeatureStoreOutput is not None and _is_sagemakers(given):
        yield Problem(
            "must be True with FeatureStoreOutput, as the job itself puts the records, "
            f"got {given.AppManaged}",
            f"{member}.AppManaged",
        )


def _channel_names(request: model.CreateProcessingJobRequest, _member: str) -> Iterator[Problem]:
    # The service: "Input and Output names must be globally unique: [code]", quoted in
    # https://github.com/aws/sagemaker-python-sdk/issues/3484.
    seen: dict[str, str] = {}
    for member, argument, name in _names(request):
        if not _is_text(name):
            continue
        if seen.setdefault(name, member) != member:
            yield Problem(
                f"two of one name, {shown(name)}, which {seen[name]} has too; inputs and outputs "
                f"share their names: give one of them another {argument}",
                member,
            )


def _names(request: model.CreateProcessingJobRequest) -> Iterator[tuple[str, str, Text]]:
    """Each channel's member with its name, the argument that sets it, and the name."""
    for at, one in enumerate(_items(request.ProcessingInputs)):
        if isinstance(one, model.ProcessingInput):
            yield f"ProcessingInputs[{at}].InputName", "input_name", one.InputName
    config = request.ProcessingOutputConfig
    outputs = config.Outputs if isinstance(config, model.ProcessingOutputConfig) else None
    for at, output in enumerate(_items(outputs)):
        if isinstance(output, model.ProcessingOutput):
            member = f"ProcessingOutputConfig.Outputs[{at}].OutputName"
            yield member, "output_name", output.OutputName


def _input_folders(request: model.CreateProcessingJobRequest, _member: str) -> Iterator[Problem]:
    # The service refuses it without a word of why:
    # https://github.com/aws/sagemaker-python-sdk/issues/4939.
    seen: dict[str, Text] = {}
    for member, folder, name in _folders(request):
        if seen.setdefault(folder, name) != name:
            yield Problem(
                f"the inputs {shown(str(seen[folder]))} and {shown(str(name))} share "
                f"the folder {shown(folder)}: give each a destination of its own",
                member,
            )


def _folders(request: model.CreateProcessingJobRequest) -> Iterator[tuple[str, str, Text]]:
    """Where SageMaker puts inputs, as far as that is known: the member, the folder, the name."""
    for at, one in enumerate(_items(request.ProcessingInputs)):
        if not isinstance(one, model.ProcessingInput) or not _is_sagemakers(one):
            continue
        for name in ("S3Input", "DatasetDefinition"):
            path = getattr(getattr(one, name), "LocalPath", None)
            if _is_text(path):
                member = f"ProcessingInputs[{at}].{name}.LocalPath"
                yield member, path.rstrip("/"), one.InputName


def _tag_keys(request: model.CreateProcessingJobRequest, _member: str) -> Iterator[Problem]:
    # API, Tag: "Tag keys must be unique per resource".
    seen: set[str] = set()
    for at, one in enumerate(_items(request.Tags)):
        if not isinstance(one, model.Tag) or not _is_text(one.Key):
            continue
        if one.Key in seen:
            yield Problem(
                f"two tags of one key, {shown(one.Key)}: keep one of them", f"Tags[{at}].Key"
            )
        seen.add(one.Key)


def _tag_prefix(given: model.Tag, member: str) -> Iterator[Problem]:
    # AWS General Reference, "Tag naming limits and requirements": the prefix is reserved,
    # in any mix of cases.
    if _is_text(given.Key) and given.Key.lower().startswith("aws:"):
        yield Problem(
            f"must not begin with 'aws:', which AWS keeps for itself, got {shown(given.Key)}",
            f"{member}.Key",
        )


def _is_sagemakers(given: model.ProcessingInput | model.ProcessingOutput) -> bool:
    """Whether SageMaker moves a channel's data, as it does where nothing is said."""
    return given.AppManaged is None or given.AppManaged is False


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and is_known(value)


def _items(value: object) -> tuple[Any, ...]:
    """The items of a list that is known."""
    return tuple(value) if isinstance(value, tuple | list) else ()


RULES: Mapping[type, tuple[Callable[[Any, str], Iterator[Problem]], ...]] = {
    model.CreateProcessingJobRequest: (_channel_names, _input_folders, _tag_keys),
    model.ProcessingInput: (_one_source, _input_path),
    model.S3Input: (_path_root, _gzip, _manifest),
    model.DatasetDefinition: (_one_query, _path_root),
    model.ProcessingOutput: (_one_target, _output_path, _feature_store),
    model.S3Output: (_path_root,),
    model.Tag: (_tag_prefix,),
}

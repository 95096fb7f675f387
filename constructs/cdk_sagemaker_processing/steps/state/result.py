"""What a state keeps of its job, in the shape that ``result_name`` promises.

``Job`` is the response of DescribeProcessingJob, as Step Functions hands it on;
``Outputs`` the S3 URI of each output by its name, as the job had it.
"""

from typing import Any

from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest, outputs_of
from cdk_sagemaker_processing.request.rendering import expression

__all__ = ["jsonata_output", "jsonpath_fields"]

# A job that wrote no exit message has no such member, and a path to it would fail. Braces are
# escaped for States.Format, the one function in which that is known to work on AWS.
_NO_MESSAGE = r"""States.StringToJson(States.Format('\{"{}":""\}', 'ExitMessage'))"""


def jsonpath_fields(
    request: CreateProcessingJobRequest, name: str, *, ended: bool
) -> dict[str, Any]:
    """The state's ResultSelector and ResultPath.

    Args:
        request: The request.
        name: Under which name of the state's output the result goes.
        ended: Whether the state lasts until the job has ended.
    """
    job = f"States.JsonMerge({_NO_MESSAGE}, $, false)" if ended else "$"
    uris = {f"{output}.$": f"$.{path}" for output, path in _paths(request).items()}
    return {
        "ResultSelector": {"Job.$": job, **({"Outputs": uris} if ended else {})},
        "ResultPath": f"$['{name}']" if not name.isidentifier() else f"$.{name}",
    }


def jsonata_output(request: CreateProcessingJobRequest, name: str, *, ended: bool) -> str:
    """The state's Output: its input with the result in it."""
    members = [
        "'Job': $merge([{'ExitMessage': ''}, $states.result])" if ended else "'Job': $states.result"
    ]
    if ended:
        uris = ", ".join(
            f"{expression(output, 'JSONata')}: $states.result.{path}"
            for output, path in _paths(request).items()
        )
        members.append(f"'Outputs': {{{uris}}}")
    result = f"{{{expression(name, 'JSONata')}: {{{', '.join(members)}}}}}"
    return f"{{% $merge([$states.input, {result}]) %}}"


def _paths(request: CreateProcessingJobRequest) -> dict[str, str]:
    """Where each output's URI stands in the job's description."""
    return {
        str(one.OutputName): f"ProcessingOutputConfig.Outputs[{at}].S3Output.S3Uri"
        for at, one in enumerate(outputs_of(request))
        if one.S3Output
    }

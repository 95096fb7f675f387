"""What is wrong with a step's request, told by the arguments it comes from."""

from collections.abc import Iterator
from dataclasses import replace

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image, wrong_instance_types
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.steps.argument_names import named
from cdk_sagemaker_processing.steps.options import Options
from cdk_sagemaker_processing.steps.state.fallback import on_instance_type, wrong_fallbacks

__all__ = ["wrong_request"]

_TYPE = "ProcessingResources.ClusterConfig.InstanceType"


def wrong_request(
    request: CreateProcessingJobRequest, image: Image | None, options: Options
) -> list[Problem]:
    """Everything that the service would refuse in a request, on any of its instance types.

    Args:
        request: The request.
        image: The job's image, None where it has none.
        options: What the user asked for.
    """
    kinds = wrong_instance_types(image, options.instance_type, options.fallback_instance_types)
    found = problems(request)
    if kinds:
        # Said with its reason already.
        found = [one for one in found if one.member != _TYPE]
    told = [_with_own_inputs(named(one), request, options) for one in found]
    return [
        *told,
        *kinds,
        *wrong_fallbacks(options.instance_type, options.fallback_instance_types),
        *_on_fallbacks(request, options, [*found, *kinds]),
    ]


def _with_own_inputs(
    problem: Problem, request: CreateProcessingJobRequest, options: Options
) -> Problem:
    """A problem of how many inputs there are that also names those nobody wrote as inputs."""
    own = (request.ProcessingInputs or ())[len(options.inputs) :]
    if problem.member != "ProcessingInputs" or not own:
        return problem
    names = ", ".join(str(one.InputName) for one in own)
    return replace(problem, text=f"{problem.text}; {len(own)} are the step's own: {names}")


def _on_fallbacks(
    request: CreateProcessingJobRequest, options: Options, known: list[Problem]
) -> Iterator[Problem]:
    members = {one.member for one in known} - {_TYPE}
    for at, one in enumerate(options.fallback_instance_types):
        argument = f"fallback_instance_types[{at}]"
        is_told = any(problem.text.startswith(argument) for problem in known)
        for problem in problems(on_instance_type(request, one)):
            if problem.member not in members and not (problem.member == _TYPE and is_told):
                yield Problem(f"{argument}: {problem.text}", problem.member)

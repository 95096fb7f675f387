"""Whatever is asked for: refused exactly where it breaks a rule, and rendered within the API."""

import json
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.jobs.validation import validate
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.rendering import to_arguments, to_dict, to_parameters
from tests.request.strategies import breaks, known, requests

# A request is large, so a few dozen reach every rule; the same ones in each run.
a_few = settings(max_examples=60, deadline=None, derandomize=True)


def service_model() -> StructureShape:
    """What boto3 knows of the request."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model("CreateProcessingJob").input_shape
    assert shape is not None
    return shape


API = service_model()


@a_few
@given(requests())
def test_a_request_within_the_rules_is_accepted(request: CreateProcessingJobRequest) -> None:
    """With any of the optional members, and with values that are not known yet anywhere."""
    assert problems(request) == []


@a_few
@given(requests())
def test_a_broken_rule_is_refused_at_its_member(request: CreateProcessingJobRequest) -> None:
    """One rule broken, one problem, at the very member: all else stays unblamed."""
    for what, member, broken in breaks(request):
        assert [one.member for one in problems(broken)] == [member], what


@a_few
@given(requests())
def test_boto3_takes_what_is_accepted(request: CreateProcessingJobRequest) -> None:
    """Once the run has filled in what it knows."""
    report = ParamValidator().validate(to_dict(known(request)), API)

    assert report.generate_report() == ""


@a_few
@given(requests())
def test_the_local_cloud_takes_what_is_accepted(request: CreateProcessingJobRequest) -> None:
    """Two readings of one service model agree."""
    validate("CreateProcessingJob", to_dict(known(request)))


@a_few
@given(requests(), st.sampled_from([to_parameters, to_arguments, to_dict]))
def test_nothing_is_rendered_that_the_api_does_not_have(
    request: CreateProcessingJobRequest, render: Callable[[object], dict[str, Any]]
) -> None:
    """In either query language and for boto3."""
    assert strangers(render(request), API) == []


@a_few
@given(requests(), st.sampled_from([to_parameters, to_arguments, to_dict]))
def test_rendering_twice_gives_the_same_bytes(
    request: CreateProcessingJobRequest, render: Callable[[object], dict[str, Any]]
) -> None:
    """A state machine that nobody changed is not deployed anew."""
    assert json.dumps(render(request)) == json.dumps(render(request))


def strangers(rendered: Any, shape: Shape, at: str = "") -> list[str]:
    """What is rendered though the service model has no such member."""
    if isinstance(rendered, str):
        return []
    if isinstance(shape, StructureShape):
        found = []
        for key, value in rendered.items():
            member = shape.members.get(key.removesuffix(".$"))
            found += strangers(value, member, f"{at}.{key}") if member else [f"{at}.{key}"]
        return found
    if isinstance(shape, ListShape):
        return [one for item in rendered for one in strangers(item, shape.member, f"{at}[]")]
    if isinstance(shape, MapShape):
        return [f"{at}.{key}" for key, value in rendered.items() if not isinstance(value, str)]
    return [] if isinstance(rendered, bool | int | float) else [f"{at} = {rendered!r}"]

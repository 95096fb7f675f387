"""Single members of a request, set and removed by their paths."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.request.model import (
    CreateProcessingJobRequest,
    ExperimentConfig,
    NetworkConfig,
    StoppingCondition,
    Tag,
    VpcConfig,
)
from cdk_sagemaker_processing.request.overriding import OverrideError, override
from cdk_sagemaker_processing.request.values import Reference, is_run_time
from tests.request.examples import (
    app,
    request,
    resources,
    s3_input,
    s3_output,
    with_inputs,
    with_output,
    with_tags,
)
from tests.request.strategies import ROOT, SHAPES, requests

a_few = settings(max_examples=60, deadline=None, derandomize=True)

DAY = Reference(jsonpath="$.day")
CLUSTER = "ProcessingResources.ClusterConfig"
Path = tuple[str | int, ...]


def json_of(value: Any) -> Any:
    """A part of a request as a user would write it, in JSON with values of a run in it."""
    if is_dataclass(value) and not is_run_time(value):
        members = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: json_of(one) for name, one in members.items() if one is not None}
    if isinstance(value, tuple):
        return [json_of(one) for one in value]
    return dict(value) if isinstance(value, dict) else value


def places(value: Any, shape: str = ROOT, at: Path = ()) -> Iterator[tuple[Path, bool]]:
    """Every place below a request in JSON, and whether the API requires something there."""
    rule = SHAPES[shape]
    if isinstance(value, dict) and "members" in rule:
        for name, one in value.items():
            yield (*at, name), name in rule.get("required", ())
            yield from places(one, rule["members"][name], (*at, name))
    elif isinstance(value, dict):
        yield from (((*at, name), False) for name in value)
    elif isinstance(value, list) and value != ["#{Token[TOKEN.3]}"]:
        for place, one in enumerate(value):
            yield (*at, place), False
            yield from places(one, rule["member"], (*at, place))


def dotted(path: Path) -> str:
    """``Tags.0.Value``."""
    return ".".join(map(str, path))


def bracketed(path: Path) -> str:
    """``Tags[0].Value``."""
    pieces = (f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)
    return "".join(pieces).removeprefix(".")


def changed(value: Any, path: Path, put: Callable[[Any, Any], None]) -> Any:
    """A copy of JSON with something done to what holds a place, by the place's last name."""
    if isinstance(value, list):
        copy: Any = list(value)
    else:
        copy = dict(value)
    if len(path) == 1:
        put(copy, path[0])
    else:
        copy[path[0]] = changed(copy[path[0]], path[1:], put)
    return copy


def at_place(value: Any, path: Path) -> Any:
    """What stands at a place of JSON."""
    for one in path:
        value = value[one]
    return value


@a_few
@given(requests(), requests())
def test_what_is_set_is_there_and_all_else_stays(
    before: CreateProcessingJobRequest, other: CreateProcessingJobRequest
) -> None:
    """Any member of the API, with what another request has there."""
    given, wanted = json_of(before), json_of(other)
    shared = {path for path, _ in places(given)} & {path for path, _ in places(wanted)}
    for path in shared:
        value = at_place(wanted, path)

        after = override(before, bracketed(path), value)

        def put(into: Any, name: Any, value: Any = value) -> None:
            into[name] = value

        assert json_of(after) == changed(given, path, put)


@a_few
@given(requests())
def test_what_is_removed_is_gone_unless_it_is_required(before: CreateProcessingJobRequest) -> None:
    """What holds it goes as well when nothing else is left in it."""
    given = json_of(before)
    required = dict(places(given))
    for path in required:
        gone = path
        while len(at_place(given, gone[:-1])) == 1 and len(gone) > 1 and not required[gone]:
            gone = gone[:-1]
        if required[gone]:
            with pytest.raises(OverrideError, match="needs"):
                override(before, bracketed(path), None)
            continue

        after = json_of(override(before, bracketed(path), None))

        assert after == changed(given, gone, lambda into, name: into.pop(name))


@a_few
@given(requests())
def test_a_list_item_is_named_by_brackets_or_by_a_dot(before: CreateProcessingJobRequest) -> None:
    """As in the API's own messages, and as in overrides of the CDK."""
    for path, _ in places(json_of(before)):
        value = at_place(json_of(before), path)

        assert override(before, dotted(path), value) == override(before, bracketed(path), value)


@a_few
@given(requests())
def test_setting_what_stands_there_changes_nothing(before: CreateProcessingJobRequest) -> None:
    """JSON becomes what the request held."""
    given = json_of(before)
    for path, _ in places(given):
        assert json_of(override(before, bracketed(path), at_place(given, path))) == given


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=3) | st.sampled_from(sorted(SHAPES)), inner, max_size=3),
    ),
    max_leaves=8,
)
NAMES = sorted({name for one in SHAPES.values() for name in one.get("members", ())})
PATHS = st.one_of(
    st.text(max_size=8),
    st.lists(
        st.one_of(st.sampled_from(NAMES), st.sampled_from(["0", "1", "x"])), min_size=1, max_size=5
    ).map(".".join),
)
EVERYTHING = with_output(
    with_inputs(
        with_tags(
            request(
                Environment={"DAY": "1"},
                ExperimentConfig=ExperimentConfig(TrialName="t"),
                NetworkConfig=NetworkConfig(
                    VpcConfig=VpcConfig(SecurityGroupIds=("sg-1",), Subnets=DAY)
                ),
            ),
            "team",
        ),
        s3_input(),
    ),
    s3_output(),
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(PATHS, JSON)
def test_json_of_any_shape_is_set_or_refused(path: str, value: Any) -> None:
    """Never an error of Python's own, whatever the path and the value."""
    with contextlib.suppress(OverrideError):
        override(EVERYTHING, path, value)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from([path for path, _ in places(json_of(EVERYTHING))]), JSON)
def test_json_of_any_shape_at_a_place_that_there_is_is_set_or_refused(
    path: Path, value: Any
) -> None:
    """What is not refused here, the limits look at."""
    with contextlib.suppress(OverrideError):
        override(EVERYTHING, bracketed(path), value)


@pytest.mark.parametrize(
    "path", ["Tags.²", "Tags.٣", f"Tags.{'9' * 5000}"], ids=["two", "three", "long"]
)
def test_what_is_no_number_of_ascii_is_no_place(path: str) -> None:
    """Python knows more digits than the API."""
    with pytest.raises(OverrideError, match="Tags is a list of 0"):
        override(request(), path, "x")


def test_a_member_that_is_missing_is_made_with_what_holds_it() -> None:
    """From the top down, if that needs nothing else."""
    assert override(
        request(), "NetworkConfig.EnableNetworkIsolation", True
    ).NetworkConfig == NetworkConfig(EnableNetworkIsolation=True)
    assert override(request(), "StoppingCondition.MaxRuntimeInSeconds", 60).StoppingCondition == (
        StoppingCondition(MaxRuntimeInSeconds=60)
    )
    assert override(request(), "Environment.DAY", DAY).Environment == {"DAY": DAY}
    assert override(request(), "Tags[0]", {"Key": "a", "Value": DAY}).Tags == (
        Tag(Key="a", Value=DAY),
    )


def test_a_structure_is_set_in_whole() -> None:
    """As JSON under the API's names; strings and numbers may be values of a run."""
    whole = {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": DAY}}

    assert override(request(), "NetworkConfig", whole).NetworkConfig == NetworkConfig(
        VpcConfig=VpcConfig(SecurityGroupIds=("sg-1",), Subnets=DAY)
    )


def test_the_place_after_the_last_adds_an_item() -> None:
    """And the one after that is none."""
    with_one = override(request(), "AppSpecification.ContainerArguments[0]", "--day")

    assert override(with_one, "AppSpecification.ContainerArguments[1]", DAY).AppSpecification == (
        app(ContainerArguments=("--day", DAY))
    )
    with pytest.raises(OverrideError, match=r"is a list of 1: write .*\[0\] to .*\[1\].*got '2'"):
        override(with_one, "AppSpecification.ContainerArguments[2]", DAY)


@pytest.mark.parametrize(
    "path",
    ["Environment", "NetworkConfig", "NetworkConfig.VpcConfig", "ExperimentConfig.RunName"],
)
def test_removing_what_is_not_there_changes_nothing(path: str) -> None:
    """An empty structure would be sent otherwise."""
    assert override(request(), path, None) == request()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("", 1, "'' is no path of a member: write it as 'ProcessingResources"),
        ("Tags[x]", 1, r"'Tags\[x\]' is no path of a member"),
        ("Tags..Value", 1, "is no path of a member"),
        ("Tag", 1, "CreateProcessingJob has no member 'Tag'; did you mean 'Tags'"),
        (f"{CLUSTER}.InstanceCnt", 1, f"{CLUSTER} has no member 'InstanceCnt'; did you mean"),
        ("Zzz", 1, "there are ProcessingJobName, ProcessingResources"),
        ("RoleArn.Name", 1, "RoleArn has no members, so there is no 'Name' below it"),
        ("Environment.DAY.x", 1, "Environment.DAY has nothing below it, got 'DAY.x'"),
        ("Tags.Value", 1, r"Tags is a list of 1: write Tags\[0\] to Tags\[1\].*got 'Value'"),
        ("Tags", {"Key": "a", "Value": "b"}, "Tags must be a list, got {"),
        ("Tags[0]", "a", r"Tags\[0\] must be a mapping, got 'a'"),
        ("Tags[0]", {"Key": "a"}, r"Tags\[0\] needs Value, got Key"),
        ("Tags[0]", {}, r"Tags\[0\] needs Key, Value, got none"),
        ("Tags[0]", {"key": "a"}, r"Tags\[0\] has no member 'key'; did you mean 'Key'"),
        ("Environment", ["a"], r"Environment must be a mapping, got \['a'\]"),
        ("NetworkConfig.VpcConfig.Subnets", ["subnet-1"], "VpcConfig needs SecurityGroupIds: set"),
        ("AppSpecification", None, "the request needs AppSpecification: it cannot be removed"),
        (f"{CLUSTER}.VolumeSizeInGB", None, f"{CLUSTER} needs VolumeSizeInGB"),
    ],
)
def test_what_cannot_be_set_is_told_with_what_can(path: str, value: Any, words: str) -> None:
    """The path that is wrong, what came and what is allowed there."""
    with pytest.raises(OverrideError, match=words):
        override(with_tags(request(), "team"), path, value)


def test_nothing_is_set_below_a_value_of_the_run() -> None:
    """Nobody knows at synth what else it holds."""
    whole = request(Environment=DAY, ProcessingResources=resources(InstanceCount=DAY))

    with pytest.raises(OverrideError, match="Environment is known only at run time"):
        override(whole, "Environment.DAY", "1")
    assert override(whole, "Environment", {"DAY": "1"}).Environment == {"DAY": "1"}

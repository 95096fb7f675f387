"""Requests within all rules, made at random out of the rules; and the ways to break one rule."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import Joined, Reference, is_known

__all__ = ["BEGINNINGS", "ROOT", "RUN_TIME", "SHAPES", "breaks", "known", "requests"]

_PACKAGE = resources.files("cdk_sagemaker_processing.request")
SHAPES: dict[str, Any] = json.loads((_PACKAGE / "constraints.json").read_text())["shapes"]
_LOCAL: dict[str, int] = json.loads((_PACKAGE / "instance_storage.json").read_text())["gigabytes"]
ROOT = "CreateProcessingJobRequest"

RUN_TIME = Reference(jsonpath="$.x", jsonata="$states.input.x")
# What is not known at synth, by the type that a member has. The tokens are as the CDK writes them.
_UNKNOWN: Mapping[str, list[Any]] = {
    "string": [
        RUN_TIME,
        Joined(("s3://bucket/", RUN_TIME)),
        "${Token[TOKEN.1]}",
        "a${Token[Key.Arn.2]}!",
        "-1.8881545897087522e+289",
    ],
    "integer": [RUN_TIME, -1.8881545897087522e289],
    "boolean": [RUN_TIME],
    "list": [RUN_TIME, ("#{Token[TOKEN.3]}",)],
    "map": [RUN_TIME],
}
# What a text begins with where letters alone are not within its rules.
BEGINNINGS = {
    "ProcessingLocalPath": "/opt/ml/processing/",
    "RoleArn": "arn:aws:iam::111122223333:role/",
    "S3Uri": "s3://bucket/",
}


def requests() -> st.SearchStrategy[model.CreateProcessingJobRequest]:
    """Requests without a problem, with any optional members and unknown values anywhere."""
    return _structures(ROOT)


@cache
def _values(name: str) -> st.SearchStrategy[Any]:
    shape = SHAPES[name]
    if shape["type"] == "structure":
        return _structures(name)
    known_values = _KNOWN[shape["type"]](name)
    if shape["type"] == "list" and SHAPES[shape["member"]]["type"] == "structure":
        return known_values
    unknown = st.sampled_from(_UNKNOWN[shape["type"]])
    return st.integers(0, 5).flatmap(lambda one: known_values if one else unknown)


@st.composite
def _structures(draw: st.DrawFn, name: str) -> Any:
    shape = SHAPES[name]
    required = shape.get("required", ())
    given = {
        key: draw(_values(member))
        for key, member in shape["members"].items()
        if key in required or draw(st.booleans())
    }
    made = _dataclasses()[name](**given)
    mend = _MENDED.get(type(made))
    return mend(draw, made) if mend else made


def _texts(name: str) -> st.SearchStrategy[str]:
    shape = SHAPES[name]
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    least, most = shape.get("min", 0), shape.get("max", 40)
    beginning = BEGINNINGS.get(name, "")
    longest = st.just(beginning + "a" * (most - len(beginning)))
    if name == "ProcessingLocalPath":
        return st.one_of(longest, st.from_regex(r"/opt/ml/processing/[a-z/]{0,9}", fullmatch=True))
    if "pattern" not in shape:
        return st.text(min_size=least, max_size=most)
    some = st.from_regex(shape["pattern"], fullmatch=True)
    return st.one_of(longest, some.filter(lambda one: least <= len(one) <= most))


def _numbers(name: str) -> st.SearchStrategy[int]:
    return st.integers(SHAPES[name]["min"], SHAPES[name]["max"])


def _lists(name: str) -> st.SearchStrategy[tuple[Any, ...]]:
    shape = SHAPES[name]
    items = _values(shape["member"])
    return st.lists(items, min_size=shape["min"], max_size=3).map(tuple)


def _maps(name: str) -> st.SearchStrategy[dict[str, Any]]:
    shape = SHAPES[name]
    return st.dictionaries(_texts(shape["key"]), _values(shape["value"]), max_size=3)


_KNOWN: Mapping[str, Callable[[str], st.SearchStrategy[Any]]] = {
    "string": _texts,
    "integer": _numbers,
    "boolean": lambda _: st.booleans(),
    "list": _lists,
    "map": _maps,
}


# What the service model does not hold, one function a structure.


def _one_of(draw: st.DrawFn, made: Any, *names: str) -> Any:
    kept = draw(st.sampled_from(names))
    return replace(
        made,
        **{
            name: (getattr(made, name) or draw(_values(_member_shapes(made)[name])))
            if name == kept
            else None
            for name in names
        },
    )


def _with_path(draw: st.DrawFn, made: Any, *places: str) -> Any:
    """A channel with a path, if SageMaker moves its data."""
    if made.AppManaged not in (None, False):
        return made
    held = {name: getattr(made, name) for name in places if getattr(made, name) is not None}
    return replace(
        made,
        **{
            name: replace(one, LocalPath=one.LocalPath or draw(_values("ProcessingLocalPath")))
            for name, one in held.items()
        },
    )


def _mend_input(draw: st.DrawFn, made: model.ProcessingInput) -> model.ProcessingInput:
    one = _one_of(draw, made, "S3Input", "DatasetDefinition")
    whole: model.ProcessingInput = _with_path(draw, one, "S3Input", "DatasetDefinition")
    return whole


def _mend_dataset(draw: st.DrawFn, made: model.DatasetDefinition) -> model.DatasetDefinition:
    whole: model.DatasetDefinition = _one_of(
        draw, made, "AthenaDatasetDefinition", "RedshiftDatasetDefinition"
    )
    return whole


def _mend_output(draw: st.DrawFn, made: model.ProcessingOutput) -> model.ProcessingOutput:
    one = _one_of(draw, made, "S3Output", "FeatureStoreOutput")
    if one.FeatureStoreOutput is not None:
        one = replace(one, AppManaged=draw(st.sampled_from([True, RUN_TIME])))
    whole: model.ProcessingOutput = _with_path(draw, one, "S3Output")
    return whole


def _mend_s3_input(_draw: st.DrawFn, made: model.S3Input) -> model.S3Input:
    mode = "Pipe" if made.S3CompressionType == "Gzip" else made.S3InputMode
    is_manifest = made.S3DataType == "ManifestFile" and is_known(made.S3Uri)
    uri = "s3://bucket/a.manifest" if is_manifest else made.S3Uri
    return replace(made, S3InputMode=mode, S3Uri=uri)


def _mend_cluster(draw: st.DrawFn, made: model.ClusterConfig) -> model.ClusterConfig:
    one: model.ClusterConfig = _one_of(draw, made, "InstanceType", "InstancePreferences")
    if one.InstancePreferences is not None:
        return _mend_preferences(draw, one)
    if one.InstanceType in _LOCAL:
        size = draw(st.integers(1, _LOCAL[str(one.InstanceType)]))
        return replace(one, VolumeKmsKeyId=None, VolumeSizeInGB=size)
    return one


def _mend_preferences(draw: st.DrawFn, made: model.ClusterConfig) -> model.ClusterConfig:
    types: dict[Any, model.InstancePreference] = {
        one.InstanceType: one for one in made.InstancePreferences or ()
    }
    in_each = draw(st.booleans())
    counts = [draw(_values("ProcessingInstanceCount")) for _ in range(len(types) + 1)]
    return replace(
        made,
        InstanceCount=None if in_each else counts[-1],
        InstancePreferences=tuple(
            replace(one, InstanceCount=count if in_each else None)
            for one, count in zip(types.values(), counts, strict=False)
        ),
    )


def _mend_request(
    _draw: st.DrawFn, made: model.CreateProcessingJobRequest
) -> model.CreateProcessingJobRequest:
    config = made.ProcessingOutputConfig
    return replace(
        made,
        ProcessingInputs=made.ProcessingInputs
        and tuple(_own_place(one, at) for at, one in enumerate(made.ProcessingInputs)),
        ProcessingOutputConfig=config
        and replace(
            config,
            Outputs=tuple(
                replace(one, OutputName=_own(one.OutputName, f"output-{at}"))
                for at, one in enumerate(config.Outputs)
            ),
        ),
        Tags=made.Tags
        and tuple(
            replace(one, Key=_own(one.Key, f"{at}{one.Key}"[:128]))
            for at, one in enumerate(made.Tags)
        ),
    )


def _own_place(made: model.ProcessingInput, at: int) -> model.ProcessingInput:
    name = _own(made.InputName, f"input-{at}")
    places = {"S3Input": made.S3Input, "DatasetDefinition": made.DatasetDefinition}
    own: dict[str, Any] = {
        key: replace(one, LocalPath=_own(one.LocalPath, f"/opt/ml/processing/{at}"))
        for key, one in places.items()
        if one is not None and one.LocalPath is not None
    }
    return replace(made, InputName=name, **own)


def _own(given: Any, own: str) -> Any:
    return own if is_known(given) else given


_MENDED: Mapping[type, Callable[[st.DrawFn, Any], Any]] = {
    model.ProcessingInput: _mend_input,
    model.DatasetDefinition: _mend_dataset,
    model.ProcessingOutput: _mend_output,
    model.S3Input: _mend_s3_input,
    model.ClusterConfig: _mend_cluster,
    model.CreateProcessingJobRequest: _mend_request,
}


# The dataclass of each structure.


@cache
def _dataclasses() -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting: list[tuple[str, Any]] = [(ROOT, model.CreateProcessingJobRequest)]
    while waiting:
        name, kind = waiting.pop()
        found[name] = kind
        hints = get_type_hints(kind, vars(model), vars(model))
        for key, member in SHAPES[name]["members"].items():
            shape = SHAPES[member]
            inner = shape["member"] if shape["type"] == "list" else member
            if SHAPES[inner]["type"] == "structure":
                waiting.append((inner, _held(hints[key])))
    return found


def _held(hint: Any) -> Any:
    """The dataclass that an annotation allows, alone, in a union or in a tuple."""
    if get_origin(hint) in (Union, UnionType, tuple):
        return next(one for one in map(_held, get_args(hint)) if one is not None)
    is_ours = getattr(hint, "__module__", "") == model.__name__
    return hint if is_ours else None


def _member_shapes(made: Any) -> dict[str, str]:
    name = next(name for name, kind in _dataclasses().items() if kind is type(made))
    members: dict[str, str] = SHAPES[name]["members"]
    return members


# Every place of a request, and what would be wrong there.


@dataclass(frozen=True)
class _Place:
    member: str
    shape: str
    value: Any
    put: Callable[[Any], Any]


def breaks(request: model.CreateProcessingJobRequest) -> list[tuple[str, str, Any]]:
    """Each way to break one rule: what is done, the member concerned, and the request then."""
    return [
        (f"{member} = {wrong!r}"[:200], member, put(wrong))
        for place in _places(_Place("", ROOT, request, lambda whole: whole))
        for member, wrong, put in _wrongs(place)
    ]


def _places(at: _Place) -> Iterator[_Place]:
    yield at
    shape = SHAPES[at.shape]
    if not is_known(at.value):
        return
    for key, value, put in _BELOW.get(shape["type"], _nothing_below)(at):
        inner = shape["members"][key] if "members" in shape else shape.get("member")
        member = f"{at.member}{key}" if key.startswith("[") else _join(at.member, key)
        yield from _places(_Place(member, inner or shape["value"], value, put))


_Below = Iterator[tuple[str, Any, Callable[[Any], Any]]]


def _nothing_below(_at: _Place) -> _Below:
    return iter(())


def _in_structure(at: _Place) -> _Below:
    for key in SHAPES[at.shape]["members"]:
        value = getattr(at.value, key)
        if value is not None:
            yield key, value, _put_member(at, key)


def _put_member(at: _Place, key: str) -> Callable[[Any], Any]:
    return lambda new: at.put(replace(at.value, **{key: new}))


def _in_list(at: _Place) -> _Below:
    for place, value in enumerate(at.value):
        yield f"[{place}]", value, _put_item(at, place)


def _put_item(at: _Place, place: int) -> Callable[[Any], Any]:
    return lambda new: at.put((*at.value[:place], new, *at.value[place + 1 :]))


def _in_map(at: _Place) -> _Below:
    for key, value in at.value.items():
        yield key, value, _put_pair(at, key)


def _put_pair(at: _Place, key: str) -> Callable[[Any], Any]:
    return lambda new: at.put({**at.value, key: new})


_BELOW: Mapping[str, Callable[[_Place], _Below]] = {
    "structure": _in_structure,
    "list": _in_list,
    "map": _in_map,
}


def _join(member: str, key: str) -> str:
    return f"{member}.{key}" if member else key


_Wrongs = Iterator[tuple[str, Any, Callable[[Any], Any]]]


def _wrongs(at: _Place) -> _Wrongs:
    shape = SHAPES[at.shape]
    if shape["type"] == "structure":
        for key in shape.get("required", ()):
            yield _join(at.member, key), None, _put_member(at, key)
        if at.member:
            yield at.member, "text", at.put
        return
    for wrong in _WRONG[shape["type"]](shape):
        yield at.member, wrong, at.put
    if shape["type"] == "map":
        yield f"{at.member} key", {"1": "x"}, at.put
        yield _join(at.member, "KEY"), {"KEY": 1}, at.put


def _wrong_texts(shape: Mapping[str, Any]) -> list[Any]:
    wrong: list[Any] = [5, True, ("a",), b"a"]
    least, most = shape.get("min", 0), shape.get("max")
    if most is not None:
        wrong.append("a" * (most + 1))
    if least:
        wrong.append("a" * (least - 1))
    if "enum" in shape:
        wrong += ["NoSuchValue", shape["enum"][0].swapcase()]
    if "pattern" in shape:
        tried = ("\n", "two\nlines", "s3:/x", "é!", "-", "_x", "☃" * 20, "\t" * 20)
        wrong += [
            one for one in tried if len(one) >= least and not re.fullmatch(shape["pattern"], one)
        ]
    return wrong


def _wrong_numbers(shape: Mapping[str, Any]) -> list[Any]:
    return [shape["min"] - 1, shape["max"] + 1, 1.5, 2.0, True, "1", float("nan")]


def _wrong_lists(shape: Mapping[str, Any]) -> list[Any]:
    too_few = [()] if shape["min"] else []
    return ["text", 5, {"a": "b"}, (RUN_TIME,) * (shape["max"] + 1), *too_few]


def _wrong_maps(shape: Mapping[str, Any]) -> list[Any]:
    return ["text", ("a",), {f"K{at}": "x" for at in range(shape["max"] + 1)}]


_WRONG: Mapping[str, Callable[[Mapping[str, Any]], list[Any]]] = {
    "string": _wrong_texts,
    "integer": _wrong_numbers,
    "boolean": lambda _: ["true", 1, 0, ()],
    "list": _wrong_lists,
    "map": _wrong_maps,
}


# What a run might make of it.


def known(value: Any, name: str = ROOT) -> Any:
    """The same request with a value within the rules wherever one was not known."""
    shape = SHAPES[name]
    if not is_known(value) or value == ("#{Token[TOKEN.3]}",):
        return _example(name)
    if shape["type"] == "structure":
        members = {
            key: known(one, member)
            for key, member in shape["members"].items()
            if (one := getattr(value, key)) is not None
        }
        return replace(value, **members)
    if shape["type"] == "list":
        return tuple(known(one, shape["member"]) for one in value)
    if shape["type"] == "map":
        return {key: known(one, shape["value"]) for key, one in value.items()}
    return value


def _example(name: str) -> Any:
    shape = SHAPES[name]
    if "enum" in shape:
        return shape["enum"][0]
    examples: Mapping[str, Callable[[], Any]] = {
        "string": lambda: BEGINNINGS.get(name, "") + "a",
        "integer": lambda: 1,
        "boolean": lambda: True,
        "list": lambda: (_example(shape["member"]),),
        "map": dict,
    }
    return examples[shape["type"]]()

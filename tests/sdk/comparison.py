"""The SDK's side and ours of one job, and all that they differ in."""

import json
import re
import shlex
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import aws_cdk as cdk

import cdk_sagemaker_processing as processing
from tests.support import resolved

__all__ = ["MISSING", "Found", "compare", "our_side", "their_side"]

MISSING = "(missing)"
_CODE = "/opt/ml/processing/input/code/"
_NAMES = ("InputName", "OutputName", "Key")


@dataclass(frozen=True, slots=True)
class Found:
    """One difference between two requests.

    Attributes:
        path: Where, such as ``ProcessingInputs[code].S3Input.S3Uri``.
        theirs: The SDK's value, as text; `MISSING` if it has none.
        ours: Our value, likewise.
    """

    path: str
    theirs: str
    ours: str


def their_side(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What the SDK asks for: its request, the files of each input, and what runs in the end."""
    request, uploads = recorded["request"], recorded["uploads"]
    files = {
        one["InputName"]: _their_files(one.get("S3Input", {}).get("S3Uri", ""), uploads)
        for one in request.get("ProcessingInputs", ())
    }
    return _side(request, files)


def our_side(step: processing.ProcessingStep) -> dict[str, Any]:
    """The same of a step."""
    stack = cdk.Stack.of(step)
    request = resolved(stack, step.render_request())
    stage = cdk.Stage.of(stack)
    assert stage is not None
    files = {
        one["InputName"]: _our_files(one.get("S3Input", {}).get("S3Uri", ""), Path(stage.outdir))
        for one in request.get("ProcessingInputs", ())
    }
    return _side(request, files)


def compare(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Found]:
    """Everything that two sides differ in."""
    return list(_members("", theirs, ours))


def _side(request: Mapping[str, Any], files: Mapping[str, Any]) -> dict[str, Any]:
    app = dict(request["AppSpecification"])
    entrypoint = app.get("ContainerEntrypoint", ())
    if entrypoint[:1] == ["smspark-submit"]:
        app["ContainerEntrypoint"] = _spark_options(entrypoint)
    held = {name: one for name, one in files.items() if one}
    return {
        **request,
        "AppSpecification": app,
        "Files": held,
        "Runs": _runs(entrypoint, files),
    }


def _spark_options(entrypoint: Sequence[str]) -> list[dict[str, str]]:
    """The options of ``smspark-submit``, each by itself, and the application."""
    *options, app = entrypoint[1:]
    pairs = zip(options[::2], options[1::2], strict=True)
    named = [{"Key": name, "Value": value} for name, value in pairs]
    return [*named, {"Key": "application", "Value": app}]


def _runs(entrypoint: Sequence[str], files: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The command that runs in the end, scripts named as in the folder ``code``."""
    words = list(entrypoint)
    if words[:1] == ["smspark-submit"]:
        return []
    if words[:1] == ["/bin/bash"]:
        # Ours is given what to install and what to run; the SDK's has it written in.
        written = files["entrypoint"]["runproc.sh"].splitlines()[-1]
        words = words[3:] or shlex.split(written)[:-1]
    return [word.removeprefix(_CODE) for word in words]


def _their_files(uri: str, uploads: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    if uri in uploads:
        return _their_file(uri.rsplit("/", 1)[-1], uploads[uri])
    folder = uri.rstrip("/") + "/"
    found = [
        _their_file(one.removeprefix(folder), uploads[one])
        for one in uploads
        if one.startswith(folder)
    ]
    return {name: text for one in found for name, text in one.items()}


def _their_file(name: str, uploaded: Mapping[str, Any]) -> dict[str, str]:
    # An archive is unpacked by the job before it does anything else.
    return dict(uploaded.get("files") or {name: uploaded["text"]})


def _our_files(uri: str, assembly: Path) -> dict[str, str]:
    found = re.search(r"-assets-.*/([0-9a-f]{32}\.d)/(.+)$", uri)
    if found is None:
        return {}
    place = assembly / f"asset.{found[1]}" / found[2]
    if (place / "file").is_file():
        return {place.name: _text(place / "file")}
    return {str(one.parent.relative_to(place)): _text(one) for one in sorted(place.rglob("file"))}


def _text(path: Path) -> str:
    if zipfile.is_zipfile(path):
        return json.dumps(sorted(zipfile.ZipFile(path).namelist()))
    return path.read_text()


def _members(path: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[Found]:
    for name in sorted({*theirs, *ours}):
        where = f"{path}.{name}" if path else name
        yield from _values(where, theirs.get(name, MISSING), ours.get(name, MISSING))


def _values(path: str, theirs: Any, ours: Any) -> Iterator[Found]:
    if theirs == ours and type(theirs) is type(ours):
        return
    # What one side leaves out whole is told member by member, item by item.
    kind = {type(one) for one in (theirs, ours) if one != MISSING and one}
    if kind == {dict}:
        yield from _members(path, *({} if one == MISSING else one for one in (theirs, ours)))
    elif kind == {list} and _is_named(theirs) and _is_named(ours):
        yield from _items(path, *([] if one == MISSING else one for one in (theirs, ours)))
    else:
        yield Found(path, _as_text(theirs), _as_text(ours))


def _is_named(value: Any) -> bool:
    if value == MISSING:
        return True
    names = [_name(one) for one in value if isinstance(one, dict)]
    return len(set(names)) == len(value)


def _items(path: str, theirs: list[Any], ours: list[Any]) -> Iterator[Found]:
    """Items of one name are compared, then what is left on both sides, in its order."""
    mine, yours = ({_name(one): one for one in side} for side in (theirs, ours))
    common = [name for name in mine if name in yours]
    left: list[list[Any]]
    left = [[one for name, one in side.items() if name not in common] for side in (mine, yours)]
    if common != [name for name in yours if name in mine]:
        yield Found(f"{path} in their order", _as_text(list(mine)), _as_text(list(yours)))
    for name in common:
        yield from _values(f"{path}[{name}]", mine[name], yours[name])
    for their_one, our_one in zip_longest(*left, fillvalue=MISSING):
        name = _name(our_one if their_one == MISSING else their_one)
        if MISSING in (their_one, our_one):
            yield Found(f"{path}[{name}]", _as_text(their_one), _as_text(our_one))
        else:
            yield from _values(f"{path}[{name}]", their_one, our_one)


def _name(item: Mapping[str, Any]) -> str:
    return next(str(item[one]) for one in _NAMES if one in item)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)

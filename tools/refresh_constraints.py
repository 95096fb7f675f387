"""Write request/constraints.json anew from the installed botocore's SageMaker service model.

Run it after an update of botocore: ``python tools/refresh_constraints.py``.
"""

import json
import re
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

TARGET = (
    Path(__file__).parent.parent / "constructs/cdk_sagemaker_processing/request/constraints.json"
)
ROOT = "CreateProcessingJobRequest"

# Patterns are of ECMAScript's dialect (Smithy 2.0 specification, pattern trait). Inside
# brackets, what Python's `re` writes otherwise:
CLASSES = {
    # Python's \w is all of \p{L} and \p{N} and the underscore, which these patterns allow too.
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    # UTF-16 halves, which Python's strings do not have.
    r"\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF": r"\u0020-\uD7FF\uE000-\U0010FFFF",
}
# Outside of brackets: no line ends for the dot, no digits of other scripts.
ATOMS = {".": r"[^\n\r\u2028\u2029]", r"\d": "[0-9]"}
ATOM = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.")

# "This field is read-only and isn't accepted in CreateProcessingJob requests."
READ_ONLY = "accepted in <code>CreateProcessingJob</code> requests"


def python_pattern(pattern: str) -> str:
    """A pattern of the service model as Python's `re` takes it."""
    for theirs, ours in CLASSES.items():
        pattern = pattern.replace(theirs, ours)
    pattern = ATOM.sub(lambda atom: ATOMS.get(atom[0], atom[0]), pattern)
    re.compile(pattern)
    return pattern


def constraints(shape: dict[str, Any]) -> dict[str, Any]:
    """What a shape of the service model demands, without its documentation."""
    kept: dict[str, Any] = {
        key: shape[key] for key in ("type", "min", "max", "enum", "required") if key in shape
    }
    if "pattern" in shape:
        kept["pattern"] = python_pattern(shape["pattern"])
    for one in ("member", "key", "value"):
        if one in shape:
            kept[one] = shape[one]["shape"]
    if "members" in shape:
        kept["members"] = {
            name: member["shape"]
            for name, member in shape["members"].items()
            if READ_ONLY not in member.get("documentation", "")
        }
    return kept


def reachable(shapes: dict[str, Any], root: str) -> dict[str, Any]:
    """The constraints of a shape and of all it holds."""
    found: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = constraints(shapes[name])
        one = found[name]
        waiting += [one[key] for key in ("member", "key", "value") if key in one]
        waiting += one.get("members", {}).values()
    return dict(sorted(found.items()))


def document() -> dict[str, Any]:
    """What the file says."""
    model = Loader().load_service_model("sagemaker", "service-2")
    return {
        "source": f"botocore {botocore.__version__}, sagemaker {model['metadata']['apiVersion']}",
        "root": ROOT,
        "shapes": reachable(model["shapes"], ROOT),
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(document(), indent=1) + "\n")
    print(f"wrote {TARGET}")

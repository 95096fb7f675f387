"""How limits are told to people: the service model knows patterns, not what they mean."""

from difflib import get_close_matches

__all__ = ["CHOICES", "allowed_text", "choices", "hint", "shown"]

_SHOWN = 80
# Of longer enumerations only the nearest are told.
CHOICES = 12

_LINE = "one line of text"
_NAME = "letters, digits and hyphens, with a letter or digit at either end"
_ID = "letters, digits and hyphens"
_TAG = "letters, digits, blanks and _.:/=+-@"
_TEXTS = {
    "AthenaCatalog": "text without control characters",
    "AthenaDatabase": _LINE,
    "AthenaWorkGroup": "letters, digits and ._-",
    "ContainerArgument": _LINE,
    "ContainerEntrypointString": _LINE,
    "ExperimentEntityName": _NAME,
    "FeatureGroupName": "letters, digits, hyphens and _, with a letter or digit at either end",
    "ImageUri": _LINE,
    "KmsKeyId": "the id, ARN or alias of a KMS key: letters, digits and :/_-",
    "ProcessingEnvironmentKey": "letters, digits and _, with no digit at the front",
    "ProcessingJobName": _NAME,
    "ProcessingLocalPath": _LINE,
    "RedshiftClusterId": _LINE,
    "RedshiftDatabase": _LINE,
    "RedshiftUserName": _LINE,
    "RoleArn": "the ARN of an IAM role, such as arn:aws:iam::111122223333:role/job",
    "S3Uri": "an S3 URI, such as s3://bucket/prefix/",
    "SecurityGroupId": f"the id of a security group: {_ID}",
    "SubnetId": f"the id of a subnet: {_ID}",
    "TagKey": _TAG,
    "TagValue": _TAG,
}

_FILE = "put what is longer into a file, and give that as an input"
_LEAVE_OUT = "leave an empty list out"
_HINTS = {
    "ContainerArgument": _FILE,
    "ContainerArguments": f"{_FILE}; {_LEAVE_OUT}",
    "ContainerEntrypoint": _LEAVE_OUT,
    "ContainerEntrypointString": _FILE,
    "ProcessingEnvironmentMap": _FILE,
    "ProcessingEnvironmentValue": _FILE,
    "ProcessingInputs": "one input may be a prefix with all below it, or a ManifestFile",
    "ProcessingOutputs": "one output may be a folder with all below it",
}


def allowed_text(shape: str, pattern: str) -> str:
    """What a pattern of the service model lets through.

    Args:
        shape: The shape's name, such as ``RoleArn``.
        pattern: Its pattern, for a shape that nobody has put into words.
    """
    return _TEXTS.get(shape) or f"text that matches {pattern}"


def hint(shape: str) -> str:
    """How to mend what is too long, too short or too many, where there is a way."""
    return f": {_HINTS[shape]}" if shape in _HINTS else ""


def shown(value: object) -> str:
    """A value as it was written, unless that is very long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def choices(value: str, allowed: list[str]) -> str:
    """Of a long list the value's family or, failing that, what is written much like it."""
    family = [one for one in allowed if one.split(".")[:2] == value.split(".")[:2]]
    near = family or get_close_matches(value, allowed, n=CHOICES)
    told = near if len(allowed) > CHOICES and near else allowed
    return ", ".join(told[:CHOICES]) + (", …" if len(told[:CHOICES]) < len(allowed) else "")

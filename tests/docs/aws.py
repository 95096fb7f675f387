"""The AWS CLI's form of a call, made by boto3: what pages name, where that CLI is not installed.

`python -m tests.docs.aws logs put-retention-policy --log-group-name NAME --retention-in-days 180`
"""

import json
import sys
from itertools import pairwise

import boto3
from botocore import xform_name
from botocore.client import BaseClient


def main(service: str, operation: str, *options: str) -> None:
    """Make a call whose options are texts and whole numbers, and print what came back."""
    client: BaseClient = boto3.client(service)  # type: ignore[call-overload] # any service's
    (name,) = (one for one in client.meta.service_model.operation_names if _is(one, operation))
    shape = client.meta.service_model.operation_model(name).input_shape
    members = shape.members if shape else {}
    by_option = {f"--{xform_name(member, '-')}": member for member in members}
    given = {
        by_option[option]: int(value)
        if members[by_option[option]].type_name == "integer"
        else value
        for option, value in pairwise(options)
        if option in by_option
    }
    answer = getattr(client, xform_name(name))(**given)
    sys.stdout.write(json.dumps(answer, default=str) + "\n")


def _is(name: str, operation: str) -> bool:
    return xform_name(name, "-") == operation


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Write request/instance_storage.json anew: the local storage that instance types have.

The sizes are EC2's, of DescribeInstanceTypes, which asks for an AWS account;
moto carries the answer along. It is no dependency of the project, so run this by
``uv run --isolated --no-project --with moto python tools/refresh_instance_storage.py``
after `refresh_constraints.py`, whose instance types it takes.
"""

import json
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "constructs/cdk_sagemaker_processing/request"
TARGET = FOLDER / "instance_storage.json"
TYPES = "ProcessingInstanceType"


def gigabytes(types: Iterable[str], described: Mapping[str, Any]) -> dict[str, int]:
    """The total size of the local storage of each SageMaker type that has any.

    Args:
        types: SageMaker's types, such as ``ml.r5d.large``.
        described: EC2's types, each as DescribeInstanceTypes describes it.
    """
    storage = {
        one: described.get(one.removeprefix("ml."), {}).get("InstanceStorageInfo") for one in types
    }
    return {one: info["TotalSizeInGB"] for one, info in sorted(storage.items()) if info}


def instance_types() -> list[str]:
    """The types that a processing job may run on."""
    shapes = json.loads((FOLDER / "constraints.json").read_text())["shapes"]
    types: list[str] = shapes[TYPES]["enum"]
    return types


def main() -> None:
    """Write the file, and say which types EC2 no longer describes."""
    described = import_module("moto.ec2.models.instance_types").INSTANCE_TYPES
    types = instance_types()
    document = {
        "source": f"EC2 DescribeInstanceTypes, InstanceStorageInfo, as in moto {version('moto')}",
        "gigabytes": gigabytes(types, described),
    }
    TARGET.write_text(json.dumps(document, indent=1) + "\n")
    print(f"wrote {TARGET}")
    unknown = [one for one in types if one.removeprefix("ml.") not in described]
    print(f"not described, so not in the file: {', '.join(unknown) or 'none'}")


if __name__ == "__main__":
    main()

"""Write images/image_uris.json anew from the image tables of the SageMaker SDKs named below.

Run it with newer releases; version 3 of the SDK keeps its tables in ``sagemaker-core``:
``python tools/refresh_images.py sagemaker==2.257.7 sagemaker-core==2.27.0``

It installs them, without what they depend on, into a folder of its own. Where two disagree, the
later one named wins.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from botocore.session import get_session

TARGET = Path(__file__).parent.parent / "constructs/cdk_sagemaker_processing/images/image_uris.json"
# Which part of an SDK's file its processors read.
SCOPES = {"sklearn": "training", "spark": "processing"}
TAGS: Mapping[str, Mapping[str, str]] = {
    "sklearn": {"tag": "{version}-cpu-py3"},
    "spark": {
        "tag": "{version}-cpu",
        "pinned_tag": "{version}-cpu-{py_version}-v{container_version}",
    },
}
# The newest container of each Spark and Python, for hints only: the SDKs hold no list of these.
# From the git tags of aws/sagemaker-spark-container.
CONTAINERS = {
    ("2.4", "py37"): "1.4",
    ("3.0", "py37"): "1.3",
    ("3.1", "py37"): "1.1",
    ("3.2", "py39"): "1.1",
    ("3.3", "py39"): "1.2",
    ("3.5", "py39"): "1.0",
    ("3.5", "py312"): "1.3",
}


def install(requirement: str, folder: Path) -> Path:
    """Where the image tables of an SDK lie, once it is in the folder."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "install",
            "--no-deps",
            "--target",
            folder,
            requirement,
        ],
        check=True,
    )
    (found,) = folder.rglob("image_uri_config")
    return found


def domain_suffixes() -> dict[str, str]:
    """The domain of each region's services."""
    partitions = get_session().get_data("endpoints")["partitions"]
    return {region: one["dnsSuffix"] for one in partitions for region in one["regions"]}


def framework(name: str, tables: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the package keeps of a framework's tables."""
    versions = {version: row for table in tables for version, row in table["versions"].items()}
    (repository,) = {row["repository"] for row in versions.values()}
    order = sorted(versions, key=lambda one: [int(part) for part in one.split("-")[0].split(".")])
    return {
        "repository": repository,
        **TAGS[name],
        "versions": {
            version: {
                py_version: CONTAINERS.get((version, py_version))
                for py_version in versions[version]["py_versions"]
            }
            if name == "spark"
            else {}
            for version in order
        },
    }


def accounts(tables: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The account of each region: one for all versions, or the shape of the file is wrong."""
    found: dict[str, str] = {}
    for table in tables:
        (registries,) = {
            json.dumps(row["registries"], sort_keys=True) for row in table["versions"].values()
        }
        found |= json.loads(registries)
    return found


def document(requirements: list[str], folders: list[Path]) -> dict[str, Any]:
    """What the file says."""
    tables = {
        name: [json.loads((folder / f"{name}.json").read_text())[scope] for folder in folders]
        for name, scope in SCOPES.items()
    }
    found = {name: accounts(one) for name, one in tables.items()}
    suffixes = domain_suffixes()
    return {
        "source": f"Container image tables of {' and '.join(requirements)}",
        "regions": {
            region: {
                **{name: rows[region] for name, rows in found.items() if region in rows},
                "suffix": suffixes[region],
            }
            for region in sorted({region for rows in found.values() for region in rows})
        },
        "frameworks": {name: framework(name, one) for name, one in tables.items()},
    }


def main(requirements: list[str]) -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = [install(one, Path(scratch) / str(at)) for at, one in enumerate(requirements)]
        TARGET.write_text(json.dumps(document(requirements, folders), indent=1) + "\n")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main(sys.argv[1:])

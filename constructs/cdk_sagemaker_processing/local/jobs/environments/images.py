"""The images that the local cloud can stand in for, and what each holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cdk_sagemaker_processing.local.jobs.errors import JobError

SKLEARN = "sagemaker-scikit-learn"
SPARK = "sagemaker-spark-processing"

_URI = re.compile(r"(?:.*/)?(?P<repository>[^/:@]+):(?P<tag>[^/:@]+)")
_TAG = re.compile(r"(?P<version>.+?)-cpu(?:-py3|-py(?P<major>\d)(?P<minor>\d+)-v.+)?")


@dataclass(frozen=True, slots=True)
class Image:
    """One framework line of SageMaker's images.

    Attributes:
        repository: The repository's name.
        version: The framework line, as it stands in the tag.
        requirements: The name of the lock file that comes nearest.
        packages: Package versions in AWS's image, or how they begin, for saying where they differ.
        python: The Python in AWS's image; None where there are several.
        notes: What else differs, in plain sentences.
    """

    repository: str
    version: str
    requirements: str
    packages: Mapping[str, str] = field(default_factory=dict)
    python: str | None = None
    notes: tuple[str, ...] = ()


_SPARK_NOTES = (
    (
        "Spark runs in one process, or on a standalone cluster of several instances, not on YARN: "
        "settings of yarn and HDFS have no effect, and in one process none of executors."
    ),
    (
        "Spark is Apache's own, not EMR's build: EMRFS, Hive's metastore and Glue's catalog are "
        "missing, and Spark itself reads no s3:// path; take data through the job's inputs."
    ),
    (
        "A path without a scheme is a file here and in HDFS on AWS: file:///opt/ml/processing/... "
        "is the same in both."
    ),
)


def _sklearn(version: str, requirements: str, python: str | None, **packages: str) -> Image:
    named = {name.replace("_", "-"): one for name, one in packages.items()}
    return Image(SKLEARN, version, f"sklearn-{requirements}.txt", named, python)


def _spark(version: str, requirements: str) -> Image:
    return Image(
        SPARK, version, f"spark-{requirements}.txt", {"pyspark": version}, None, _SPARK_NOTES
    )


# From the Dockerfiles of aws/sagemaker-scikit-learn-container and aws/sagemaker-spark-container.
_IMAGES = (
    _sklearn("0.20.0", "1.0-1", "3.7", scikit_learn="0.20.0"),
    _sklearn("0.23-1", "1.0-1", "3.7", scikit_learn="0.23.2"),
    _sklearn("1.0-1", "1.0-1", "3.8", scikit_learn="1.0.2", pandas="1.1.3"),
    _sklearn("1.2-1", "1.2-1", "3.9", scikit_learn="1.2.1", pandas="1.1.3", pyarrow="14.0.1"),
    _sklearn("1.4-2", "1.4-2", "3.10", scikit_learn="1.4.2", numpy="2.1.0", pyarrow="17.0.0"),
    _sklearn("1.4-2-py312", "1.4-2", "3.12", scikit_learn="1.4.2", numpy="2.1.0", pyarrow="17.0.0"),
    _sklearn("1.9-0", "1.9-0", None, scikit_learn="1.9.0"),
    # Spark 2.4 is missing: its jars are built for Scala 2.11, which no Spark that runs here has.
    *(_spark(version, "3.4") for version in ("3.0", "3.1", "3.2", "3.3", "3.4")),
    _spark("3.5", "3.5"),
)


def image_of(uri: str) -> Image:
    """Find the framework line that an image URI names.

    Raises:
        JobError: The local cloud has nothing that stands in for it.
    """
    parts = _URI.fullmatch(uri)
    tag = _TAG.fullmatch(parts["tag"]) if parts else None
    if parts and tag:
        for image in _IMAGES:
            if (image.repository, image.version) == (parts["repository"], tag["version"]):
                pinned = f"{tag['major']}.{tag['minor']}" if tag["major"] else image.python
                return replace(image, python=pinned)
    known = "; ".join(f"{one}: {', '.join(_versions(one))}" for one in (SKLEARN, SPARK))
    raise JobError(f"ClientError: the local cloud has no image {uri}. It stands in for {known}.")


def _versions(repository: str) -> list[str]:
    return [image.version for image in _IMAGES if image.repository == repository]

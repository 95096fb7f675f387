"""Which machines AWS's own images do not run on."""

import re
from collections.abc import Iterator, Sequence

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images.model import Image
from cdk_sagemaker_processing.images.versions import TITLES, is_open

__all__ = ["wrong_instance_types"]

_MEMBER = "ProcessingResources.ClusterConfig.InstanceType"
# A g after the generation is Graviton, as a family of g is a GPU:
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
_GRAVITON = re.compile(r"ml\.(a1|[a-z]+\d+g[a-z]*)\.")
_GPU = re.compile(r"ml\.[gp]")


def wrong_instance_types(
    image: Image | None, instance_type: object, fallback_instance_types: Sequence[object] = ()
) -> list[Problem]:
    """What is wrong with a job's machines for its image.

    Where the SageMaker SDK takes a Graviton machine, it takes an image for
    inference with it. Types known only at run time are taken for right.

    Args:
        image: The job's image.
        instance_type: The machine.
        fallback_instance_types: Machines to try after it.
    """
    named = {"instance_type": instance_type}
    named |= {
        f"fallback_instance_types[{at}]": one for at, one in enumerate(fallback_instance_types)
    }
    return [found for name, one in named.items() for found in _wrong(image, name, one)]


def _wrong(image: Image | None, name: str, given: object) -> Iterator[Problem]:
    if not isinstance(given, str) or is_open(given):
        return
    if _GRAVITON.match(given):
        yield Problem(
            f"{name}: {given!r} is a Graviton (arm64) machine, of which SageMaker Processing has "
            "none: take an x86_64 one, such as 'ml.m5.xlarge'",
            _MEMBER,
        )
    elif image is not None and image.framework is not None and _GPU.match(given):
        yield Problem(
            f"{name}: {given!r} has a GPU, which AWS's {TITLES[image.framework]} image for "
            "processing does not use: take a machine without, such as 'ml.m5.xlarge', or give an "
            "image made for GPUs by image_uri or image",
            _MEMBER,
        )

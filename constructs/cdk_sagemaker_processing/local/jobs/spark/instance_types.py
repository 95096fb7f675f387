"""Processors and memory of SageMaker's instance types: those of the EC2 types without the `ml.`."""

import re
from dataclasses import dataclass

_GIB = 1024
# Most families give every processor as much memory, in all sizes.
_GIB_A_PROCESSOR = {
    **dict.fromkeys(("c5", "c6i", "c7i", "c7i-flex", "c8i", "c8i-flex"), 2),
    **dict.fromkeys(("m4", "m5", "m6i", "m7i", "m7i-flex", "m8i", "m8i-flex"), 4),
    **dict.fromkeys(("g4dn", "g5", "g6"), 4),
    **dict.fromkeys(("r5", "r5d", "r6i", "r7i", "r8i", "r8i-flex"), 8),
    "g6e": 8,
    "p5": 16,
}
# Processors and GiB of those that do not.
_OTHERS = {
    "t3.medium": (2, 4),
    "t3.large": (2, 8),
    "t3.xlarge": (4, 16),
    "t3.2xlarge": (8, 32),
    "c4.xlarge": (4, 7.5),
    "c4.2xlarge": (8, 15),
    "c4.4xlarge": (16, 30),
    "c4.8xlarge": (36, 60),
    "p2.xlarge": (4, 61),
    "p2.8xlarge": (32, 488),
    "p2.16xlarge": (64, 732),
    "p3.2xlarge": (8, 61),
    "p3.8xlarge": (32, 244),
    "p3.16xlarge": (64, 488),
}


@dataclass(frozen=True, slots=True)
class InstanceType:
    """What an instance has.

    Attributes:
        processors: Its vCPUs.
        memory: Its memory in MiB.
    """

    processors: int
    memory: int


def instance_type(name: str) -> InstanceType | None:
    """What instances of a type have; None where it is not known.

    >>> instance_type("ml.m5.xlarge")
    InstanceType(processors=4, memory=16384)

    Args:
        name: The type, such as `ml.m5.xlarge`. Source: the EC2 guide "Instance types".
    """
    kind = name.removeprefix("ml.")
    if kind in _OTHERS:
        processors, gib = _OTHERS[kind]
        return InstanceType(int(processors), int(gib * _GIB))
    family, _, size = kind.partition(".")
    found = re.fullmatch(r"(\d*)xlarge|large", size)
    if family not in _GIB_A_PROCESSOR or not found:
        return None
    processors = 2 if size == "large" else 4 * int(found[1] or 1)
    return InstanceType(processors, processors * _GIB_A_PROCESSOR[family] * _GIB)

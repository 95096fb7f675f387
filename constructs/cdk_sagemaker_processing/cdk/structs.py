"""The CDK's structs, which its methods take only as keywords."""

from typing import Any

__all__ = ["keywords_of"]


def keywords_of(struct: Any) -> dict[str, Any]:
    """What a struct such as ``ec2.SubnetSelection`` was made of, as keywords."""
    return dict(struct._values)  # noqa: SLF001 # where jsii keeps it, and the only way to ask

"""A CDK app, in a folder or made in this process, as the CDK CLI deploys it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdk_sagemaker_processing.local import LocalCloud

if TYPE_CHECKING:
    from aws_cdk import App, Stack

__all__ = ["assembly_of", "stacks_of"]


def assembly_of(
    local: LocalCloud, app: "Path | str | App | Stack", context: Mapping[str, str] | None
) -> Path:
    """Return the folder of an app's cloud assembly, which is synthesized.

    Args:
        local: The cloud that an app in a folder is told of.
        app: The app's folder, the app, or one of its stacks.
        context: What the app in a folder is told beside its `cdk.json`.

    Raises:
        LocalCloudError: If there is no app there, or it fails.
        ValueError: If there is a context for an app that is made already.
    """
    if isinstance(app, Path | str):
        return local.synthesize(Path(app), context=context)
    if context:
        raise ValueError(
            f"{app.node.path or 'the app'} is made already, so it cannot be told the context "
            f"{', '.join(context)}: give it to App(context=...)"
        )
    root: Any = app.node.root
    return Path(root.synth().directory)


def stacks_of(app: "Path | str | App | Stack") -> tuple[str, ...]:
    """Return how the CDK CLI selects what is to be deployed of an app; nothing for all of it."""
    if isinstance(app, Path | str):
        return ()
    return (app.node.path,) if app.node.path else ()

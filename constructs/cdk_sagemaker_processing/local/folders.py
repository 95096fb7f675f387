"""Where the local cloud keeps what it may make again at any time."""

import os
from pathlib import Path

_NAME = "cdk-sagemaker-processing"


def cache_folder() -> Path:
    """Return the folder of prepared environments and tools.

    `CDK_SAGEMAKER_PROCESSING_CACHE` names it; else it is `cdk-sagemaker-processing` in
    `XDG_CACHE_HOME`, which defaults to `~/.cache`. The folder need not exist yet.
    """
    own = os.environ.get("CDK_SAGEMAKER_PROCESSING_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    root = Path(shared) if shared else Path.home() / ".cache"
    return root.absolute() / _NAME

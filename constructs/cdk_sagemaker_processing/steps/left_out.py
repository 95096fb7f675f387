"""What a user must hear of files that are not uploaded."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from constructs import IConstruct

from cdk_sagemaker_processing.steps.container.files import names_of

__all__ = ["warn_of_left_out"]

_ID = "cdk-sagemaker-processing:leftOut"


def warn_of_left_out(step: IConstruct, paths: Sequence[Path]) -> None:
    """Name the files and folders of a step that stay here, as they may hold secrets.

    The warning's id is ``cdk-sagemaker-processing:leftOut``.

    Args:
        step: The step.
        paths: What of its folders is not uploaded.
    """
    if not paths:
        return
    cdk.Annotations.of(step).add_warning_v2(
        _ID,
        f"left out of what is uploaded for the job: {names_of(list(dict.fromkeys(paths)))}. Files "
        "and folders of such names hold secrets. A file that the job needs goes along when it is "
        "given by itself: in dependencies (beside the script), in submit_files, or as a "
        "ProcessingInput of its own; what is secret belongs in AWS Secrets Manager. If the job "
        "needs none of them, acknowledge it: "
        f"cdk.Annotations.of(step).acknowledge_warning({_ID!r})",
    )

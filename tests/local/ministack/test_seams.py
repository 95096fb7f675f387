"""The check of MiniStack's private parts."""

import json

import pytest

from cdk_sagemaker_processing.local.ministack.seams import Seam, SeamError, check, mend


def test_a_seam_that_is_there_passes() -> None:
    """A function with the signature, and a value of the type, are no problem."""
    check([Seam("json", "detect_encoding", "(b)"), Seam("json", "__all__", "list")])


def test_each_lost_seam_is_named_with_both_releases() -> None:
    """The error names what is gone and what changed, which release is there, and which is meant."""
    lost = [
        Seam("json", "detect_encoding", "(b, strict)"),
        Seam("json", "nothing", "()"),
        Seam("json.absent", "nothing", "()"),
        Seam("json", "__all__", "tuple"),
    ]
    with pytest.raises(SeamError) as caught:
        check(lost)
    assert str(caught.value) == (
        "ministack 1.5.33 is installed and the local cloud was made for 1.5.33: "
        "json.detect_encoding is (b) and was (b, strict); json.nothing is gone; "
        "json.absent.nothing is gone; json.__all__ is list and was tuple. "
        "Install ministack==1.5.33."
    )


def test_only_a_listed_seam_can_be_mended() -> None:
    """Whatever is mended is checked at start."""
    with pytest.raises(SeamError, match=r"json\.dumps is not in the table"):
        mend(json, {"dumps": lambda original, value: original(value)})

"""What the CDK is told without waiting for its answer."""

import aws_cdk as cdk
import pytest
from jsii._kernel.providers.process import _NodeProcess

from cdk_sagemaker_processing.cdk.unanswered_calls import call_unanswered


def test_it_is_done_by_one_crossing_into_node(
    stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CDK's own method asks for each member of what it answers."""
    synthesizer = cdk.DefaultStackSynthesizer()
    synthesizer.bind(stack)
    asset = cdk.FileAssetSource(
        source_hash="a", file_name="file", packaging=cdk.FileAssetPackaging.FILE
    )
    crossings = []
    send = _NodeProcess.send

    def counted(process: _NodeProcess, request: object, response_type: object) -> object:
        crossings.append(request)
        return send(process, request, response_type)  # type: ignore[arg-type] # as they come

    monkeypatch.setattr(_NodeProcess, "send", counted)
    call_unanswered(synthesizer, "addFileAsset", asset)

    assert len(crossings) == 1
    location = synthesizer.add_file_asset(
        source_hash="a", file_name="file", packaging=cdk.FileAssetPackaging.FILE
    )
    assert location.object_key == "a"
    assert len(crossings) > 2


def test_a_refusal_is_an_error() -> None:
    """As of any call."""
    with pytest.raises(RuntimeError, match=r"asset of method .*addFileAsset"):
        call_unanswered(cdk.DefaultStackSynthesizer(), "addFileAsset", None)

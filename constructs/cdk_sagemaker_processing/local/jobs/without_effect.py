"""What of a request has no effect on this machine, or is left to the job, in plain sentences."""

from collections.abc import Mapping
from typing import Any


def without_effect(request: Mapping[str, Any]) -> list[str]:
    """What the log of a job says of its request, before the job runs."""
    network = request.get("NetworkConfig", {})
    cluster = request["ProcessingResources"]["ClusterConfig"]
    remarks = {
        "NetworkConfig.VpcConfig has no effect here.": "VpcConfig" in network,
        "NetworkConfig.EnableInterContainerTrafficEncryption has no effect here.": bool(
            network.get("EnableInterContainerTrafficEncryption")
        ),
        "ClusterConfig.VolumeKmsKeyId has no effect here.": "VolumeKmsKeyId" in cluster,
        "ExperimentConfig has no effect here.": "ExperimentConfig" in request,
    }
    return [
        *(remark for remark, applies in remarks.items() if applies),
        *_left_to_it(request),
    ]


def _left_to_it(request: Mapping[str, Any]) -> list[str]:
    """What the job fetches or uploads by itself."""
    given = {
        "Input": ("InputName", request.get("ProcessingInputs", ())),
        "Output": ("OutputName", (request.get("ProcessingOutputConfig") or {}).get("Outputs", ())),
    }
    return [
        f"{kind} {one[name]} is AppManaged: it is left to the job."
        for kind, (name, ones) in given.items()
        for one in ones
        if one.get("AppManaged")
    ]

"""What a job's log says of its request."""

from typing import Any

from cdk_sagemaker_processing.local.jobs.without_effect import without_effect


def request(**members: Any) -> dict[str, Any]:
    cluster = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    return {"ProcessingResources": {"ClusterConfig": cluster}} | members


def test_nothing_is_said_of_what_works_here() -> None:
    """Network isolation does, and so does what the service itself fetches and uploads."""
    assert (
        without_effect(
            request(
                NetworkConfig={"EnableNetworkIsolation": True},
                ProcessingInputs=[{"InputName": "a", "AppManaged": False}],
                ProcessingOutputConfig={"Outputs": [{"OutputName": "b"}]},
            )
        )
        == []
    )


def test_what_has_no_effect_is_told() -> None:
    """Each member of the API by its name."""
    encrypted = {"ProcessingResources": {"ClusterConfig": {"VolumeKmsKeyId": "k"}}}
    network = {"VpcConfig": {}, "EnableInterContainerTrafficEncryption": True}
    assert without_effect(request(NetworkConfig=network, ExperimentConfig={}) | encrypted) == [
        "NetworkConfig.VpcConfig has no effect here.",
        "NetworkConfig.EnableInterContainerTrafficEncryption has no effect here.",
        "ClusterConfig.VolumeKmsKeyId has no effect here.",
        "ExperimentConfig has no effect here.",
    ]


def test_what_is_left_to_the_job_is_told() -> None:
    """Inputs and outputs that it manages itself."""
    assert without_effect(
        request(
            ProcessingInputs=[{"InputName": "a", "AppManaged": True}, {"InputName": "b"}],
            ProcessingOutputConfig={"Outputs": [{"OutputName": "c", "AppManaged": True}]},
        )
    ) == [
        "Input a is AppManaged: it is left to the job.",
        "Output c is AppManaged: it is left to the job.",
    ]

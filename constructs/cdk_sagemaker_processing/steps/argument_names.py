"""The arguments of steps, by the members of the request that they set."""

import re
from dataclasses import replace

from cdk_sagemaker_processing.errors import Problem

__all__ = ["named"]

_ARGUMENTS = {
    "AppSpecification.ContainerArguments": "arguments",
    "AppSpecification.ContainerEntrypoint": "entrypoint",
    "AppSpecification.ImageUri": "image_uri",
    "Environment": "environment",
    "ExperimentConfig": "experiment_config",
    "NetworkConfig.EnableInterContainerTrafficEncryption": "encrypt_inter_container_traffic",
    "NetworkConfig.EnableNetworkIsolation": "enable_network_isolation",
    "NetworkConfig.VpcConfig.SecurityGroupIds": "security_groups or security_group_ids",
    "NetworkConfig.VpcConfig.Subnets": "vpc_subnets or subnets",
    "ProcessingInputs": "inputs",
    "ProcessingJobName": "base_job_name",
    "ProcessingOutputConfig.KmsKeyId": "output_kms_key",
    "ProcessingOutputConfig.Outputs": "outputs",
    "ProcessingResources.ClusterConfig.InstanceCount": "instance_count",
    "ProcessingResources.ClusterConfig.InstanceType": "instance_type",
    "ProcessingResources.ClusterConfig.VolumeKmsKeyId": "volume_kms_key",
    "ProcessingResources.ClusterConfig.VolumeSizeInGB": "volume_size_in_gb",
    "StoppingCondition.MaxRuntimeInSeconds": "max_runtime",
    "Tags": "tags",
}
_MEMBER = re.compile(rf"({'|'.join(map(re.escape, _ARGUMENTS))})(\[\d+\])?")


def named(problem: Problem) -> Problem:
    """A problem of the request that also names the argument it comes from.

    >>> print(named(Problem("must be 1 to 100 items, got 0", "ProcessingInputs[1].InputName")))
    inputs[1]: must be 1 to 100 items, got 0 [CreateProcessingJob ProcessingInputs[1].InputName]
    """
    found = _MEMBER.match(problem.member)
    if found is None:
        return problem
    argument = f"{_ARGUMENTS[found[1]]}{found[2] or ''}"
    joint = " " if problem.text.startswith("must ") and found[0] == problem.member else ": "
    return replace(problem, text=f"{argument}{joint}{problem.text}")

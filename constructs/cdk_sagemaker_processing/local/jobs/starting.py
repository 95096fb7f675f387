"""Starting a job's command on all of its instances, each within what its type has."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs.instance import Instance
from cdk_sagemaker_processing.local.jobs.limits import (
    MemoryGroup,
    machine_memory,
    memory_group,
    processors,
)
from cdk_sagemaker_processing.local.jobs.sandbox import Sandbox
from cdk_sagemaker_processing.local.jobs.spark.instance_types import InstanceType, instance_type
from cdk_sagemaker_processing.local.jobs.supervision import Supervised

_NO_GROUP = (
    "Its memory is not limited to that: this machine lets its user make no control group for it"
)


@contextmanager
def started(
    instances: Sequence[Instance],
    command: Sequence[str],
    variables: Mapping[str, str],
    visible: Sequence[Path],
) -> Iterator[Sequence[Supervised]]:
    """Start a command on every instance; in the end nothing of it runs.

    Args:
        instances: The instances, laid out.
        command: The command.
        variables: All of its environment variables.
        visible: Paths of this machine that it must see.

    Raises:
        CommandError: The command could not be started.
        SandboxUnavailable: The machine refuses namespaces.
    """
    job, first = instances[0].job, instances[0].folder
    isolated = bool(job.request.get("NetworkConfig", {}).get("EnableNetworkIsolation"))
    kind = _type(job.request)
    instances[0].log.note(_resources(job.request, kind))
    with ExitStack() as stack:
        network = stack.enter_context(_network(instances)) if isolated and instances[1:] else None
        running = []
        for instance in instances:
            sandbox = replace(
                instance.sandbox((*visible, first.commands), first.layer),
                processors=processors(kind.processors) if kind else (),
                isolate_network=isolated,
                network_of=network,
            )
            group = stack.enter_context(memory_group(kind.memory)) if kind else None
            if kind and not group and kind.memory < machine_memory():
                instance.log.note(_NO_GROUP)
            process = sandbox.start(command, variables, _admit(group))
            stack.callback(process.end)
            running.append(Supervised(instance, process, job.wake.set, group))
        yield running


@contextmanager
def _network(instances: Sequence[Instance]) -> Iterator[int]:
    """A network of the instances' own: they reach one another, and nobody else.

    "Network inbound and outbound traffic is limited to the peers": SageMaker's guide, "Run
    Training and Inference Containers in Internet-Free Mode".
    """
    folder = instances[0].folder
    holder = Sandbox(folder.opt_ml, folder.temporary, isolate_network=True)
    process = holder.start(["sleep", "infinity"], {"PATH": os.defpath})
    try:
        yield process.pid
    finally:
        process.end()


def _admit(group: MemoryGroup | None) -> Callable[[int], None]:
    return group.admit if group else lambda _process: None


def _type(request: Mapping[str, Any]) -> InstanceType | None:
    return instance_type(_type_name(request))


def _type_name(request: Mapping[str, Any]) -> str:
    cluster = request["ProcessingResources"]["ClusterConfig"]
    return str(cluster.get("SelectedInstanceType") or cluster["InstanceType"])


def _resources(request: Mapping[str, Any], kind: InstanceType | None) -> str:
    name, here = _type_name(request), len(os.sched_getaffinity(0))
    memory = machine_memory()
    if kind is None:
        return f"{name}: its processors and memory are not known here, this machine's are used."
    return (
        f"{name} has {kind.processors} vCPU and {kind.memory / 1024:g} GiB. Here an instance uses "
        f"{min(here, kind.processors)} of {here} and {min(memory, kind.memory) / 1024:.3g} GiB."
    )

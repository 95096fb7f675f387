"""A CDK app that is deployed to a local cloud."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdk_sagemaker_processing.local import LocalCloudError
from cdk_sagemaker_processing.local.deploying.assembly import (
    Resource,
    Stack,
    choose_workflow,
    find_called,
    read_resources,
    read_workflows,
)
from cdk_sagemaker_processing.local.deploying.cdk import Outputs
from cdk_sagemaker_processing.local.deploying.physical import physical_name
from cdk_sagemaker_processing.runs import starting
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.workflows import Workflow
from cdk_sagemaker_processing.testing.result import RunResult
from cdk_sagemaker_processing.testing.run import WorkflowRun

if TYPE_CHECKING:
    from constructs import IConstruct

__all__ = ["DeployedApp"]


@dataclass(frozen=True, slots=True)
class DeployedApp:
    """A CDK app that is deployed.

    Attributes:
        outputs: Each stack's outputs by their keys.
        client: Makes boto3 clients: of a service, an account and a region.
        on_end: Is told the result of each run that was waited for.
    """

    outputs: Outputs
    client: Callable[..., Any] = field(repr=False)
    on_end: Callable[[RunResult], None] = field(repr=False)
    _stacks: Sequence[Stack] = field(repr=False)
    _downloads: Path = field(repr=False)

    def start(
        self,
        machine: "str | IConstruct | None" = None,
        input: Mapping[str, Any] | None = None,  # noqa: A002 - as Step Functions calls it
        *,
        name: str | None = None,
    ) -> WorkflowRun:
        """Start a run of a workflow, or of any state machine of the app.

        Args:
            machine: Its construct, or its path, such as `Flights/Pipeline`, or a part of that path
                that no other has; not needed where the app has one only.
            input: The execution's input; `{}` by default.
            name: The execution's name; one that begins with the time, in UTC, by default.

        Raises:
            LocalCloudError: If none is meant, or several; the error lists those there are.
            DeployedError: If the cloud refuses.
        """
        wanted = machine if isinstance(machine, str) or machine is None else machine.node.path
        chosen = choose_workflow(read_workflows(self._stacks), wanted, "by start(path)")
        client_of = self._client_of(chosen.stack)
        arn = physical_name(client_of, chosen)
        workflow = Workflow(chosen.path, chosen.stack.name, arn)
        run = starting.start(client_of, workflow, input or {}, name)
        return WorkflowRun(run, client_of, self._downloads, self.on_end)

    def physical_name(self, resource: "str | IConstruct") -> str:
        """Return the name, or other identity, that CloudFormation gave a resource.

        Args:
            resource: Its construct, or its path, such as `Flights/Raw` of a bucket, or a part of
                that path that no other has.

        Raises:
            LocalCloudError: If there is none, or several.
        """
        wanted = resource if isinstance(resource, str) else resource.node.path
        found = find_called(read_resources(self._stacks), wanted)
        if len(found) != 1:
            raise LocalCloudError(_not_one(wanted, found))
        (one,) = found
        return physical_name(self._client_of(one.stack), one)

    def _client_of(self, stack: Stack) -> ClientOf:
        return partial(self.client, account=stack.account, region=stack.region)


def _not_one(wanted: str, found: Sequence[Resource]) -> str:
    if not found:
        return f"the app has no resource {wanted!r}: name it by its construct path"
    there = ", ".join(f"{one.path} ({one.kind})" for one in found)
    return f"{wanted!r} means more than one resource: name more of its path: {there}"

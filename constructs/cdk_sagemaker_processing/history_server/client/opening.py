"""What every step of an opening needs: whose server it is, how AWS is asked, who is told."""

from dataclasses import dataclass, field

from cdk_sagemaker_processing.history_server.client.found import Server
from cdk_sagemaker_processing.history_server.client.watch import Told
from cdk_sagemaker_processing.runs.clock import Clock
from cdk_sagemaker_processing.runs.follower import ClientOf

__all__ = ["Opening"]


def _ignore(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One person's opening of one server.

    Attributes:
        client_of: Makes boto3 clients.
        server: The server.
        report: Is told what is being done, which may change every second.
        tell: Is told what a person should read: warnings of the mirror, notes.
        clock: How time is told and spent.
    """

    client_of: ClientOf
    server: Server
    report: Told = _ignore
    tell: Told = _ignore
    clock: Clock = field(default_factory=Clock)

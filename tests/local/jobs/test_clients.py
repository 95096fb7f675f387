"""The clients that act for jobs."""

from dataclasses import dataclass

from cdk_sagemaker_processing.local.jobs.clients import Clients
from cdk_sagemaker_processing.local.jobs.credentials import Credentials

ONE, OTHER = Credentials("one", "secret"), Credentials("other", "secret")


@dataclass
class FakeClient:
    """A client that can only be closed."""

    service: str
    credentials: Credentials
    closed: int = 0

    def close(self) -> None:
        """Count that it is closed."""
        self.closed += 1


def test_a_jobs_clients_are_closed_with_it() -> None:
    """All that act by its credentials, once, and no other job's."""
    clients = Clients(FakeClient)
    mine = [clients.client(service, ONE) for service in ("s3", "logs")]
    others = clients.client("s3", OTHER)
    clients.close(ONE)
    clients.close(ONE)
    assert [client.closed for client in (*mine, others)] == [1, 1, 0]
    assert (mine[1].service, mine[1].credentials) == ("logs", ONE)


def test_a_job_without_clients_closes_none() -> None:
    """Such as one that was stopped before it had any."""
    Clients(FakeClient).close(ONE)

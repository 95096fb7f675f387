"""A local cloud as a test holds it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.deploying.assembly import read_stacks
from cdk_sagemaker_processing.local.processes.stoppable import Stoppable
from cdk_sagemaker_processing.testing.apps import assembly_of, stacks_of
from cdk_sagemaker_processing.testing.deployed import DeployedApp
from cdk_sagemaker_processing.testing.objects import Files, put
from cdk_sagemaker_processing.testing.result import RunResult

if TYPE_CHECKING:
    from aws_cdk import App, Stack

__all__ = ["CloudUnderTest"]


class CloudUnderTest(Stoppable):
    """A local cloud for tests, which ends with its `with` statement.

    What is deployed to it stays until then: tests that share one call their stacks differently.

    Attributes:
        local: The local cloud itself.
        on_end: Is told the result of each run that was waited for.
    """

    def __init__(self, local: LocalCloud, downloads: Path | None = None) -> None:
        self.local = local
        self.on_end: Callable[[RunResult], None] = _ignore
        self._downloads = downloads or local.home / "downloads"

    @classmethod
    def start(
        cls,
        *,
        quotas: Mapping[str, int] | None = None,
        enforce_iam: bool = False,
        home: Path | None = None,
        downloads: Path | None = None,
    ) -> Self:
        """Start a local cloud on a free port and wait until it answers.

        Args:
            quotas: How many instances of a type jobs may have at once: `{"ml.g5.xlarge": 0}`;
                SageMaker refuses a job that goes beyond with ResourceLimitExceeded. A type that is
                missing has no limit.
            enforce_iam: Whether jobs and state machines are held to their roles' policies, as
                `LocalCloud.start` says it; needs the command openssl.
            home: The folder of the cloud's files, which stays; by default a temporary one.
            downloads: Where outputs are downloaded to; by default a folder in `home`.

        Raises:
            LocalCloudError: If this machine lacks something, or it does not come up.
        """
        local = LocalCloud.start(quotas=quotas, enforce_iam=enforce_iam, home=home)
        return cls(local, downloads)

    def deploy(
        self,
        app: "Path | str | App | Stack",
        *stacks: str,
        context: Mapping[str, str] | None = None,
    ) -> DeployedApp:
        """Deploy a CDK app by the real `cdk deploy`.

        Args:
            app: The folder of its `cdk.json` or `app.py`; or an `App`; or a `Stack`, of whose app
                it alone is deployed with what it depends on.
            stacks: Which stacks, as the CDK CLI selects them; all by default.
            context: What the app in a folder is told beside its `cdk.json`.

        Raises:
            LocalCloudError: If there is no app there, or a step of it fails.
            ValueError: If there is a context for an app that is made already.
        """
        assembly = assembly_of(self.local, app, context)
        outputs = self.local.deploy_assembly(assembly, *(stacks or stacks_of(app)))
        return DeployedApp(
            outputs=outputs,
            client=self.client,
            on_end=self.on_end,
            _stacks=read_stacks(assembly),
            _downloads=self._downloads,
        )

    def put(
        self, uri: str, files: Files, *, account: str | None = None, region: str | None = None
    ) -> None:
        """Put files into S3, for jobs to read.

        Args:
            uri: Where to: `s3://bucket/prefix/`. A bucket that is not there is made.
            files: A file, which keeps its name below the prefix; a folder, whose files keep their
                paths below it; or contents, or files, by what their keys are below the prefix.
            account: The account to make a bucket in; `000000000000` by default.
            region: The region to make a bucket in; `us-east-1` by default.

        Raises:
            ValueError: If the URI is none of S3, or there is no such file.
        """
        put(self.client("s3", account=account, region=region), uri, files)

    def client(self, service: str, *, account: str | None = None, region: str | None = None) -> Any:
        """Return a boto3 client of this cloud.

        Args:
            service: Such as `s3`.
            account: The account to act in; `000000000000` by default.
            region: The region to act in; `us-east-1` by default.
        """
        return self.local.client(service, account=account, region=region)

    def stop(self) -> None:
        """End the cloud with everything that runs in it; a second time does nothing."""
        self.local.stop()


def _ignore(_: RunResult) -> None:
    """Do nothing."""

"""A local cloud that answers, whoever started it: apps are deployed to it, and it is asked."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk_sagemaker_processing.local.clouds.api import ACCOUNT, REGION, CloudApi, without_aws
from cdk_sagemaker_processing.local.deploying.assembly import Stack, read_stacks
from cdk_sagemaker_processing.local.deploying.cdk import CdkCli, Outputs
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.report import Report

__all__ = ["CDK_FILES", "AnsweringCloud"]

CDK_FILES = "cdk-tmp"
"""The folder of what the CDK CLI keeps for the time of a run."""


class AnsweringCloud(ABC):
    """A local cloud that answers.

    Args:
        api: Where it answers.
        files: The folder of what the CDK CLI reads and writes.
        report: Is told, in short sentences, what is being done.

    Attributes:
        endpoint_url: Where its API is, on 127.0.0.1.
    """

    def __init__(self, api: CloudApi, *, files: Path, report: Report) -> None:
        self.endpoint_url = api.endpoint_url
        self._api = api
        self._files = files
        self._report = report
        self._bootstrapped: set[tuple[str, str]] = set()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the CDK CLI, the AWS CLI and boto3 to this cloud.

        What they cannot undo is an `AWS_PROFILE` of the user's: leave it out beside them.
        """
        return self._api.variables()

    def client(self, service: str, *, account: str | None = None, region: str | None = None) -> Any:
        """Return a boto3 client of this cloud; this process's own AWS settings play no part.

        Args:
            service: Such as `stepfunctions`.
            account: The account to act in; `000000000000` by default.
            region: The region to act in; `us-east-1` by default.
        """
        return self._api.client(service, account or ACCOUNT, region or REGION)

    def bootstrap(self, account: str = ACCOUNT, region: str = REGION) -> None:
        """Run `cdk bootstrap`, once for each account and region.

        Args:
            account: The account to deploy to.
            region: The region to deploy to.

        Raises:
            LocalCloudError: If it fails.
        """
        if (account, region) in self._bootstrapped:
            return
        with self.explained():
            self._cdk(account, region).bootstrap(account, region, self._folder("bootstrap"))
        self._bootstrapped.add((account, region))

    def synthesize(self, app_folder: Path, *, context: Mapping[str, str] | None = None) -> Path:
        """Run a CDK app by `cdk synth`; its own `cdk.out` stays as it is.

        Args:
            app_folder: The folder of its `cdk.json`, or of its `app.py`.
            context: What the app is told beside its `cdk.json`, as by the CDK CLI's `-c`.

        Returns:
            The folder of the cloud assembly.

        Raises:
            LocalCloudError: If there is no app there, or it fails.
        """
        assembly = self._folder("cdk.out")
        with self.explained():
            self._cdk(ACCOUNT, REGION).synthesize(app_folder.absolute(), assembly, context or {})
        return assembly

    def deploy(
        self, app_folder: Path, *stacks: str, context: Mapping[str, str] | None = None
    ) -> Outputs:
        """Synthesize a CDK app and deploy it by the real `cdk deploy`.

        Args:
            app_folder: The folder of its `cdk.json`, or of its `app.py`.
            stacks: Which stacks, as the CDK CLI selects them; all by default.
            context: What the app is told beside its `cdk.json`, as by the CDK CLI's `-c`.

        Returns:
            Each stack's outputs by their keys.

        Raises:
            LocalCloudError: If there is no app there, or a step of it fails.
        """
        return self.deploy_assembly(self.synthesize(app_folder, context=context), *stacks)

    def deploy_assembly(self, assembly: Path, *stacks: str) -> Outputs:
        """Deploy what `synthesize` returned.

        Args:
            assembly: The folder of a cloud assembly.
            stacks: Which stacks, as the CDK CLI selects them; all by default.

        Returns:
            Each stack's outputs by their keys.

        Raises:
            LocalCloudError: If it fails.
        """
        targets = [_target(stack) for stack in read_stacks(assembly)]
        for account, region in dict.fromkeys(targets):
            self.bootstrap(account, region)
        account, region = targets[0] if targets else (ACCOUNT, REGION)
        with self.explained():
            return self._cdk(account, region).deploy(assembly, stacks, self._folder("deploy"))

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what goes wrong in the block as one LocalCloudError, telling the cloud's own end.

        Raises:
            LocalCloudError: If a call to the cloud, or work with it, fails.
        """
        try:
            yield
        except (LocalCloudError, BotoCoreError, ClientError) as error:
            if end := self._end():
                raise LocalCloudError(end) from error
            if isinstance(error, LocalCloudError):
                raise
            raise LocalCloudError(f"the local cloud refused: {error}") from error

    def check(self) -> None:
        """Check that the cloud is still there.

        Raises:
            LocalCloudError: If it has ended.
        """
        if end := self._end():
            raise LocalCloudError(end)

    @abstractmethod
    def log_file(self, job_name: str) -> Path | None:
        """Return the file of a processing job's whole log; None if it is not known."""

    @abstractmethod
    def _end(self) -> str | None:
        """Say how the cloud ended, if it did."""

    def _cdk(self, account: str, region: str) -> CdkCli:
        # What its Node leaves there when it is interrupted goes with the cloud.
        files = {"TMPDIR": str(self._folder(CDK_FILES))}
        return CdkCli(
            variables=without_aws(os.environ) | self._api.variables(account, region) | files,
            report=self._report,
            goes_on=lambda: self._end() is None,
        )

    def _folder(self, name: str) -> Path:
        folder = self._files / name
        folder.mkdir(exist_ok=True)
        return folder


def _target(stack: Stack) -> tuple[str, str]:
    return stack.account or ACCOUNT, stack.region or REGION

"""The local cloud as its user holds it: started, deployed to, asked, ended."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cdk_sagemaker_processing.local.clouds.answering import CDK_FILES, AnsweringCloud
from cdk_sagemaker_processing.local.clouds.api import ACCOUNT, REGION, CloudApi
from cdk_sagemaker_processing.local.clouds.starting import (
    Options,
    check_machine,
    start_server,
    wait_until_ready,
)
from cdk_sagemaker_processing.local.clouds.temporary import TemporaryHome
from cdk_sagemaker_processing.local.disk.folders import job_log, remove
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes.children import Child
from cdk_sagemaker_processing.local.processes.holding import signals_held
from cdk_sagemaker_processing.local.processes.ports import choose_port
from cdk_sagemaker_processing.local.processes.stoppable import Stoppable
from cdk_sagemaker_processing.local.report import Report, silent


class LocalCloud(AnsweringCloud, Stoppable):
    """An AWS on this machine, in a process of its own, that ends with this object.

    Start one by `start`, at best in a `with` statement:

        with LocalCloud.start() as cloud:
            outputs = cloud.deploy(Path("."))
            machines = cloud.client("stepfunctions").list_state_machines()

    Attributes:
        endpoint_url: Where its API is, on 127.0.0.1.
        home: The folder of its files.
    """

    def __init__(
        self,
        server: Child,
        api: CloudApi,
        *,
        home: Path,
        temporary: TemporaryHome | None,
        report: Report,
    ) -> None:
        super().__init__(api, files=home, report=report)
        self.home = home
        self._server = server
        self._temporary = temporary

    @classmethod
    def start(
        cls,
        *,
        port: int | None = None,
        home: Path | None = None,
        report: Report | None = None,
        quotas: Mapping[str, int] | None = None,
        enforce_iam: bool = False,
    ) -> Self:
        """Start a local cloud and wait until it answers.

        With `enforce_iam` whoever calls is held to IAM policies, in AWS's words:

        - a job: its role's policies, the policies of buckets and keys, for whatever it asks of
          S3, CloudWatch Logs, KMS and the cloud's other services; what SageMaker does in the
          role's name (inputs, outputs and the log; the keys of encrypted objects; before it
          starts, pulling the image, the grant on the volume's key, the network interfaces of a
          VPC) as well;
        - a task of ECS: its role; its execution role, for the log and for images of Amazon ECR;
          and who runs it in a role's session, for ECS's actions and for passing the roles;
        - a state machine: its role, for SageMaker's processing jobs and for passing roles to
          them; when it is made or changed, for EventBridge's rule and for its log;
        - you, the CDK CLI and stacks: administrators, who may do all.

        Not looked at: what state machines ask of services other than SageMaker, what X-Ray is
        sent, organizations' policies, VPC endpoints' policies.

        Args:
            port: Where its API listens on 127.0.0.1; a free port by default.
            home: The folder of its files, kept afterwards; by default a temporary one, removed.
            report: Is told, in short sentences, what is being done.
            quotas: How many instances of a type processing jobs may have at once, as an account
                has them: `{"ml.g5.xlarge": 0}`; SageMaker refuses a job that goes beyond with
                ResourceLimitExceeded. A type that is missing has no limit.
            enforce_iam: Whether IAM policies are enforced; the API is HTTPS then, with a
                certificate of its own in `home`, which needs the command openssl.

        Raises:
            LocalCloudError: If the port is taken, this machine lacks something, or it does not
                come up.
        """
        chosen = choose_port(port)
        options = Options(enforce_iam=enforce_iam, quotas=quotas or {})
        folder, temporary = _home(home)
        cloud = None
        try:
            check_machine(folder)
            api = CloudApi.of_home(chosen, folder, secure=enforce_iam)
            with signals_held():
                server = start_server(chosen, folder, options, parent=os.getpid())
                cloud = cls(server, api, home=folder, temporary=temporary, report=report or silent)
            wait_until_ready(api, server)
        except BaseException:
            if cloud:
                cloud.stop()
            elif temporary:
                temporary.end()
            raise
        return cloud

    def keep_home(self) -> None:
        """Leave a temporary home where it is at the end, for a look at what jobs left there."""
        if self._temporary:
            self._temporary.keep()

    def log_file(self, job_name: str) -> Path:
        """Return the file of a processing job's whole log."""
        default = self.home / ACCOUNT / REGION / "jobs" / job_name / "log.txt"
        return job_log(self.home, job_name) or default

    def stop(self) -> None:
        """End the cloud with everything that runs in it; a temporary home is removed."""
        # An interruption would leave what is not ended yet to nobody.
        with signals_held():
            self._server.stop()
            remove(self.home / CDK_FILES)
            if self._temporary:
                self._temporary.end()

    def _end(self) -> str | None:
        code = self._server.exit_code
        if code is None:
            return None
        return f"the local cloud ended (exit code {code}); its last lines:\n{self._server.tail()}"


def _home(wanted: Path | None) -> tuple[Path, TemporaryHome | None]:
    try:
        if wanted is None:
            temporary = TemporaryHome.make()
            return temporary.folder, temporary
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        place = wanted or Path(tempfile.gettempdir())
        raise LocalCloudError(
            f"the local cloud cannot keep its files in {place} ({error.strerror}): choose another "
            "place (home, or the variable TMPDIR)",
        ) from error
    return wanted.absolute(), None

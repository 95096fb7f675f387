"""Where a local cloud answers, and what calls it: boto3, the CDK CLI, a user's shell."""

import http.client
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from cdk_sagemaker_processing.local.processes.ports import LOOPBACK

__all__ = ["ACCOUNT", "REGION", "STATUS_PATH", "CloudApi", "without_aws"]

ACCOUNT = "000000000000"
REGION = "us-east-1"

STATUS_PATH = "/_sagemaker-processing/status"
"""Where a cloud tells how many executions and jobs it runs: `{"executions": 1, "jobs": 2}`."""

_READY_PATH = "/_ministack/ready"
_CERTIFICATE = "certificate.pem"


@dataclass(frozen=True, slots=True)
class CloudApi:
    """The API of a local cloud.

    Attributes:
        port: Its port on 127.0.0.1.
        certificate: The certificate that vouches for it; None where it speaks plain HTTP.
    """

    port: int
    certificate: Path | None = None

    @classmethod
    def of_home(cls, port: int, home: Path, *, secure: bool) -> "CloudApi":
        """Return the API of a cloud that keeps its files in a folder.

        Args:
            port: Its port on 127.0.0.1.
            home: The folder.
            secure: Whether it speaks HTTPS.
        """
        return cls(port, home / _CERTIFICATE if secure else None)

    @property
    def endpoint_url(self) -> str:
        """Where it is."""
        return f"{'https' if self.certificate else 'http'}://{LOOPBACK}:{self.port}"

    def variables(
        self, account: str = ACCOUNT, region: str = REGION, around: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the variables that point the CDK CLI, the AWS CLI and boto3 to it.

        Args:
            account: The account to act in.
            region: The region to act in.
            around: The variables beside them, whose exceptions from a proxy are kept; those of
                this process by default.
        """
        around = os.environ if around is None else around
        trusted = str(self.certificate or "")
        trust = {"AWS_CA_BUNDLE": trusted, "NODE_EXTRA_CA_CERTS": trusted} if trusted else {}
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            # A key of twelve digits names the account to act in.
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            **{name: _with_loopback(around.get(name, "")) for name in ("NO_PROXY", "no_proxy")},
            **trust,
        }

    def client(self, service: str, account: str = ACCOUNT, region: str = REGION) -> Any:
        """Return a boto3 client of it; this process's own AWS settings play no part.

        Args:
            service: Such as `stepfunctions`.
            account: The account to act in.
            region: The region to act in.
        """
        # Each names its own settings' sources, so that a profile of the user's is never read.
        sources = {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
        session = boto3.session.Session(
            botocore_session=botocore.session.Session(session_vars=sources),
            aws_access_key_id=account,
            aws_secret_access_key="local",  # noqa: S106 - a local cloud checks no signature
            region_name=region,
        )
        client: Any = session.client(  # type: ignore[call-overload]  # the name is known at run time only
            service,
            endpoint_url=self.endpoint_url,
            config=Config(proxies={}),
            verify=str(self.certificate) if self.certificate else None,
        )
        return client

    def is_ready(self) -> bool:
        """Return whether it answers."""
        try:
            return self.get(_READY_PATH)[0] == http.HTTPStatus.OK
        except OSError:
            # Nobody listens, or the certificate is not there yet.
            return False

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for a page of its own, beside AWS's services.

        Args:
            path: The page's path.

        Returns:
            The status and the body.

        Raises:
            OSError: If it does not answer.
        """
        connection = self._connection()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.certificate is None:
            return http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        trust = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection(LOOPBACK, self.port, timeout=2, context=trust)


def without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    """Leave out what could lead to a real account: profiles, keys, endpoints of services."""
    return {name: value for name, value in variables.items() if not name.startswith("AWS_")}


def _with_loopback(no_proxy: str) -> str:
    if LOOPBACK in no_proxy.split(","):
        return no_proxy
    return f"{no_proxy},{LOOPBACK}" if no_proxy else LOOPBACK

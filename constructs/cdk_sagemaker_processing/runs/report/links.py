"""Pages of the AWS console."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.logs import LOG_GROUP
from cdk_sagemaker_processing.runs.outputs import split_uri

__all__ = ["AwsConsole", "console_of"]

_HOSTS = {"aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
_ENDPOINTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


@dataclass(frozen=True, slots=True)
class AwsConsole:
    """The console of a partition and region.

    Attributes:
        host: The partition's host.
        region: The region.
    """

    host: str
    region: str

    def execution(self, arn: str) -> str:
        """Return the page of a Step Functions execution."""
        return f"{self._service('states')}#/v2/executions/details/{_once(arn, safe=':')}"

    def job(self, name: str) -> str:
        """Return the page of a processing job."""
        return f"{self._service('sagemaker')}#/processing-jobs/{_once(name)}"

    def log(self, job_name: str) -> str:
        """Return the page of the log streams of a processing job."""
        group, prefix = _twice(LOG_GROUP), _twice(f"{job_name}/")
        filtered = f"$3FlogStreamNameFilter$3D{prefix}"
        return f"{self._service('cloudwatch')}#logsV2:log-groups/log-group/{group}{filtered}"

    def objects(self, uri: str) -> str:
        """Return the page of what is under an S3 URI."""
        bucket, prefix = split_uri(uri)
        place = f"https://{self.region}.console.{self.host}/s3/buckets/{_once(bucket)}"
        return f"{place}?region={self.region}&prefix={_once(prefix)}"

    def _service(self, name: str) -> str:
        return f"https://{self.region}.console.{self.host}/{name}/home?region={self.region}"


def console_of(client_of: ClientOf, arn: str) -> AwsConsole | None:
    """Return the console that shows a resource; None of a cloud that has none, as a local one.

    Args:
        client_of: Makes boto3 clients.
        arn: The resource's ARN.
    """
    host = urlsplit(client_of("stepfunctions").meta.endpoint_url).hostname or ""
    partition, region = arn.split(":")[1], arn.split(":")[3]
    if not host.endswith(_ENDPOINTS) or partition not in _HOSTS:
        return None
    return AwsConsole(_HOSTS[partition], region)


def _twice(text: str) -> str:
    """Return text as the console of CloudWatch reads it: escaped twice, with $ for %."""
    return _once(_once(text)).replace("%", "$")


def _once(text: str, safe: str = "") -> str:
    # JSON may hold halves of characters, which no address can.
    return quote(text, safe=safe, errors="replace")

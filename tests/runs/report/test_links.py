import pytest

from cdk_sagemaker_processing.runs.report.links import AwsConsole, console_of
from tests.runs import fakes
from tests.runs.report.fakes import Aws, execution_arn


def test_a_local_cloud_has_no_console() -> None:
    """A link to AWS would lead to nothing, or to another account's."""
    aws = Aws(endpoint_url="http://127.0.0.1:4566")
    assert console_of(aws, execution_arn("x")) is None


@pytest.mark.parametrize(
    ("partition", "region", "endpoint", "host"),
    [
        ("aws", "eu-west-1", "states.eu-west-1.amazonaws.com", "aws.amazon.com"),
        ("aws-cn", "cn-north-1", "states.cn-north-1.amazonaws.com.cn", "amazonaws.cn"),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "vpce-1.states.us-gov-west-1.vpce.amazonaws.com",
            "amazonaws-us-gov.com",
        ),
    ],
)
def test_each_partition_has_a_console_of_its_own(
    partition: str, region: str, endpoint: str, host: str
) -> None:
    """By the run's ARN."""
    arn = f"arn:{partition}:states:{region}:111122223333:execution:m:x"
    aws = Aws(fakes.DEFINITION, f"https://{endpoint}")
    assert console_of(aws, arn) == AwsConsole(host, region)


def test_its_pages() -> None:
    """As the console itself addresses them; what is in a name never leads elsewhere."""
    console = AwsConsole("aws.amazon.com", "eu-west-1")
    home = "https://eu-west-1.console.aws.amazon.com"
    assert console.execution("arn:aws:states:eu-west-1:1:execution:m:x") == (
        f"{home}/states/home?region=eu-west-1#/v2/executions/details/"
        "arn:aws:states:eu-west-1:1:execution:m:x"
    )
    assert console.job("clean-1") == (
        f"{home}/sagemaker/home?region=eu-west-1#/processing-jobs/clean-1"
    )
    assert console.log("clean-1") == (
        f"{home}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/"
        "$252Faws$252Fsagemaker$252FProcessingJobs$3FlogStreamNameFilter$3Dclean-1$252F"
    )
    assert console.objects("s3://data/a b/&x=1") == (
        f"{home}/s3/buckets/data?region=eu-west-1&prefix=a%20b%2F%26x%3D1%2F"
    )

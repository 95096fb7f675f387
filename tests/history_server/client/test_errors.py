import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explain, explained
from tests.history_server.client.fakes import DENIED, refusal


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "no AWS credentials were found: sign in, or name a profile"),
        (NoRegionError(), "no region is set: name one by --region"),
        (ProfileNotFound(profile="x"), "The config profile (x) could not be found: `aws configure"),
        (UnauthorizedSSOTokenError(), "the AWS credentials cannot be renewed (The SSO session"),
        (EndpointConnectionError(endpoint_url="https://e"), "AWS cannot be reached: Could not"),
        (refusal("ListTasks", "ExpiredTokenException", "x"), "the AWS credentials have expired:"),
        (
            refusal("ListTasks", "UnrecognizedClientException", "The security token is invalid"),
            "AWS does not take these credentials (UnrecognizedClientException): look at the",
        ),
        (
            refusal("RunTask", "ClientException", "TaskDefinition is\ninactive"),
            "RunTask: TaskDefinition is inactive",
        ),
        (refusal("RunTask", "ServerException", ""), "RunTask: ServerException"),
    ],
)
def test_what_aws_refuses_is_one_line_with_the_way_out(
    error: BotoCoreError | ClientError, told: str
) -> None:
    """Nobody must know boto3's classes to know what to do."""
    with pytest.raises(HistoryError) as raised, explained():
        raise error
    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_a_denial_names_the_action_and_who_can_allow_it(code: str) -> None:
    """The role that may not be passed is told by the message alone; else the operation is told."""
    told = explain(refusal("RunTask", code, DENIED.format("iam:PassRole on resource: x.")))
    assert told.startswith("not allowed: User: arn:aws:iam::111122223333:user/eve is not")
    assert "iam:PassRole" in told
    assert told.endswith("by grant_open of its SparkHistoryServer")
    assert explain(refusal("RunTask", code, "no")).startswith("not allowed: RunTask: no: whoever")

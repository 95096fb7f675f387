import pytest
from botocore.exceptions import EndpointConnectionError

from cdk_sagemaker_processing.history_server.mirror.listing import Object
from cdk_sagemaker_processing.history_server.mirror.settings import Source
from cdk_sagemaker_processing.history_server.mirror.troubles import (
    Troubles,
    is_lasting,
    listing_trouble,
    reading_trouble,
)
from tests.history_server.mirror.fake_s3 import refusal

_SOURCE = Source("b", "x/")
_OBJECT = Object(_SOURCE, "x/app", 1, '"e"', 0)


def test_a_trouble_is_told_once_and_when_it_changes_and_goes() -> None:
    """Each place apart."""
    said: list[str] = []
    troubles = Troubles(lambda level, text: said.append(f"{level} {text}"), lambda: 0)
    for now in ({"a": "1"}, {"a": "1", "b": "2"}, {"a": "3", "b": "2"}, {"a": "3"}):
        troubles.are(now)
    assert said == ["ERROR 1", "ERROR 2", "ERROR 3", "INFO b: nothing is wrong any more"]


def test_a_trouble_that_lasts_is_told_every_four_minutes() -> None:
    """From when it was told last, each by itself."""
    said: list[str] = []
    now = 0
    troubles = Troubles(lambda _, text: said.append(f"{now} {text}"), lambda: now)
    for now in range(0, 600, 30):
        troubles.are({"a": "1", "b": "2" if now < 90 else "3"})
    assert said == ["0 1", "0 2", "90 3", "240 1", "330 3", "480 1", "570 3"]


def test_a_denied_key_is_named() -> None:
    """S3 says AccessDenied for a key's as well."""
    error = refusal(
        "AccessDenied",
        "GetObject",
        "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: kms:Decrypt on "
        "resource: arn:aws:kms:eu-west-1:1:key/k because no identity-based policy allows it",
    )
    assert reading_trouble(error, _OBJECT, "aws-cn") == (
        "kms:Decrypt on arn:aws:kms:eu-west-1:1:key/k is denied, "
        "for s3:GetObject on arn:aws-cn:s3:::b/x/app"
    )


def test_s3s_own_words_name_the_same_action() -> None:
    """As they come since 2025."""
    error = refusal(
        "AccessDenied",
        "ListObjectsV2",
        'User: u is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::b"',
    )
    assert listing_trouble(error, _SOURCE, "aws") == (
        "s3:ListBucket on arn:aws:s3:::b (prefix x/) is denied: the task's role must allow it"
    )


def test_anything_else_is_told_in_its_own_words() -> None:
    """With the place."""
    error = EndpointConnectionError(endpoint_url="https://s3")
    assert listing_trouble(error, _SOURCE, "aws") == (
        's3://b/x/ cannot be listed: Could not connect to the endpoint URL: "https://s3"'
    )
    assert reading_trouble(OSError(5, "Input/output error"), _OBJECT, "aws") == (
        "s3://b/x/app cannot be mirrored: [Errno 5] Input/output error"
    )


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (refusal("AccessDenied", "GetObject"), True),
        (refusal("InvalidObjectState", "GetObject"), True),
        (refusal("SlowDown", "GetObject", status=503), False),
        (EndpointConnectionError(endpoint_url="https://s3"), False),
        (OSError(5, "Input/output error"), False),
    ],
)
def test_what_is_denied_stays_denied_for_a_while(error: Exception, lasting: bool) -> None:
    """What is broken need not."""
    assert is_lasting(error) is lasting

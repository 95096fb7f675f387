"""The part of S3 URIs that permissions can name."""

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.access.locations import Location, locate, locations
from cdk_sagemaker_processing.request.values import Reference, join
from tests.support import resolved

DAY = Reference(jsonpath="$.day")
NAMES = st.text(alphabet="abc-.", min_size=1, max_size=8)


@given(bucket=NAMES, prefix=st.lists(NAMES, max_size=3).map("/".join))
def test_a_known_uri_is_named_whole(bucket: str, prefix: str) -> None:
    """Bucket and key, with nothing lost and nothing added."""
    assert locate(f"s3://{bucket}/{prefix}") == Location(bucket, prefix)


@given(bucket=NAMES, before=NAMES, after=NAMES)
def test_a_uri_is_named_up_to_its_first_run_time_value(
    bucket: str, before: str, after: str
) -> None:
    """What follows may be anything, so the permission ends there."""
    uri = join(f"s3://{bucket}/{before}", DAY, after)

    assert locate(uri) == Location(bucket, before)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (DAY, "known only at run time"),
        (join("s3://raw-", DAY, "/x"), "put a slash after its name"),
        (cdk.Token.as_string({"Ref": "Uri"}), "known only at deploy"),
        ("https://s3.amazonaws.com/raw/x", "write it as s3://"),
    ],
    ids=["run time", "part", "deploy", "https"],
)
def test_a_bucket_that_nobody_knows_cannot_be_named(uri: Reference, words: str) -> None:
    """Rather than a permission for every bucket there is an error."""
    found = locate(uri)

    assert isinstance(found, processing.Problem)
    assert words in found.text


def test_spark_may_read_by_its_own_scheme() -> None:
    """A jar at s3a:// lies where s3:// says."""
    assert locate("s3a://jars/a.jar") == locate("s3://jars/a.jar")


def test_a_place_is_named_once() -> None:
    """In the order of the URIs; what has no name is told beside it."""
    named, unnamed = locations(["s3://b/x", "s3://a/x", "s3a://b/x", DAY, join("s3://a/x", DAY)])

    assert named == [Location("b", "x"), Location("a", "x")]
    assert [one.text[:22] for one in unnamed] == ["the bucket of '{$.day}"]


def test_a_bucket_that_cloudformation_names_is_named(stack: cdk.Stack) -> None:
    """By what the deploy puts in, before and after which there may be a key."""
    place = locate(f"s3://{cdk.Fn.ref('Raw')}/x/")

    assert isinstance(place, Location)
    assert resolved(stack, place.bucket_arn) == "arn:<AWS::Partition>:s3:::<Raw>"
    assert resolved(stack, place.objects_arn) == "arn:<AWS::Partition>:s3:::<Raw>/x/*"

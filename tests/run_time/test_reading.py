"""From what users write to the values of a request."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.request.values import Joined, Reference


def test_plain_text_stays_plain() -> None:
    """Most values are known at synth and cost nothing."""
    assert run_time.text("s3://bucket/x") == "s3://bucket/x"


def test_what_cloudformation_fills_in_stays_in_place(stack: cdk.Stack) -> None:
    """Such a token is known at deploy, long before a run."""
    uri = f"s3://{cdk.Aws.ACCOUNT_ID}-raw/"

    assert run_time.text(uri) == uri
    assert stack.resolve(run_time.text(uri)) == {
        "Fn::Join": ["", ["s3://", {"Ref": "AWS::AccountId"}, "-raw/"]]
    }


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (sfn.JsonPath.string_at("$.day"), "$.day"),
        (sfn.JsonPath.execution_name, "$$.Execution.Name"),
        (sfn.JsonPath.uuid(), "States.UUID()"),
        (
            sfn.JsonPath.format("{}/{}", sfn.JsonPath.string_at("$.a"), "x"),
            "States.Format('{}/{}', $.a, 'x')",
        ),
    ],
    # A token's text differs from process to process.
    ids=["path", "context object", "intrinsic function", "format"],
)
def test_a_jsonpath_token_is_its_path(written: str, path: str) -> None:
    """Paths, the context object and intrinsic functions alike."""
    assert run_time.text(written) == Reference(jsonpath=path)


def test_a_jsonata_expression_is_without_its_braces() -> None:
    """As Step Functions writes it."""
    assert run_time.text("{% $states.input.day %}") == Reference(jsonata="$states.input.day")


def test_both_kinds_of_token_mix_in_one_text() -> None:
    """The known pieces and the token of CloudFormation stay text around the path."""
    day = sfn.JsonPath.string_at("$.day")

    assert run_time.text(f"s3://{cdk.Aws.ACCOUNT_ID}/{day}/") == Joined(
        (f"s3://{cdk.Aws.ACCOUNT_ID}/", Reference(jsonpath="$.day"), "/")
    )


def test_numbers_may_be_tokens_too() -> None:
    """The CDK writes a number's path as a number far below zero."""
    assert run_time.number(3) == 3
    assert run_time.number(sfn.JsonPath.number_at("$.n")) == Reference(jsonpath="$.n")
    assert run_time.number("{% $states.input.n %}") == Reference(jsonata="$states.input.n")


def test_a_number_that_cloudformation_fills_in_stays() -> None:
    """Such as a parameter of the stack."""
    number = cdk.Token.as_number({"Ref": "Count"})

    assert run_time.number(number) == number


def test_a_list_of_cloudformations_stays_a_list() -> None:
    """Only a path makes a list one value."""
    values = cdk.Token.as_list({"Ref": "List"})

    assert run_time.texts(values) == tuple(values)


def test_a_number_known_only_at_run_time_is_text_inside_text() -> None:
    """The CDK would take it for a string of digits, and pass the path's name to the job."""
    count = sfn.JsonPath.number_at("$.n")

    assert run_time.text(f"--count={count}") == Joined(("--count=", Reference(jsonpath="$.n")))
    assert run_time.text(f"{count}") == Reference(jsonpath="States.Format('{}', $.n)")


def test_a_number_of_cloudformation_inside_text_stays(stack: cdk.Stack) -> None:
    """It is known at deploy, and the CDK puts it in."""
    text = run_time.text(f"--count={cdk.Token.as_number({'Ref': 'Count'})}")

    assert stack.resolve(text) == {"Fn::Join": ["", ["--count=", {"Ref": "Count"}]]}


def test_jsonata_may_stand_inside_text() -> None:
    """Step Functions takes an expression only alone, so an f-string would pass its braces on."""
    assert run_time.text("{% $a %}/x/{% $b %}") == Joined(
        (Reference(jsonata="$a"), "/x/", Reference(jsonata="$b"))
    )


def test_a_list_in_jsonata_is_one_expression() -> None:
    """As all arguments from the execution's input."""
    assert run_time.texts("{% $states.input.arguments %}") == Reference(
        jsonata="$states.input.arguments"
    )

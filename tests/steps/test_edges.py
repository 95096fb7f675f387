"""Which outputs of other steps a step reads or writes, and what it may do there then."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, new_stack, statements_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
FIRST = "arn:<AWS::Partition>:s3:::<ProcessingStorageOutputsD4C8CADC>/Prod/First/*"
ON_DATA = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def step_with(stack: cdk.Stack, name: str, **options: Any) -> processing.ProcessingStep:
    """A step with these options."""
    return processing.ProcessingStep(stack, name, image_uri=IMAGE, **options)


def writing(stack: cdk.Stack, **options: Any) -> processing.ProcessingStep:
    """A step whose only output is named out."""
    outputs = [processing.ProcessingOutput("out")]
    return step_with(stack, "First", **{"outputs": outputs, **options})


def allowed(stack: cdk.Stack, part: str = "SecondRole") -> dict[str, Any]:
    """The resources that a role may read and write, and its actions on keys by the key."""
    found: dict[str, Any] = {}
    for one in statements_of(stack, part):
        if one.get("Sid") in ("ReadInputs", "WriteOutputs"):
            found[one["Sid"]] = one["Resource"]
        if "kms:" in str(one["Action"]):
            actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
            found.setdefault(one["Resource"], []).extend(sorted(actions))
    return found


def ways_to_name(uri: str) -> dict[str, dict[str, Any]]:
    """Where a step can say another step's output so that its script reads it by itself."""
    return {
        "argument": {"arguments": ["--in", uri]},
        "part of an argument": {"arguments": [f"--in={uri}part-1/"]},
        "environment": {"environment": {"IN": uri}},
        "override": {"request_overrides": {"Environment": {"IN": uri}}},
    }


@pytest.mark.parametrize("way", ways_to_name(""))
def test_an_output_that_a_script_is_told_of_may_be_read(stack: cdk.Stack, way: str) -> None:
    """With the key that it is encrypted with."""
    first = writing(stack, output_kms_key=kms.Key(stack, "Key"))

    step_with(stack, "Second", **ways_to_name(first.output("out"))[way])

    assert allowed(stack) == {"ReadInputs": FIRST, "<Key961B73FD>": ["kms:Decrypt"]}


@pytest.mark.parametrize("way", ["argument", "part of an argument", "environment"])
def test_likewise_in_jsonata(stack: cdk.Stack, way: str) -> None:
    """Where an output is an expression."""
    jsonata = sfn.QueryLanguage.JSONATA
    first = writing(stack, query_language=jsonata)

    options = ways_to_name(first.output("out"))[way]
    step_with(stack, "Second", query_language=jsonata, **options)

    assert allowed(stack) == {"ReadInputs": FIRST}


def test_a_tag_is_read_by_nobody(stack: cdk.Stack) -> None:
    """Its text leads to no permission."""
    first = writing(stack)

    step_with(stack, "Second", tags={"from": first.output("out")})

    assert allowed(stack) == {}


def test_what_is_written_beside_another_output_is_encrypted_as_that_is(stack: cdk.Stack) -> None:
    """Reading and writing with one key is one permission."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    uri = writing(stack, storage=storage).output("out")

    step_with(
        stack,
        "Second",
        inputs=[processing.ProcessingInput(uri)],
        arguments=[uri],
        outputs=[processing.ProcessingOutput("more", destination=f"{uri}more/")],
    )

    place = "arn:<AWS::Partition>:s3:::<StorageOutputsB8203D69>/Prod/First/*"
    assert allowed(stack) == {
        "ReadInputs": place,
        "WriteOutputs": place,
        "<Key961B73FD>": ON_DATA,
    }


def test_a_querys_result_in_anothers_place_is_encrypted_as_that_is(stack: cdk.Stack) -> None:
    """Athena writes it in the role's name."""
    storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
    query = processing.AthenaDatasetDefinition(
        catalog="AwsDataCatalog",
        database="flights",
        query_string="SELECT 1",
        output_format="PARQUET",
        output_s3_uri=writing(stack, storage=storage).output("out"),
    )

    step_with(stack, "Second", inputs=[processing.ProcessingInput(query)])

    assert allowed(stack)["<Key961B73FD>"] == ON_DATA


def test_an_output_that_no_permission_can_name_may_be_told(stack: cdk.Stack) -> None:
    """The script need not read it; its own step could write it by a role of the user's."""
    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    late = processing.ProcessingOutput("out", destination=sfn.JsonPath.string_at("$.uri"))
    first = writing(stack, role=role, outputs=[late])

    step_with(stack, "Second", arguments=[first.output("out")])

    assert allowed(stack) == {}


def test_a_plain_uri_is_an_output_of_its_own_app_only(tmp_path: Path) -> None:
    """Two apps of one process, as in a user's tests, know nothing of each other."""
    fixed = [processing.ProcessingOutput("out", destination="s3://lake/fixed/")]
    one = new_stack(tmp_path / "one")
    writing(one, outputs=fixed, output_kms_key=kms.Key(one, "Key")).output("out")
    other = new_stack(tmp_path / "other")

    step = step_with(other, "Second", inputs=[processing.ProcessingInput("s3://lake/fixed/")])
    machine_of(step)

    assert allowed(other) == {"ReadInputs": "arn:<AWS::Partition>:s3:::lake/fixed/*"}


def test_a_plain_uri_is_an_output_of_its_own_stage_only(tmp_path: Path) -> None:
    """The stages of an app may write to one place, in accounts of their own."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    fixed = [processing.ProcessingOutput("out", destination="s3://lake/staged/")]
    first, second = (cdk.Stack(cdk.Stage(app, name), "Jobs") for name in ("Dev", "Prod"))
    writing(first, outputs=fixed, output_kms_key=kms.Key(first, "Key", alias="x")).output("out")

    step_with(second, "Second", inputs=[processing.ProcessingInput("s3://lake/staged/")])

    assert allowed(second) == {"ReadInputs": "arn:<AWS::Partition>:s3:::lake/staged/*"}

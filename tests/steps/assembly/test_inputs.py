"""Inputs that a query makes."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import resolved, state_of, statements_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
STORAGE = "<ProcessingStorageOutputsD4C8CADC>"
ATHENA: dict[str, Any] = {
    "catalog": "AwsDataCatalog",
    "database": "flights",
    "query_string": "SELECT * FROM delays WHERE carrier = 'AA'",
    "output_format": "PARQUET",
}
REDSHIFT: dict[str, Any] = {
    "cluster_id": "lake",
    "database": "flights",
    "db_user": "etl",
    "query_string": "SELECT 1",
    "cluster_role_arn": "arn:aws:iam::111122223333:role/unload",
    "output_format": "CSV",
}
JSONATA = sfn.QueryLanguage.JSONATA


def step_with(
    stack: cdk.Stack, source: Any, name: str = "Clean", **options: Any
) -> processing.ProcessingStep:
    """A step whose only input is a query."""
    one = processing.ProcessingInput(source, **options)
    return processing.ProcessingStep(stack, name, image_uri=IMAGE, inputs=[one])


def input_of(
    step: processing.ProcessingStep, language: sfn.QueryLanguage | None = None
) -> dict[str, Any]:
    """The step's only input, as its state has it."""
    state = state_of(step, language)
    (one,) = (state.get("Parameters") or state["Arguments"])["ProcessingInputs"]
    read: dict[str, Any] = one
    return read


def test_a_query_of_athena_is_an_input(stack: cdk.Stack) -> None:
    """Its result lies with the step's outputs, under the execution and the input's name."""
    query = processing.AthenaDatasetDefinition(**ATHENA)

    assert input_of(step_with(stack, query)) == {
        "InputName": "input-1",
        "DatasetDefinition": {
            "AthenaDatasetDefinition": {
                "Catalog": "AwsDataCatalog",
                "Database": "flights",
                "QueryString": "SELECT * FROM delays WHERE carrier = 'AA'",
                "OutputS3Uri.$": (
                    f"States.Format('s3://{STORAGE}/Prod/Clean/{{}}/input-1/', $$.Execution.Name)"
                ),
                "OutputFormat": "PARQUET",
            },
            "LocalPath": "/opt/ml/processing/input/input-1",
        },
    }


def test_every_word_of_a_query_of_athena_is_sent(stack: cdk.Stack) -> None:
    """Under the SageMaker SDK's names."""
    query = processing.AthenaDatasetDefinition(
        **ATHENA,
        output_s3_uri="s3://results/x/",
        work_group="etl",
        kms_key_id="1234",
        output_compression="SNAPPY",
        data_distribution_type="ShardedByS3Key",
        input_mode="File",
    )

    found = input_of(
        step_with(stack, query, input_name="delays", destination="/opt/ml/processing/delays")
    )

    assert found == {
        "InputName": "delays",
        "DatasetDefinition": {
            "AthenaDatasetDefinition": {
                "Catalog": "AwsDataCatalog",
                "Database": "flights",
                "QueryString": "SELECT * FROM delays WHERE carrier = 'AA'",
                "WorkGroup": "etl",
                "OutputS3Uri": "s3://results/x/",
                "KmsKeyId": "1234",
                "OutputFormat": "PARQUET",
                "OutputCompression": "SNAPPY",
            },
            "LocalPath": "/opt/ml/processing/delays",
            "DataDistributionType": "ShardedByS3Key",
            "InputMode": "File",
        },
    }


@pytest.mark.parametrize("role", ["ARN", "construct"])
def test_every_word_of_a_query_of_redshift_is_sent(stack: cdk.Stack, role: str) -> None:
    """Redshift writes the result by a role of its cluster, given as a role or by its ARN."""
    arn = "arn:aws:iam::111122223333:role/unload"
    given = arn if role == "ARN" else iam.Role.from_role_arn(stack, "Unload", arn)
    query = processing.RedshiftDatasetDefinition(
        **{**REDSHIFT, "cluster_role_arn": given},
        output_s3_uri="s3://results/x/",
        kms_key_id="1234",
        output_compression="GZIP",
        data_distribution_type="FullyReplicated",
        input_mode="Pipe",
    )

    assert input_of(step_with(stack, query, input_name="delays"))["DatasetDefinition"] == {
        "RedshiftDatasetDefinition": {
            "ClusterId": "lake",
            "Database": "flights",
            "DbUser": "etl",
            "QueryString": "SELECT 1",
            "ClusterRoleArn": arn,
            "OutputS3Uri": "s3://results/x/",
            "KmsKeyId": "1234",
            "OutputFormat": "CSV",
            "OutputCompression": "GZIP",
        },
        "LocalPath": "/opt/ml/processing/input/delays",
        "DataDistributionType": "FullyReplicated",
        "InputMode": "Pipe",
    }


@pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
def test_a_query_may_hold_values_of_the_run(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """As the day that is asked for."""
    day = processing.StateInput.text("day")
    query = processing.AthenaDatasetDefinition(**{**ATHENA, "query_string": f"CALL load('{day}')"})

    found = input_of(step_with(stack, query), language)["DatasetDefinition"]

    definition = found["AthenaDatasetDefinition"]
    if language is None:
        assert definition["QueryString.$"] == (r"States.Format('CALL load(\'{}\')', $.day)")
    else:
        sent = definition["QueryString"]
        assert "& $states.input.day &" in sent
        assert r"\'" not in sent


def test_an_inputs_name_of_the_run_names_the_results_place(stack: cdk.Stack) -> None:
    """Never the path's text."""
    query = processing.AthenaDatasetDefinition(**ATHENA)
    step = step_with(stack, query, input_name=sfn.JsonPath.string_at("$.name"))

    definition = input_of(step)["DatasetDefinition"]["AthenaDatasetDefinition"]

    assert definition["OutputS3Uri.$"] == (
        f"States.Format('s3://{STORAGE}/Prod/Clean/{{}}/{{}}/', $$.Execution.Name, $.name)"
    )


def test_two_queries_never_share_a_place(stack: cdk.Stack) -> None:
    """Nor do those of two steps."""
    query = processing.AthenaDatasetDefinition(**ATHENA)
    steps = [
        processing.ProcessingStep(
            stack, name, image_uri=IMAGE, inputs=[processing.ProcessingInput(query)] * 2
        )
        for name in ("A", "B")
    ]

    uris = {
        one["DatasetDefinition"]["AthenaDatasetDefinition"]["OutputS3Uri"]
        for step in steps
        for one in resolved(stack, step.render_request())["ProcessingInputs"]
    }

    assert len(uris) == 4


def test_the_container_may_fetch_the_result_by_itself(stack: cdk.Stack) -> None:
    """Then it needs no folder."""
    query = processing.AthenaDatasetDefinition(**ATHENA, output_s3_uri="s3://results/")

    found = input_of(step_with(stack, query, app_managed=True))

    assert found["AppManaged"] is True
    assert "LocalPath" not in found["DatasetDefinition"]


def test_a_step_may_query_and_read_its_result(stack: cdk.Stack) -> None:
    """Both kinds of query beside each other, with permissions for each."""
    processing.ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        inputs=[
            processing.ProcessingInput(processing.AthenaDatasetDefinition(**ATHENA)),
            processing.ProcessingInput(
                processing.RedshiftDatasetDefinition(**REDSHIFT, output_s3_uri="s3://results/r/")
            ),
        ],
    )

    by_sid = {one.get("Sid"): one for one in statements_of(stack, "CleanRole")}

    assert {"QueryAthena0", "ReadCatalog0", "QueryRedshift1", "LogInToRedshift1"} <= set(by_sid)
    places = [
        f"arn:<AWS::Partition>:s3:::{STORAGE}/Prod/Clean/*",
        "arn:<AWS::Partition>:s3:::results/r/*",
    ]
    assert by_sid["ReadInputs"]["Resource"] == places
    assert by_sid["WriteOutputs"]["Resource"] == places


def test_a_database_known_only_at_run_time_needs_a_role(stack: cdk.Stack) -> None:
    """Of the user's, who grants."""
    query = processing.AthenaDatasetDefinition(
        **{**ATHENA, "database": sfn.JsonPath.string_at("$.database")}
    )
    with pytest.raises(processing.ValidationError, match=r"database .*only at run time.*role="):
        step_with(stack, query)

    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    step = processing.ProcessingStep(
        stack, "Other", image_uri=IMAGE, role=role, inputs=[processing.ProcessingInput(query)]
    )
    definition = input_of(step)["DatasetDefinition"]["AthenaDatasetDefinition"]
    assert definition["Database.$"] == "$.database"


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({"database": 5}, {}, r"inputs\[0\]: AthenaDatasetDefinition.database must be a string"),
        ({"catalog": None}, {}, r"AthenaDatasetDefinition.catalog must be a string, got None"),
        ({"kms_key_id": 5}, {}, r"AthenaDatasetDefinition.kms_key_id must be a kms.IKey"),
        ({"output_format": "XML"}, {}, r"inputs\[0\]: .*'XML' is not one of PARQUET.*OutputFormat"),
        ({"query_string": "x" * 4097}, {}, r"inputs\[0\].*1 to 4096 characters.*QueryString"),
        ({"output_s3_uri": "lake/x"}, {}, r"inputs\[0\].*'lake/x'.*OutputS3Uri"),
        (
            {},
            {"s3_data_distribution_type": "ShardedByS3Key"},
            r"s3_data_distribution_type is for S3, .*give data_distribution_type and input_mode",
        ),
        ({}, {"s3_input_mode": "Pipe"}, "s3_input_mode is for S3"),
        ({}, {"destination": 5}, r"inputs\[0\]: destination must be a string"),
        ({}, {"input_name": 5}, r"inputs\[0\]: input_name must be a string"),
    ],
)
def test_a_wrong_query_is_named_with_its_input(
    stack: cdk.Stack, changes: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    """And with the word that is wrong in it."""
    query = processing.AthenaDatasetDefinition(**{**ATHENA, **changes})
    with pytest.raises(processing.ValidationError, match=words):
        step_with(stack, query, **options)

"""What a job's role may do for inputs that a query makes."""

from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.request.model import (
    CreateProcessingJobRequest,
    DatasetDefinition,
    ProcessingInput,
    RedshiftDatasetDefinition,
)
from cdk_sagemaker_processing.request.values import Reference
from tests.access.statements import HERE, problems_of, statements_for
from tests.request.examples import dataset, request, with_inputs

ATHENA = f"arn:<AWS::Partition>:athena:{HERE}"
GLUE = f"arn:<AWS::Partition>:glue:{HERE}"
REDSHIFT = f"arn:<AWS::Partition>:redshift:{HERE}"
NAME = Reference(jsonpath="$.name")


def athena(name: str = "own", **members: Any) -> ProcessingInput:
    """An input of Athena, but for some members of its query."""
    one = dataset(name)
    assert one.DatasetDefinition is not None
    query = one.DatasetDefinition.AthenaDatasetDefinition
    assert query is not None
    return replace(
        one,
        DatasetDefinition=replace(
            one.DatasetDefinition, AthenaDatasetDefinition=replace(query, **members)
        ),
    )


def redshift(name: str = "own", **members: Any) -> ProcessingInput:
    """Likewise of Redshift."""
    query = RedshiftDatasetDefinition(
        ClusterId="lake",
        Database="flights",
        DbUser="etl",
        QueryString="SELECT 1",
        ClusterRoleArn="arn:aws:iam::111122223333:role/unload",
        OutputS3Uri="s3://results/flights/",
        OutputFormat="PARQUET",
    )
    definition = DatasetDefinition(
        RedshiftDatasetDefinition=replace(query, **members), LocalPath="/opt/ml/processing/own"
    )
    return ProcessingInput(InputName=name, DatasetDefinition=definition)


def reading(*inputs: ProcessingInput) -> CreateProcessingJobRequest:
    """A request with these inputs."""
    return with_inputs(request(), *inputs)


def by_sid(stack: cdk.Stack, *inputs: ProcessingInput) -> dict[str, dict[str, Any]]:
    """The statements without what all have."""
    found = statements_for(stack, reading(*inputs))
    return {
        one["Sid"]: {key: value for key, value in one.items() if key not in ("Sid", "Effect")}
        for one in found
    }


def test_a_query_of_athena_is_run_in_its_work_group(stack: cdk.Stack) -> None:
    """With the Glue database that it reads; what the tables hold in S3 is the user's to grant."""
    found = by_sid(stack, athena(Database="flights", WorkGroup="etl"))

    assert found["QueryAthena0"] == {
        "Action": [
            "athena:GetDataCatalog",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:GetWorkGroup",
            "athena:StartQueryExecution",
            "athena:StopQueryExecution",
        ],
        "Resource": [f"{ATHENA}:datacatalog/AwsDataCatalog", f"{ATHENA}:workgroup/etl"],
    }
    assert found["ReadCatalog0"] == {
        "Action": [
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
        ],
        "Resource": [f"{GLUE}:catalog", f"{GLUE}:database/flights", f"{GLUE}:table/flights/*"],
    }


def test_athenas_own_work_group_is_the_default(stack: cdk.Stack) -> None:
    """As in Athena."""
    assert by_sid(stack, athena())["QueryAthena0"]["Resource"][1] == f"{ATHENA}:workgroup/primary"


def test_a_catalog_that_is_not_glues_is_not_looked_up_in_glue(stack: cdk.Stack) -> None:
    """A function of the user's answers for it."""
    found = by_sid(stack, athena(Catalog="mysql"))

    assert found["QueryAthena0"]["Resource"][0] == f"{ATHENA}:datacatalog/mysql"
    assert "ReadCatalog0" not in found


@pytest.mark.parametrize("made", [athena, redshift])
def test_the_result_of_a_query_is_written_and_read(stack: cdk.Stack, made: Any) -> None:
    """Where the request keeps it."""
    found = by_sid(stack, made(OutputS3Uri="s3://results/flights/"))

    here = ["arn:<AWS::Partition>:s3:::results/flights/*"]
    assert found["ReadInputs"] == {"Action": ["s3:GetObject"], "Resource": here}
    assert found["WriteOutputs"]["Resource"] == here
    assert found["ListInputs0"]["Condition"] == {"StringLike": {"s3:prefix": ["flights/*"]}}


def test_athena_may_ask_where_the_results_bucket_is(stack: cdk.Stack) -> None:
    """It does so before each query, and refuses the query when it may not."""
    asks = [
        one["Resource"]
        for one in by_sid(stack, athena(OutputS3Uri="s3://results/x/")).values()
        if "s3:GetBucketLocation" in one["Action"]
    ]

    assert asks == [["arn:<AWS::Partition>:s3:::results"]]


def test_a_query_of_redshift_is_run_as_its_user(stack: cdk.Stack) -> None:
    """In its database; a statement is followed by its owner alone."""
    found = by_sid(stack, redshift())

    assert found["LogInToRedshift0"] == {
        "Action": ["redshift:GetClusterCredentials"],
        "Resource": [f"{REDSHIFT}:dbname:lake/flights", f"{REDSHIFT}:dbuser:lake/etl"],
    }
    assert found["QueryRedshift0"] == {
        "Action": ["redshift-data:ExecuteStatement", "redshift:DescribeClusters"],
        "Resource": [f"{REDSHIFT}:cluster:lake"],
    }
    assert found["FollowRedshift0"] == {
        "Action": [
            "redshift-data:CancelStatement",
            "redshift-data:DescribeStatement",
            "redshift-data:GetStatementResult",
        ],
        "Resource": ["*"],
        "Condition": {
            "StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}
        },
    }


def test_each_query_has_statements_of_its_own_names(stack: cdk.Stack) -> None:
    """A policy takes each Sid once."""
    sids = [
        one["Sid"]
        for one in statements_for(stack, reading(athena("a"), redshift("b"), athena("c")))
    ]

    assert len(sids) == len(set(sids))
    assert {"QueryAthena0", "QueryRedshift1", "QueryAthena2"} <= set(sids)


@pytest.mark.parametrize(
    ("made", "member", "argument"),
    [
        (athena, "Catalog", "catalog"),
        (athena, "Database", "database"),
        (athena, "WorkGroup", "work_group"),
        (redshift, "ClusterId", "cluster_id"),
        (redshift, "Database", "database"),
        (redshift, "DbUser", "db_user"),
    ],
)
def test_what_is_queried_must_have_a_name_at_synth(made: Any, member: str, argument: str) -> None:
    """The problem names the argument; the query itself may be of the run."""
    (problem,) = problems_of(reading(made(**{member: NAME})))

    assert f"{argument} '{{$.name}}' is known only at run time" in problem.text
    assert "role=" in problem.text
    assert problems_of(reading(made(QueryString=NAME))) == []

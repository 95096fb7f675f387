"""What a job's role may do for inputs that a query makes."""

from collections.abc import Iterable

from cdk_sagemaker_processing.access.locations import Location, locate
from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import (
    AthenaDatasetDefinition,
    CreateProcessingJobRequest,
    DatasetDefinition,
    RedshiftDatasetDefinition,
)
from cdk_sagemaker_processing.request.values import Text, is_run_time

__all__ = ["query_results", "query_statements"]

# What Athena takes where none is named: Amazon Athena user guide, "Workgroups".
_WORK_GROUP = "primary"
_GLUE_CATALOG = "AwsDataCatalog"


def query_results(request: CreateProcessingJobRequest) -> list[Text]:
    """Where the results of a request's queries are kept."""
    return [
        query.OutputS3Uri
        for one in _datasets(request)
        for query in (one.AthenaDatasetDefinition, one.RedshiftDatasetDefinition)
        if query
    ]


def query_statements(
    request: CreateProcessingJobRequest,
) -> tuple[list[Statement], list[Problem]]:
    """Running a request's queries; what they read from S3 is not known here.

    Returns:
        The statements, and a problem for each thing that cannot be named.
    """
    statements: list[Statement] = []
    problems: list[Problem] = []
    for at, one in enumerate(_datasets(request)):
        for query in (one.AthenaDatasetDefinition, one.RedshiftDatasetDefinition):
            if query is None:
                continue
            unnamed = list(_unnamed(_names(query)))
            problems += unnamed
            statements += [] if unnamed else _statements(query, at)
    return statements, problems


def _datasets(request: CreateProcessingJobRequest) -> list[DatasetDefinition]:
    return [
        one.DatasetDefinition for one in request.ProcessingInputs or () if one.DatasetDefinition
    ]


def _names(query: AthenaDatasetDefinition | RedshiftDatasetDefinition) -> dict[str, Text]:
    if isinstance(query, AthenaDatasetDefinition):
        return {
            "catalog": query.Catalog,
            "database": query.Database,
            "work_group": query.WorkGroup or _WORK_GROUP,
        }
    return {
        "cluster_id": query.ClusterId,
        "database": query.Database,
        "db_user": query.DbUser,
    }


def _unnamed(names: dict[str, Text]) -> Iterable[Problem]:
    for name, value in names.items():
        if is_run_time(value):
            yield Problem(
                f"inputs: {name} {str(value)!r} is known only at run time, so no permission can "
                "name it: give a role of your own (role=) that may run the query"
            )


def _statements(
    query: AthenaDatasetDefinition | RedshiftDatasetDefinition, at: int
) -> list[Statement]:
    if isinstance(query, AthenaDatasetDefinition):
        return _athena(query, at)
    return _redshift(query, at)


def _athena(query: AthenaDatasetDefinition, at: int) -> list[Statement]:
    here = f"{REGION}:{ACCOUNT_ID}"
    athena = f"arn:{PARTITION}:athena:{here}"
    glue = f"arn:{PARTITION}:glue:{here}"
    run: Statement = {
        "Sid": f"QueryAthena{at}",
        "Effect": "Allow",
        "Action": [
            "athena:GetDataCatalog",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:GetWorkGroup",
            "athena:StartQueryExecution",
            "athena:StopQueryExecution",
        ],
        "Resource": [
            f"{athena}:datacatalog/{query.Catalog}",
            f"{athena}:workgroup/{query.WorkGroup or _WORK_GROUP}",
        ],
    }
    result = locate(query.OutputS3Uri)
    statements = [run, *([] if isinstance(result, Problem) else [_result_bucket(result, at)])]
    if query.Catalog != _GLUE_CATALOG:
        return statements
    look: Statement = {
        "Sid": f"ReadCatalog{at}",
        "Effect": "Allow",
        "Action": [
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
        ],
        "Resource": [
            f"{glue}:catalog",
            f"{glue}:database/{query.Database}",
            f"{glue}:table/{query.Database}/*",
        ],
    }
    return [*statements, look]


def _result_bucket(result: Location, at: int) -> Statement:
    """What Athena does with a bucket before it writes there.

    Source: Amazon Athena user guide, "Control access to Amazon S3 from Athena".
    """
    return {
        "Sid": f"FindResults{at}",
        "Effect": "Allow",
        "Action": ["s3:GetBucketLocation"],
        "Resource": [result.bucket_arn],
    }


def _redshift(query: RedshiftDatasetDefinition, at: int) -> list[Statement]:
    redshift = f"arn:{PARTITION}:redshift:{REGION}:{ACCOUNT_ID}"
    cluster = f"{redshift}:cluster:{query.ClusterId}"
    return [
        {
            "Sid": f"LogInToRedshift{at}",
            "Effect": "Allow",
            "Action": ["redshift:GetClusterCredentials"],
            "Resource": [
                f"{redshift}:dbname:{query.ClusterId}/{query.Database}",
                f"{redshift}:dbuser:{query.ClusterId}/{query.DbUser}",
            ],
        },
        {
            "Sid": f"QueryRedshift{at}",
            "Effect": "Allow",
            "Action": ["redshift-data:ExecuteStatement", "redshift:DescribeClusters"],
            "Resource": [cluster],
        },
        {
            # A statement has no ARN, its owner alone may ask after it:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshiftdataapi.html
            "Sid": f"FollowRedshift{at}",
            "Effect": "Allow",
            "Action": [
                "redshift-data:CancelStatement",
                "redshift-data:DescribeStatement",
                "redshift-data:GetStatementResult",
            ],
            "Resource": ["*"],
            "Condition": {
                "StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}
            },
        },
    ]

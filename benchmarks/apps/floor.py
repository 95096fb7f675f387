"""The same stack as `ours.py`, written by hand: what no layer above the CDK could be cheaper than.

Definitions, roles and policies are those that `ours.py` renders, which a test holds together; the
storage and the state machine's surroundings are the CDK's own constructs.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_stepfunctions as sfn

from shared import CONFIGURATION, INPUT, script, synthesize
from surroundings import Buckets, machine, make_buckets

_SUBMIT = ["smspark-submit", "--local-spark-event-logs-dir", "/opt/ml/processing/spark-events/"]
_CODE = "/opt/ml/processing/input/code"
_TABLES = {
    "SageMakerProcessingSKLearnImages": "sagemaker-scikit-learn:1.2-1-cpu-py3",
    "SageMakerProcessingSparkImages": "sagemaker-spark-processing:3.5-cpu",
}
_FOLLOW = [
    "sagemaker:AddTags",
    "sagemaker:CreateProcessingJob",
    "sagemaker:DescribeProcessingJob",
    "sagemaker:ListTags",
    "sagemaker:StopProcessingJob",
]


@dataclass(frozen=True, slots=True)
class Step:
    """What is written down of a step.

    Attributes:
        name: The state's name.
        jobs: What its jobs' names begin with.
        spark: Whether it is PySpark's.
        source: The bucket and prefix that it reads.
        script: Its script's name.
        code: Its script, published.
        configuration: Spark's configuration, published.
    """

    name: str
    jobs: str
    spark: bool
    source: tuple[s3.Bucket, str]
    script: str
    code: s3_assets.Asset
    configuration: s3_assets.Asset | None

    @property
    def files(self) -> list[s3_assets.Asset]:
        """What is published of it."""
        return [self.code, *([self.configuration] if self.configuration else [])]


def pipeline(stack: cdk.Stack, called: Sequence[str], scripts: Path) -> None:
    """Every second step is PySpark's; each reads what the one before it wrote."""
    buckets = make_buckets(stack)
    for name, table in json.loads((scripts / "mappings.json").read_text()).items():
        cdk.CfnMapping(stack, name, mapping=table)
    steps = _steps(stack, buckets, called, scripts)
    roles = [_role(stack, step, buckets) for step in steps]
    chain: Any = None
    for step, role in zip(steps, roles, strict=True):
        state = sfn.CustomState(stack, step.name, state_json=_state(step, role, buckets))
        chain = chain.next(state) if chain else state
    _allow_all(machine(stack, chain), steps, roles)


def _steps(stack: cdk.Stack, buckets: Buckets, called: Sequence[str], scripts: Path) -> list[Step]:
    codes: dict[Path, s3_assets.Asset] = {}
    configuration: s3_assets.Asset | None = None
    if len(called) > 1:
        (scripts / "configuration.json").write_text(json.dumps(CONFIGURATION))
        written = str(scripts / "configuration.json")
        configuration = s3_assets.Asset(stack, "Configuration", path=written)
    source = buckets.raw, "day/"
    found = []
    for index, name in enumerate(called):
        path = script(scripts, index)
        if path not in codes:
            codes[path] = s3_assets.Asset(stack, f"Code{index}", path=str(path))
        spark = bool(index % 2)
        jobs = f"{name.lower()}-{index:08x}"
        settings = configuration if spark else None
        found.append(Step(name, jobs, spark, source, path.name, codes[path], settings))
        source = buckets.outputs, f"{stack.node.id}/{name}/"
    return found


def _state(step: Step, role: iam.Role, buckets: Buckets) -> dict[str, Any]:
    return {
        "Retry": [
            {
                "ErrorEquals": [
                    "SageMaker.AmazonSageMakerException",
                    "SageMaker.ResourceLimitExceededException",
                ],
                "IntervalSeconds": 30,
                "MaxAttempts": 6,
                "BackoffRate": 2,
                "MaxDelaySeconds": 600,
                "JitterStrategy": "FULL",
            }
        ],
        "Type": "Task",
        "Resource": f"arn:{cdk.Aws.PARTITION}:states:::sagemaker:createProcessingJob.sync",
        "Parameters": _parameters(step, role, buckets),
        "ResultPath": sfn.JsonPath.DISCARD,
    }


def _parameters(step: Step, role: iam.Role, buckets: Buckets) -> dict[str, Any]:
    code = f"{_CODE}/{step.script}"
    table = list(_TABLES)[step.spark]
    account = cdk.Fn.find_in_map(table, cdk.Aws.REGION, "account")
    registry = f"{account}.dkr.ecr.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"
    return {
        "ProcessingJobName.$": (
            f"States.Format('{step.jobs}-{{}}-{{}}', States.UUID(), $$.State.RetryCount)"
        ),
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 2 if step.spark else 1,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 30,
            }
        },
        "AppSpecification": {
            "ImageUri": f"{registry}/{_TABLES[table]}",
            "ContainerEntrypoint": [*_SUBMIT, code] if step.spark else ["python3", code],
            "ContainerArguments.$": "States.Array('--ratio', '0.2', '--day', $.day)",
        },
        "RoleArn": role.role_arn,
        "ProcessingInputs": _inputs(step, buckets),
        "ProcessingOutputConfig": {"Outputs": _outputs(step, buckets)},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        **(
            {"NetworkConfig": {"EnableInterContainerTrafficEncryption": True}} if step.spark else {}
        ),
        "Tags": [{"Key": "cdk-sagemaker-processing:execution", "Value.$": "$$.Execution.Id"}],
    }


def _inputs(step: Step, buckets: Buckets) -> list[dict[str, Any]]:
    bucket, prefix = step.source
    if bucket is buckets.raw:
        data = {"S3Uri": f"s3://{bucket.bucket_name}/{prefix}"}
    else:
        data = _of_execution(bucket, prefix, "table")
    published = [
        _input(name, {"S3Uri": one.s3_object_url}, f"/opt/ml/processing/input/{name}")
        for name, one in (("conf", step.configuration), ("code", step.code))
        if one
    ]
    return [_input("data", data, INPUT), *published]


def _input(name: str, uri: dict[str, str], path: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            **uri,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _outputs(step: Step, buckets: Buckets) -> list[dict[str, Any]]:
    own = [
        _output(
            name,
            _of_execution(
                buckets.outputs, f"{cdk.Stack.of(buckets.outputs).node.id}/{step.name}/", name
            ),
            f"/opt/ml/processing/output/{name}",
        )
        for name in (("table",) if step.spark else ("table", "report"))
    ]
    if not step.spark:
        return own
    logs_uri = {"S3Uri": f"s3://{buckets.event_logs.bucket_name}/spark-events/"}
    event_logs = _output("spark-event-logs", logs_uri, "/opt/ml/processing/spark-events/")
    event_logs["S3Output"]["S3UploadMode"] = "Continuous"
    return [*own, event_logs]


def _output(name: str, uri: dict[str, str], path: str) -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {**uri, "LocalPath": path, "S3UploadMode": "EndOfJob"},
    }


def _of_execution(bucket: s3.Bucket, prefix: str, name: str) -> dict[str, str]:
    place = f"s3://{bucket.bucket_name}/{prefix}{{}}/{name}/"
    return {"S3Uri.$": f"States.Format('{place}', $$.Execution.Name)"}


def _role(stack: cdk.Stack, step: Step, buckets: Buckets) -> iam.Role:
    statements = [*_data_statements(step, buckets), *_job_statements(step)]
    document = {"Version": "2012-10-17", "Statement": statements}
    here = f"{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    return iam.Role(
        stack,
        f"{step.name}Role",
        role_name=cdk.PhysicalName.GENERATE_IF_NEEDED,
        assumed_by=iam.ServicePrincipal(
            "sagemaker.amazonaws.com",
            conditions={
                "ArnLike": {
                    "aws:SourceArn": (
                        f"arn:{cdk.Aws.PARTITION}:sagemaker:{here}:processing-job/{step.jobs}-*"
                    )
                },
                "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
            },
        ),
        inline_policies={"ProcessingJob": iam.PolicyDocument.from_json(document)},
    )


def _data_statements(step: Step, buckets: Buckets) -> list[dict[str, Any]]:
    bucket, prefix = step.source
    assets = step.code.bucket.bucket_arn
    objects = [f"{assets}/{one.s3_object_key}*" for one in step.files]
    written = [f"{buckets.outputs.bucket_arn}/{cdk.Stack.of(bucket).node.id}/{step.name}/*"]
    if step.spark:
        written.append(f"{buckets.event_logs.bucket_arn}/spark-events/*")
    return [
        _allow("ListInputs0", "s3:ListBucket", bucket.bucket_arn, _prefixes(f"{prefix}*")),
        _allow(
            "ListInputs1",
            "s3:ListBucket",
            assets,
            _prefixes(*(f"{one.s3_object_key}*" for one in step.files)),
        ),
        _allow("ReadInputs", "s3:GetObject", [f"{bucket.bucket_arn}/{prefix}*", *objects]),
        _allow("WriteOutputs", ["s3:AbortMultipartUpload", "s3:PutObject"], written),
        _allow(
            "DecryptAssets",
            "kms:Decrypt",
            f"arn:{cdk.Aws.PARTITION}:kms:{cdk.Aws.REGION}:*:key/*",
            {
                "StringEquals": {"kms:ViaService": f"s3.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": [assets, *objects]},
            },
        ),
    ]


def _job_statements(step: Step) -> list[dict[str, Any]]:
    table = list(_TABLES)[step.spark]
    account = cdk.Fn.find_in_map(table, cdk.Aws.REGION, "account")
    repository = _TABLES[table].partition(":")[0]
    partition, region = cdk.Aws.PARTITION, cdk.Aws.REGION
    return [
        _allow(
            "PullImage",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            f"arn:{partition}:ecr:{region}:{account}:repository/{repository}",
        ),
        _allow("LogInToRegistry", "ecr:GetAuthorizationToken", "*"),
        _allow(
            "WriteLog",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            f"arn:{partition}:logs:{region}:{cdk.Aws.ACCOUNT_ID}"
            ":log-group:/aws/sagemaker/ProcessingJobs:*",
        ),
        _allow(
            "PutMetrics",
            "cloudwatch:PutMetricData",
            "*",
            {"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/ProcessingJobs"}},
        ),
    ]


def _prefixes(*found: str) -> dict[str, Any]:
    return {"StringLike": {"s3:prefix": list(found)}}


def _allow(
    sid: str, action: Any, resource: Any, condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def _allow_all(flow: sfn.StateMachine, steps: Sequence[Step], roles: Sequence[iam.Role]) -> None:
    here = f"{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    partition = cdk.Aws.PARTITION
    rule = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
    for step, role in zip(steps, roles, strict=True):
        flow.add_to_role_policy(
            iam.PolicyStatement(
                actions=_FOLLOW,
                resources=[f"arn:{partition}:sagemaker:{here}:processing-job/{step.jobs}-*"],
            )
        )
        flow.add_to_role_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            )
        )
    flow.add_to_role_policy(
        iam.PolicyStatement(
            actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            resources=[f"arn:{partition}:events:{here}:rule/{rule}"],
        )
    )


if __name__ == "__main__":
    synthesize(pipeline)

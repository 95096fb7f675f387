"""A stack in which steps use every argument there is, in one query language."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing


def use_everything(stack: cdk.Stack, script: Path, language: sfn.QueryLanguage) -> None:
    """Put a workflow of steps with every argument into a stack."""
    key = kms.Key(stack, "Key")
    common = {
        "query_language": language,
        "volume_kms_key": key,
        "output_kms_key": key,
        "tags": {"team": "flights", "day": processing.StateInput.text("day")},
        "experiment_config": {"ExperimentName": "flights", "RunName": "run"},
        "enable_network_isolation": False,
        "encrypt_inter_container_traffic": True,
        "environment": {"DAY": processing.Execution.start_date()},
        "arguments": ["--count", f"{processing.StateInput.number('count')}"],
        "instance_count": processing.StateInput.number("count"),
        "max_runtime": cdk.Duration.hours(1),
        "task_timeout": cdk.Duration.hours(2),
        "comment": "one of them",
        "assign": {"seen": True},
        "request_overrides": {"Environment.MORE": processing.Execution.name()},
    }
    steps = [
        _on_any_image(stack, script, key, common),
        _in_a_vpc(stack, script, common),
        _with_spark(stack, script, common),
        _not_waited_for(stack, common),
    ]
    chain = sfn.Chain.start(steps[0])
    for step in steps[1:]:
        chain = chain.next(step)
    processing.ProcessingWorkflow(stack, "All", definition=chain, query_language=language)


def _on_any_image(
    stack: cdk.Stack, script: Path, key: kms.IKey, common: dict[str, Any]
) -> processing.ProcessingStep:
    query = processing.AthenaDatasetDefinition(
        catalog="AwsDataCatalog",
        database="flights",
        query_string="select * from delays",
        output_format="PARQUET",
        work_group="primary",
        kms_key_id=key,
        output_compression="SNAPPY",
        data_distribution_type="ShardedByS3Key",
        input_mode="File",
    )
    other = processing.RedshiftDatasetDefinition(
        cluster_id="cluster",
        database="flights",
        db_user="reader",
        query_string="select * from delays",
        cluster_role_arn="arn:aws:iam::111122223333:role/redshift",
        output_format="CSV",
        output_compression="GZIP",
    )
    step = processing.ScriptStep(
        stack,
        "Script",
        code=script,
        command=["python3", "-u"],
        image=ecr.Repository(stack, "Repository"),
        image_tag="7",
        inputs=[
            processing.ProcessingInput(query, input_name="athena"),
            processing.ProcessingInput(other, input_name="redshift"),
        ],
        outputs=[
            processing.ProcessingOutput("made"),
            processing.ProcessingOutput("group", feature_group_name="delays"),
        ],
        fallback_instance_types=["ml.m5.2xlarge", "ml.c5.2xlarge"],
        result_name="script",
        **common,
    )
    step.add_catch(sfn.Fail(stack, "Failed"), errors=["States.TaskFailed"])
    return step


def _in_a_vpc(stack: cdk.Stack, script: Path, common: dict[str, Any]) -> processing.ProcessingStep:
    return processing.SKLearnStep(
        stack,
        "SKLearn",
        code=script,
        vpc=ec2.Vpc(stack, "Vpc", max_azs=2),
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        inputs=[
            processing.ProcessingInput(
                "s3://raw/x.manifest",
                "/opt/ml/processing/x",
                input_name="x",
                s3_data_type="ManifestFile",
                s3_input_mode="Pipe",
                s3_data_distribution_type="ShardedByS3Key",
                s3_compression_type="Gzip",
            ),
            processing.ProcessingInput("s3://raw/y/", input_name="y", app_managed=True),
        ],
        retry_on_service_errors=sfn.RetryProps(max_attempts=2),
        **common,
    )


def _with_spark(
    stack: cdk.Stack, script: Path, common: dict[str, Any]
) -> processing.ProcessingStep:
    return processing.PySparkStep(
        stack,
        "PySpark",
        submit_app=script,
        submit_files=[script],
        subnets=["subnet-1"],
        security_group_ids=["sg-1"],
        result_name="py-spark",
        **common,
    )


def _not_waited_for(stack: cdk.Stack, common: dict[str, Any]) -> processing.ProcessingStep:
    return processing.ProcessingStep(
        stack,
        "Started",
        image_uri="111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7",
        entrypoint=["clean"],
        integration_pattern=sfn.IntegrationPattern.REQUEST_RESPONSE,
        result_name="started",
        **common,
    )

"""As many of the CDK's own training tasks, one after the other: a layer 2 of the same kind."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from shared import script, synthesize
from surroundings import Buckets, machine, make_buckets


def pipeline(stack: cdk.Stack, called: Sequence[str], scripts: Path) -> None:
    """Each reads a channel, publishes its script, and has the role that the construct makes."""
    buckets = make_buckets(stack)
    codes: dict[Path, s3_assets.Asset] = {}
    chain: Any = None
    for index, name in enumerate(called):
        path = script(scripts, index)
        if path not in codes:
            codes[path] = s3_assets.Asset(stack, f"Code{index}", path=str(path))
        task = _task(stack, name, codes[path], buckets)
        chain = chain.next(task) if chain else task
    machine(stack, chain)


def _task(
    stack: cdk.Stack, name: str, code: s3_assets.Asset, buckets: Buckets
) -> tasks.SageMakerCreateTrainingJob:
    task = tasks.SageMakerCreateTrainingJob(
        stack,
        name,
        training_job_name=sfn.JsonPath.format(
            "{}-{}-{}",
            name.lower(),
            sfn.JsonPath.uuid(),
            sfn.JsonPath.string_at("$$.State.RetryCount"),
        ),
        algorithm_specification=tasks.AlgorithmSpecification(
            training_image=tasks.DockerImage.from_registry("python"),
            training_input_mode=tasks.InputMode.FILE,
        ),
        hyperparameters={"ratio": 0.2, "day": sfn.JsonPath.string_at("$.day")},
        environment={"CODE": code.s3_object_url},
        input_data_config=[
            tasks.Channel(
                channel_name="data",
                data_source=tasks.DataSource(
                    s3_data_source=tasks.S3DataSource(
                        s3_data_type=tasks.S3DataType.S3_PREFIX,
                        s3_location=tasks.S3Location.from_bucket(buckets.raw, "day/"),
                    )
                ),
            )
        ],
        output_data_config=tasks.OutputDataConfig(
            s3_output_location=tasks.S3Location.from_bucket(buckets.outputs, f"Bench/{name}/")
        ),
        resource_config=tasks.ResourceConfig(
            instance_count=1,
            instance_type=cdk.aws_ec2.InstanceType("m5.xlarge"),
            volume_size=cdk.Size.gibibytes(30),
        ),
        integration_pattern=sfn.IntegrationPattern.RUN_JOB,
    )
    code.grant_read(task)
    return task


if __name__ == "__main__":
    synthesize(pipeline)

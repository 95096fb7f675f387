"""A small CDK app of one workflow, written without this library."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

SKLEARN_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CODE = "/opt/ml/processing/input/code"


class SmallStack(cdk.Stack):
    """One bucket and one machine whose only task is a processing job."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        bucket = s3.Bucket(
            self,
            "Outputs",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            self,
            "JobRole",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
        )
        bucket.grant_read_write(role)
        script = s3_assets.Asset(self, "Script", path=str(Path(__file__).parent / "count.py"))
        script.grant_read(role)
        job = sfn.CustomState(self, "Count", state_json=_job(bucket, role, script))
        done = sfn.Pass(self, "Done")
        machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_chainable(job.next(done)),
        )
        machine.add_to_role_policy(
            iam.PolicyStatement(
                actions=["sagemaker:*ProcessingJob", "sagemaker:AddTags"],
                resources=["*"],
            ),
        )
        role.grant_pass_role(machine.role)
        cdk.CfnOutput(self, "MachineArn", value=machine.state_machine_arn)


def _job(bucket: s3.Bucket, role: iam.Role, script: s3_assets.Asset) -> dict[str, object]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingJobName.$": "States.Format('count-{}', States.UUID())",
            "RoleArn": role.role_arn,
            "AppSpecification": {
                "ImageUri": SKLEARN_IMAGE,
                "ContainerEntrypoint": ["python3", f"{CODE}/{script.s3_object_key}"],
                "ContainerArguments.$": "States.Array($.words)",
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 30,
                },
            },
            "ProcessingInputs": [
                {
                    "InputName": "code",
                    "S3Input": {
                        "S3Uri": script.s3_object_url,
                        "LocalPath": CODE,
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                },
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "counts",
                        "S3Output": {
                            "S3Uri": bucket.s3_url_for_object("counts/"),
                            "LocalPath": "/opt/ml/processing/output/counts",
                            "S3UploadMode": "EndOfJob",
                        },
                    },
                ],
            },
        },
        "ResultPath": "$.job",
    }


app = cdk.App()
SmallStack(app, "Small")
app.synth()

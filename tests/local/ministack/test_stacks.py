"""Stacks as the CDK synthesizes them, deployed to the local AWS the way the CDK CLI does it."""

import json
import re
import uuid
from typing import Any

import pytest
from botocore.exceptions import WaiterError

pytestmark = pytest.mark.local_cloud

MACHINE_ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "states.amazonaws.com"},
                }
            ],
        }
    },
}
JOB_ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                }
            ],
        },
        "Policies": [
            {
                "PolicyName": "Job",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["s3:GetObject", "s3:PutObject"],
                            "Resource": {"Fn::Sub": "${Outputs.Arn}/*"},
                        }
                    ],
                },
            }
        ],
    },
}
BUCKET = {
    "Type": "AWS::S3::Bucket",
    "Properties": {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": "alias/aws/s3",
                    },
                    "BucketKeyEnabled": True,
                }
            ]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "Tidy",
                    "Status": "Enabled",
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                    "ExpirationInDays": 365,
                    "Prefix": "logs/",
                    "TagFilters": [{"Key": "kind", "Value": "log"}],
                    "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}],
                }
            ]
        },
    },
    "UpdateReplacePolicy": "Retain",
    "DeletionPolicy": "Retain",
}
BUCKET_POLICY = {
    "Type": "AWS::S3::BucketPolicy",
    "Properties": {
        "Bucket": {"Ref": "Outputs"},
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "s3:*",
                    "Resource": [
                        {"Fn::GetAtt": ["Outputs", "Arn"]},
                        {"Fn::Join": ["", [{"Fn::GetAtt": ["Outputs", "Arn"]}, "/*"]]},
                    ],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        },
    },
}


REFERENCES = {
    "Partition": {"Ref": "AWS::Partition"},
    "Region": {"Ref": "AWS::Region"},
    "Suffix": {"Ref": "AWS::URLSuffix"},
    "Account": {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "sklearn"]},
    "JobRole": {"Fn::GetAtt": ["JobRole", "Arn"]},
    "Assets": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
    "Outputs": {"Ref": "Outputs"},
}


def joined(value: Any) -> dict[str, Any]:
    """Return a value's JSON text with each `<name>` a reference, as the CDK joins it."""
    parts = re.split(r"<(\w+)>", json.dumps(value))
    return {
        "Fn::Join": [
            "",
            [REFERENCES[part] if index % 2 else part for index, part in enumerate(parts)],
        ]
    }


def definition(code: str) -> dict[str, Any]:
    image = "<Account>.dkr.ecr.<Region>.<Suffix>/sagemaker-scikit-learn:1.2-1-cpu-py3"
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    parameters = {
        "ProcessingJobName.$": "States.Format('split-{}-{}', States.UUID(), $$.State.RetryCount)",
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {"ImageUri": image},
        "RoleArn": "<JobRole>",
        "ProcessingInputs": [
            {
                "InputName": "code",
                "S3Input": {
                    "S3Uri": f"s3://<Assets>/{code}",
                    "LocalPath": "/opt/ml/processing/input/code",
                    "S3DataType": "S3Prefix",
                },
            }
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "train",
                    "S3Output": {
                        "S3Uri.$": (
                            "States.Format('s3://<Outputs>/Split/{}/train/', $$.Execution.Name)"
                        ),
                        "LocalPath": "/opt/ml/processing/output/train",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
    }
    resource = "arn:<Partition>:states:::sagemaker:createProcessingJob.sync"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    return joined({"StartAt": "Split", "States": {"Split": state}})


def machine(code: str = "3bb255a9.d/code/split.py", **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "DefinitionString": definition(code),
            "RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]},
            "LoggingConfiguration": {
                "Destinations": [
                    {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}
                ],
                "IncludeExecutionData": False,
                "Level": "ERROR",
            },
            "TracingConfiguration": {"Enabled": True},
            **properties,
        },
        "DependsOn": ["MachinePolicy", "MachineRole"],
    }


def template(**resources: Any) -> dict[str, Any]:
    return {
        "Mappings": {
            "Images": {
                "us-east-1": {"sklearn": "683313688378"},
                "eu-west-1": {"sklearn": "141502667606"},
            }
        },
        "Resources": {
            "Outputs": BUCKET,
            "OutputsPolicy": BUCKET_POLICY,
            "JobRole": JOB_ROLE,
            "MachineRole": MACHINE_ROLE,
            "MachinePolicy": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "Machine",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "sagemaker:CreateProcessingJob",
                                "Resource": {
                                    "Fn::Sub": "arn:${AWS::Partition}:sagemaker:${AWS::Region}:"
                                    "${AWS::AccountId}:processing-job/split-*"
                                },
                            }
                        ],
                    },
                    "Roles": [{"Ref": "MachineRole"}],
                },
            },
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"RetentionInDays": 30},
                "UpdateReplacePolicy": "Delete",
                "DeletionPolicy": "Delete",
            },
            "Machine": machine(),
            **resources,
        },
        "Outputs": {
            "MachineArn": {"Value": {"Ref": "Machine"}},
            "MachineName": {"Value": {"Fn::GetAtt": ["Machine", "Name"]}},
            "Bucket": {"Value": {"Ref": "Outputs"}},
            "LogGroup": {"Value": {"Ref": "Logs"}},
        },
    }


class Stack:
    """A stack, deployed by change sets as the CDK CLI deploys it."""

    def __init__(self, cloud: Any, region: str = "us-east-1") -> None:
        self.client = cloud.client("cloudformation", region=region)
        self.name = f"stack-{uuid.uuid4()}"
        self._kind = "CREATE"

    def deploy(self, body: dict[str, Any]) -> dict[str, str]:
        """Create or update it, and return its outputs."""
        change = f"change-{uuid.uuid4()}"
        self.client.create_change_set(
            StackName=self.name,
            ChangeSetName=change,
            ChangeSetType=self._kind,
            TemplateBody=json.dumps(body),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        self.client.get_waiter("change_set_create_complete").wait(
            StackName=self.name, ChangeSetName=change, WaiterConfig={"Delay": 1}
        )
        self.client.execute_change_set(StackName=self.name, ChangeSetName=change)
        waiter = self.client.get_waiter(f"stack_{self._kind.lower()}_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1})
        self._kind = "UPDATE"
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """Return its outputs."""
        (described,) = self.client.describe_stacks(StackName=self.name)["Stacks"]
        return {found["OutputKey"]: found["OutputValue"] for found in described["Outputs"]}

    def reasons(self) -> list[str]:
        """Return what its events say."""
        events = self.client.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events]


def test_a_pipelines_stack_deploys_and_runs(cloud: Any, states: Any, machines: Any) -> None:
    """Its machine runs jobs with its role, image and bucket, all named by the template."""
    outputs = Stack(cloud).deploy(template())
    described = states.describe_state_machine(stateMachineArn=outputs["MachineArn"])
    assert described["name"] == outputs["MachineName"]
    assert described["loggingConfiguration"]["level"] == "ERROR"
    (destination,) = described["loggingConfiguration"]["destinations"]
    assert outputs["LogGroup"] in destination["cloudWatchLogsLogGroup"]["logGroupArn"]
    assert described["tracingConfiguration"] == {"enabled": True}

    started = states.start_execution(stateMachineArn=outputs["MachineArn"])
    ended = machines.end(started["executionArn"])
    assert ended["status"] == "SUCCEEDED"
    job = json.loads(ended["output"])
    assert job["AppSpecification"]["ImageUri"] == (
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    )
    assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"] == (
        "s3://cdk-hnb659fds-assets-000000000000-us-east-1/3bb255a9.d/code/split.py"
    )
    (output,) = job["ProcessingOutputConfig"]["Outputs"]
    assert output["S3Output"]["S3Uri"] == (f"s3://{outputs['Bucket']}/Split/{ended['name']}/train/")


def test_a_bucket_has_what_its_template_says(cloud: Any) -> None:
    """Encryption, versions, lifecycle, public access and policy are set on the bucket."""
    bucket = Stack(cloud).deploy(template())["Bucket"]
    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule == {
        "ID": "Tidy",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "Expiration": {"Days": 365},
        "Filter": {
            "And": {
                "Prefix": "logs/",
                "Tags": [{"Key": "kind", "Value": "log"}],
                "ObjectSizeGreaterThan": 0,
            }
        },
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
    }
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"] == [
        {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": "alias/aws/s3",
            },
            "BucketKeyEnabled": True,
        }
    ]
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy["Statement"][0]["Resource"] == [
        f"arn:aws:s3:::{bucket}",
        f"arn:aws:s3:::{bucket}/*",
    ]


def test_an_upload_encrypted_by_kms_needs_no_key(cloud: Any) -> None:
    """As the CDK CLI uploads assets: KMS without a key is the account's own key for S3."""
    bucket = Stack(cloud).deploy(template())["Bucket"]
    stored = cloud.client("s3").put_object(
        Bucket=bucket, Key="asset", Body=b"x", ServerSideEncryption="aws:kms"
    )
    assert stored["ServerSideEncryption"] == "aws:kms"
    assert stored["SSEKMSKeyId"] == "arn:aws:kms:us-east-1:000000000000:alias/aws/s3"


def test_an_update_reaches_the_next_execution(cloud: Any, states: Any, machines: Any) -> None:
    """The machine keeps its ARN and its history, and the next execution runs the new code."""
    stack = Stack(cloud)
    first = stack.deploy(template())
    before = states.start_execution(stateMachineArn=first["MachineArn"])
    machines.end(before["executionArn"])

    second = stack.deploy(template(Machine=machine("c0ffee.d/code/split.py")))
    assert second == first
    after = states.start_execution(stateMachineArn=first["MachineArn"])
    job = json.loads(machines.end(after["executionArn"])["output"])
    assert job["ProcessingInputs"][0]["S3Input"]["S3Uri"].endswith("/c0ffee.d/code/split.py")
    executions = states.list_executions(stateMachineArn=first["MachineArn"])["executions"]
    assert len(executions) == 2
    described = states.describe_state_machine(stateMachineArn=first["MachineArn"])
    assert described["loggingConfiguration"]["level"] == "ERROR"


def test_a_stack_acts_in_its_own_region(cloud: Any, machines: Any) -> None:
    """The mapping, the ARNs and the jobs are those of the region it is deployed to."""
    outputs = Stack(cloud, "eu-west-1").deploy(template())
    assert ":eu-west-1:" in outputs["MachineArn"]
    states = cloud.client("stepfunctions", region="eu-west-1")
    started = states.start_execution(stateMachineArn=outputs["MachineArn"])
    ended = type(machines)(states).end(started["executionArn"])
    job = json.loads(ended["output"])
    assert job["ProcessingJobArn"].startswith("arn:aws:sagemaker:eu-west-1:000000000000:")
    assert job["AppSpecification"]["ImageUri"].startswith("141502667606.dkr.ecr.eu-west-1.")


def test_a_wrong_definition_fails_the_deployment(cloud: Any, states: Any) -> None:
    """As on AWS, the stack rolls back, its events say why, and an update changes nothing."""
    broken = machine(DefinitionString='{"StartAt":"Gone","States":{"A":{"Type":"Succeed"}}}')
    stack = Stack(cloud)
    with pytest.raises(WaiterError):
        stack.deploy(template(Machine=broken))
    expected = "Missing 'StartAt' target: Gone at /StartAt"
    assert any(expected in reason for reason in stack.reasons())

    stack = Stack(cloud)
    outputs = stack.deploy(template())
    kept = states.describe_state_machine(stateMachineArn=outputs["MachineArn"])["definition"]
    with pytest.raises(WaiterError):
        stack.deploy(template(Machine=broken))
    assert any(expected in reason for reason in stack.reasons())
    now = states.describe_state_machine(stateMachineArn=outputs["MachineArn"])["definition"]
    assert now == kept


def test_deleting_a_stack_keeps_what_it_retains(cloud: Any, states: Any) -> None:
    """The bucket stays, by its deletion policy; the machine goes."""
    stack = Stack(cloud)
    outputs = stack.deploy(template())
    stack.client.delete_stack(StackName=stack.name)
    stack.client.get_waiter("stack_delete_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1}
    )
    cloud.client("s3").head_bucket(Bucket=outputs["Bucket"])
    arns = [found["stateMachineArn"] for found in states.list_state_machines()["stateMachines"]]
    assert outputs["MachineArn"] not in arns

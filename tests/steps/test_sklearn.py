"""A step that runs a script with scikit-learn."""

import inspect
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, state_of, statements_of

ASSETS = "cdk-hnb659fds-assets-111122223333-eu-west-1"
EXECUTION = "cdk-sagemaker-processing:execution"


def test_a_script_alone_is_enough(stack: cdk.Stack, script: Path) -> None:
    """With nothing but a script, everything else has a default."""
    step = processing.SKLearnStep(stack, "Clean", code=script)

    state = state_of(step)

    prefix = step.job_name_prefix
    uri = state["Parameters"]["ProcessingInputs"][0]["S3Input"].pop("S3Uri")
    assert uri.startswith(f"s3://{ASSETS}/")
    assert uri.endswith(".d/code/clean.py")
    assert state == {
        "Type": "Task",
        "Resource": "arn:<AWS::Partition>:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingJobName.$": (
                f"States.Format('{prefix}-{{}}-{{}}', States.UUID(), $$.State.RetryCount)"
            ),
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 30,
                }
            },
            "AppSpecification": {
                "ImageUri": (
                    "141502667606.dkr.ecr.eu-west-1.amazonaws.com/"
                    "sagemaker-scikit-learn:1.2-1-cpu-py3"
                ),
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/clean.py"],
            },
            "RoleArn": "<CleanRole7B59C2A7>",
            "ProcessingInputs": [
                {
                    "InputName": "code",
                    "S3Input": {
                        "LocalPath": "/opt/ml/processing/input/code",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                        "S3DataDistributionType": "FullyReplicated",
                        "S3CompressionType": "None",
                    },
                }
            ],
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            "Tags": [{"Key": EXECUTION, "Value.$": "$$.Execution.Id"}],
        },
        "ResultPath": None,
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
        "End": True,
    }


def test_it_renders_in_the_language_of_its_machine(stack: cdk.Stack, script: Path) -> None:
    """The same step in a JSONata machine has Arguments and expressions."""
    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        outputs=[processing.ProcessingOutput("train")],
        arguments=["--day", "{% $states.input.day %}"],
    )

    state = state_of(step, sfn.QueryLanguage.JSONATA)

    prefix = step.job_name_prefix
    arguments = state["Arguments"]
    assert arguments["ProcessingJobName"] == (
        f"{{% '{prefix}-' & $uuid() & '-' & $states.context.State.RetryCount %}}"
    )
    assert arguments["AppSpecification"]["ContainerArguments"] == [
        "--day",
        "{% $states.input.day %}",
    ]
    assert arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] == (
        "{% 's3://<ProcessingStorageOutputsD4C8CADC>/Prod/Clean/' & "
        "$states.context.Execution.Name & '/train/' %}"
    )
    assert state["Output"] == "{% $states.input %}"
    assert "Parameters" not in state
    assert "ResultPath" not in state


def test_run_time_values_stand_in_lists_and_inside_text(stack: cdk.Stack, script: Path) -> None:
    """A JSONPath token may stand in a list and in the middle of a string, where the CDK refuses."""
    day = sfn.JsonPath.string_at("$.day")
    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        inputs=[processing.ProcessingInput(f"s3://raw/day={day}/")],
        arguments=["--label", "it's {day}", day],
        environment={"DAY": day, "PLAIN": "x"},
        instance_count=sfn.JsonPath.number_at("$.instances"),
        instance_type=sfn.JsonPath.string_at("$.type"),
        max_runtime=cdk.Duration.seconds(sfn.JsonPath.number_at("$.seconds")),
    )

    parameters = state_of(step)["Parameters"]

    assert parameters["AppSpecification"]["ContainerArguments.$"] == (
        r"States.Array('--label', States.Format('it\'s \{day\}'), $.day)"
    )
    assert parameters["ProcessingInputs"][0]["S3Input"]["S3Uri.$"] == (
        "States.Format('s3://raw/day={}/', $.day)"
    )
    assert parameters["Environment"] == {"DAY.$": "$.day", "PLAIN": "x"}
    assert parameters["StoppingCondition"] == {"MaxRuntimeInSeconds.$": "$.seconds"}
    assert parameters["ProcessingResources"]["ClusterConfig"] == {
        "InstanceCount.$": "$.instances",
        "InstanceType.$": "$.type",
        "VolumeSizeInGB": 30,
    }


def test_a_list_known_only_at_run_time_is_one_path(stack: cdk.Stack, script: Path) -> None:
    """All arguments may come from the execution's input."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, arguments=sfn.JsonPath.list_at("$.arguments")
    )

    app = state_of(step)["Parameters"]["AppSpecification"]

    assert app["ContainerArguments.$"] == "$.arguments"


def test_an_output_is_the_next_steps_input(stack: cdk.Stack, script: Path) -> None:
    """The edge carries the value, the input's name and the permission to read."""
    first = processing.SKLearnStep(
        stack, "First", code=script, outputs=[processing.ProcessingOutput("train")]
    )
    second = processing.SKLearnStep(
        stack,
        "Second",
        code=script,
        inputs=[
            processing.ProcessingInput(first.output("train")),
            processing.ProcessingInput(f"{first.output('train')}part-1/", input_name="part"),
        ],
    )

    whole, part, _ = state_of(second)["Parameters"]["ProcessingInputs"]

    outputs = "s3://<ProcessingStorageOutputsD4C8CADC>/Prod/First/{}"
    assert whole["InputName"] == "train"
    assert whole["S3Input"]["LocalPath"] == "/opt/ml/processing/input/train"
    assert whole["S3Input"]["S3Uri.$"] == f"States.Format('{outputs}/train/', $$.Execution.Name)"
    assert part["S3Input"]["S3Uri.$"] == (
        f"States.Format('{outputs}/train/part-1/', $$.Execution.Name)"
    )
    reads = [one for one in statements_of(stack, "SecondRole") if one.get("Sid") == "ReadInputs"]
    assert reads[0]["Resource"][0] == (
        "arn:<AWS::Partition>:s3:::<ProcessingStorageOutputsD4C8CADC>/Prod/First/*"
    )


def test_an_output_stands_in_any_other_state(stack: cdk.Stack, script: Path) -> None:
    """In a state of the user's own it is an ordinary JSONPath value."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, outputs=[processing.ProcessingOutput("train")]
    )
    told = sfn.Pass(stack, "Tell", parameters={"uri": step.output("train")})

    assert state_of(told)["Parameters"] == {
        "uri.$": (
            "States.Format('s3://<ProcessingStorageOutputsD4C8CADC>/Prod/Clean/{}/train/', "
            "$$.Execution.Name)"
        )
    }


def test_an_output_of_a_jsonata_step_is_jsonata(stack: cdk.Stack, script: Path) -> None:
    """A step that is JSONata by itself hands out expressions, which another takes."""
    jsonata = sfn.QueryLanguage.JSONATA
    first = processing.SKLearnStep(
        stack,
        "First",
        code=script,
        outputs=[processing.ProcessingOutput("train")],
        query_language=jsonata,
    )
    uri = first.output("train")
    second = processing.SKLearnStep(
        stack,
        "Second",
        code=script,
        inputs=[processing.ProcessingInput(uri)],
        query_language=jsonata,
    )

    state = state_of(second)

    assert state["QueryLanguage"] == "JSONata"
    found = state["Arguments"]["ProcessingInputs"][0]
    assert found["InputName"] == "train"
    assert found["S3Input"]["S3Uri"] == (
        "{% 's3://<ProcessingStorageOutputsD4C8CADC>/Prod/First/' & "
        "$states.context.Execution.Name & '/train/' %}"
    )


def test_a_folder_goes_along_whole(stack: cdk.Stack, script: Path) -> None:
    """With source_dir every file of the folder lies under the code's folder."""
    (script.parent / "common").mkdir()
    (script.parent / "common" / "text.py").write_text("x = 1\n")
    (script.parent / "common" / "text.csv").write_text("1\n")

    step = processing.SKLearnStep(stack, "Clean", code="clean.py", source_dir=script.parent)

    parameters = state_of(step)["Parameters"]
    assert parameters["AppSpecification"]["ContainerEntrypoint"] == [
        "python3",
        "/opt/ml/processing/input/code/clean.py",
    ]
    uri = parameters["ProcessingInputs"][0]["S3Input"]["S3Uri"]
    assert uri.endswith(".d/code/")
    staged = sorted(Path(cdk.Stage.of(stack).outdir).glob("asset.*/code/**/file"))  # type: ignore[union-attr] # a stack has a stage
    assert [path.parent.relative_to(path.parents[-1]).name for path in staged] == [
        "clean.py",
        "text.csv",
        "text.py",
    ]


def test_a_lone_file_keeps_its_place_in_the_folder(stack: cdk.Stack, script: Path) -> None:
    """Named by itself, SageMaker would put it right into the code's folder."""
    step = processing.SKLearnStep(
        stack, "Clean", code="jobs/clean.py", source_dir=script.parent.parent
    )

    parameters = state_of(step)["Parameters"]

    assert parameters["ProcessingInputs"][0]["S3Input"]["S3Uri"].endswith(".d/code/")
    assert parameters["AppSpecification"]["ContainerEntrypoint"][1] == (
        "/opt/ml/processing/input/code/jobs/clean.py"
    )


@pytest.mark.parametrize("written", ["in the folder", "with a dot", "from the app", "absolute"])
def test_the_file_to_run_may_be_written_as_any_path(
    stack: cdk.Stack, script: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """As long as it lies in the folder that goes along."""
    monkeypatch.chdir(script.parent.parent)
    code: str = {
        "in the folder": "clean.py",
        "with a dot": "./clean.py",
        "from the app": "jobs/clean.py",
        "absolute": str(script),
    }[written]

    step = processing.SKLearnStep(stack, "Clean", code=code, source_dir="jobs")

    app = state_of(step)["Parameters"]["AppSpecification"]
    assert app["ContainerEntrypoint"][1] == "/opt/ml/processing/input/code/clean.py"


def test_code_may_be_a_file_of_another_steps_output(stack: cdk.Stack, script: Path) -> None:
    """The file's name is what follows the output."""
    build = processing.SKLearnStep(
        stack, "Build", code=script, outputs=[processing.ProcessingOutput("app")]
    )
    step = processing.SKLearnStep(stack, "Clean", code=f"{build.output('app')}main.py")

    app = state_of(step)["Parameters"]["AppSpecification"]

    assert app["ContainerEntrypoint"][1] == "/opt/ml/processing/input/code/main.py"


def test_code_needs_a_file_name_at_synth(stack: cdk.Stack, script: Path) -> None:
    """The command names the file by its place in the container."""
    build = processing.SKLearnStep(
        stack, "Build", code=script, outputs=[processing.ProcessingOutput("app")]
    )
    for at, code in enumerate(
        (sfn.JsonPath.string_at("$.code"), build.output("app"), "s3://code/jobs/")
    ):
        with pytest.raises(processing.ValidationError, match="does not tell the name of the file"):
            processing.SKLearnStep(stack, f"Clean{at}", code=code)


def test_code_on_s3_is_taken_from_there(stack: cdk.Stack) -> None:
    """An S3 URI is neither uploaded nor looked for on this machine."""
    step = processing.SKLearnStep(stack, "Clean", code="s3://code/jobs/clean.py")

    parameters = state_of(step)["Parameters"]

    assert parameters["ProcessingInputs"][0]["S3Input"]["S3Uri"] == "s3://code/jobs/clean.py"
    assert parameters["AppSpecification"]["ContainerEntrypoint"][1] == (
        "/opt/ml/processing/input/code/clean.py"
    )


def test_the_machine_may_run_the_steps_jobs_and_nothing_else(
    stack: cdk.Stack, script: Path
) -> None:
    """By putting the step into any machine, and no other act, the machine's role may run it."""
    step = processing.SKLearnStep(stack, "Clean", code=script)

    machine_of(step)

    assert statements_of(stack, "MachineCleanRole") == [
        {
            "Effect": "Allow",
            "Action": [
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:ListTags",
                "sagemaker:StopProcessingJob",
            ],
            "Resource": (
                "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:"
                f"processing-job/{step.job_name_prefix}-*"
            ),
        },
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": "<CleanRole7B59C2A7>",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        },
        {
            "Effect": "Allow",
            "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            "Resource": (
                "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:"
                "rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule"
            ),
        },
    ]


def test_the_jobs_role_may_do_what_the_request_says(stack: cdk.Stack, script: Path) -> None:
    """It reads its inputs and code, writes its outputs, pulls its image, logs; nothing more."""
    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        inputs=[processing.ProcessingInput("s3://raw/flights/")],
        outputs=[processing.ProcessingOutput("train")],
    )
    uri = step.render_request()["ProcessingInputs"][1]["S3Input"]["S3Uri"]
    code = uri.removeprefix(f"s3://{ASSETS}/")

    group = "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group"
    assert statements_of(stack, "CleanRole") == [
        {
            "Sid": "ListInputs0",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:<AWS::Partition>:s3:::raw",
            "Condition": {"StringLike": {"s3:prefix": ["flights/*"]}},
        },
        {
            "Sid": "ListInputs1",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:<AWS::Partition>:s3:::{ASSETS}",
            "Condition": {"StringLike": {"s3:prefix": [f"{code}*"]}},
        },
        {
            "Sid": "ReadInputs",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": [
                "arn:<AWS::Partition>:s3:::raw/flights/*",
                f"arn:<AWS::Partition>:s3:::{ASSETS}/{code}*",
            ],
        },
        {
            "Sid": "WriteOutputs",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
            "Resource": (
                "arn:<AWS::Partition>:s3:::<ProcessingStorageOutputsD4C8CADC>/Prod/Clean/*"
            ),
        },
        {
            "Sid": "DecryptAssets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "arn:<AWS::Partition>:kms:<AWS::Region>:*:key/*",
            "Condition": {
                "StringEquals": {"kms:ViaService": "s3.<AWS::Region>.<AWS::URLSuffix>"},
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": [
                        f"arn:<AWS::Partition>:s3:::{ASSETS}",
                        f"arn:<AWS::Partition>:s3:::{ASSETS}/{code.split('/')[0]}/*",
                    ]
                },
            },
        },
        {
            "Sid": "PullImage",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": (
                "arn:<AWS::Partition>:ecr:eu-west-1:141502667606:repository/sagemaker-scikit-learn"
            ),
        },
        {
            "Sid": "LogInToRegistry",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        {
            "Sid": "WriteLog",
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            "Resource": f"{group}:/aws/sagemaker/ProcessingJobs:*",
        },
        {
            "Sid": "PutMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/ProcessingJobs"}
            },
        },
    ]


@pytest.mark.parametrize("kind", ["missing file", "folder", "empty folder", "no entry"])
def test_code_that_is_not_there_is_refused(stack: cdk.Stack, script: Path, kind: str) -> None:
    """Each message names the construct, what came and the way out."""
    empty = script.parent / "empty"
    empty.mkdir()
    arguments, words = {
        "missing file": (
            {"code": "nowhere.py"},
            ["no such file or folder: 'nowhere.py'", str(Path.cwd() / "nowhere.py"), "s3://"],
        ),
        "folder": ({"code": str(script.parent)}, ["is a folder", "source_dir"]),
        "empty folder": ({"code": "x.py", "source_dir": str(empty)}, ["holds no file"]),
        "no entry": (
            {"code": "x.py", "source_dir": str(script.parent)},
            ["there is no 'x.py'", "it holds clean.py"],
        ),
    }[kind]

    with pytest.raises(processing.ValidationError) as refused:
        processing.SKLearnStep(stack, "Clean", **arguments)  # type: ignore[arg-type] # str, as the rows show

    message = str(refused.value)
    assert message.startswith("Prod/Clean (SKLearnStep): ")
    assert all(word in message for word in words), message


def test_a_link_out_of_the_folder_is_refused(
    stack: cdk.Stack, script: Path, tmp_path: Path
) -> None:
    """The message names the link and where it leads."""
    (tmp_path / "secret.txt").write_text("")
    (script.parent / "link").symlink_to(tmp_path / "secret.txt")

    with pytest.raises(processing.ValidationError, match=r"source_dir: the link .* leads out of"):
        processing.SKLearnStep(stack, "Clean", code="clean.py", source_dir=script.parent)


def test_all_problems_are_told_at_once(stack: cdk.Stack) -> None:
    """A user mends everything in one go."""
    with pytest.raises(processing.ValidationError) as refused:
        processing.SKLearnStep(
            stack,
            "Clean",
            code="nowhere.py",
            framework_version="9.9",
            instance_count=0,
            arguments=["x" * 257],
        )

    message = str(refused.value)
    assert len(refused.value.problems) == 4
    assert (
        "framework_version must be one of '0.20.0', '0.23-1', '1.0-1', '1.2-1', '1.4-2'" in message
    )
    assert (
        "instance_count must be 1 to 100, got 0 "
        "[CreateProcessingJob ProcessingResources.ClusterConfig.InstanceCount]" in message
    )
    assert "[CreateProcessingJob AppSpecification.ContainerArguments[0]]" in message


def test_an_input_on_the_steps_own_code_is_refused(stack: cdk.Stack, script: Path) -> None:
    """By its folder or by its name."""
    for at, (one, words) in enumerate(
        [
            (
                processing.ProcessingInput("s3://raw/", "/opt/ml/processing/input/code"),
                "'input-1' and 'code' share the folder",
            ),
            (processing.ProcessingInput("s3://raw/", input_name="code"), "'code' is taken"),
        ]
    ):
        with pytest.raises(processing.ValidationError, match=words):
            processing.SKLearnStep(stack, f"Clean{at}", code=script, inputs=[one])


def test_outputs_of_two_steps_never_meet(stack: cdk.Stack, script: Path) -> None:
    """Two ids that differ only in what S3 keys should not hold have two prefixes."""
    uris = {
        processing.SKLearnStep(
            stack, name, code=script, outputs=[processing.ProcessingOutput("out")]
        ).render_request()["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]["Fn::Join"][
            1
        ][2]
        for name in ("Clean up", "Clean-up", "Clean:up", "前処理", "後処理")
    }

    assert len(uris) == 5
    assert "/Prod/Clean-up/{$$.Execution.Name}/out/" in uris


def test_a_name_too_long_for_a_state_is_refused(stack: cdk.Stack, script: Path) -> None:
    """The CDK takes it, and Step Functions refuses it at deploy; another name mends it."""
    with pytest.raises(processing.ValidationError, match="at most 80 characters, got 81"):
        processing.SKLearnStep(stack, "x" * 81, code=script)

    processing.SKLearnStep(stack, "y" * 81, code=script, state_name="Clean")


def test_help_tells_what_a_step_takes() -> None:
    """And not the CDK's arguments of its base class, of which a step has only some."""
    for kind in (processing.SKLearnStep, processing.PySparkStep, processing.ProcessingStep):
        told = inspect.getdoc(kind.__init__)
        assert told is not None
        assert "heartbeat" not in told


def test_an_unknown_output_is_refused(stack: cdk.Stack, script: Path) -> None:
    """The message lists the outputs that there are."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, outputs=[processing.ProcessingOutput("train")]
    )

    with pytest.raises(processing.ValidationError, match=r"no output 'tset'.*outputs are 'train'"):
        step.output("tset")


def test_a_path_in_the_other_language_is_refused(stack: cdk.Stack, script: Path) -> None:
    """A step that is JSONata by itself takes no JSONPath, and says how to write it."""
    with pytest.raises(
        processing.ValidationError, match=r"'\$\.day' is JSONPath, but the state is JSONata"
    ):
        processing.SKLearnStep(
            stack,
            "Clean",
            code=script,
            arguments=[sfn.JsonPath.string_at("$.day")],
            query_language=sfn.QueryLanguage.JSONATA,
        )


def test_a_bucket_known_only_at_run_time_needs_a_role(stack: cdk.Stack, script: Path) -> None:
    """No permission can name it, so the user must bring a role that may use it."""
    uri = sfn.JsonPath.string_at("$.uri")
    with pytest.raises(processing.ValidationError, match=r"known only at run time.*role="):
        processing.SKLearnStep(
            stack, "Clean", code=script, inputs=[processing.ProcessingInput(uri)]
        )


def test_a_user_may_catch_and_retry_more(stack: cdk.Stack, script: Path) -> None:
    """A step is an ordinary state: its retries and catches are those of the CDK."""
    step = processing.SKLearnStep(stack, "Clean", code=script, retry_on_service_errors=False)
    step.add_retry(errors=["States.TaskFailed"], max_attempts=1)
    step.add_catch(sfn.Fail(stack, "Lost"), errors=["States.ALL"])

    state = state_of(step)

    assert state["Retry"] == [
        {
            "ErrorEquals": ["States.TaskFailed"],
            "MaxAttempts": 1,
        }
    ]
    assert state["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "Lost"}]


def test_its_failures_are_a_metric(stack: cdk.Stack, script: Path) -> None:
    """``metric_failed()`` works as on the CDK's own tasks."""
    metric = processing.SKLearnStep(stack, "Clean", code=script).metric_failed()

    assert metric.namespace == "AWS/States"
    assert metric.metric_name == "ServiceIntegrationsFailed"

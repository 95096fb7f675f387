"""The jobs of ``tools/sdk_calls.py`` as steps, under the same names."""

from collections.abc import Callable
from typing import Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tools import sdk_page

__all__ = ["CALLS", "Make", "documented"]

Make = Callable[[cdk.Stack], processing.ProcessingStep]

ROLE = "arn:aws:iam::111122223333:role/ProcessingRole"
IMAGE = sdk_page.IMAGE
KEY = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001"
OTHER_KEY = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000002"
INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"
EVENTS = "s3://your-bucket/your-prefix/store-spark-events"
DEFAULTS = {
    "Classification": "spark-defaults",
    "Properties": {"spark.executor.memory": "2g", "spark.executor.cores": "1"},
}
ENVIRONMENT = {
    "Classification": "spark-env",
    "Properties": {},
    "Configurations": [{"Classification": "export", "Properties": {"PYSPARK_PYTHON": "python3"}}],
}

CALLS: dict[str, Make] = {}


def call(make: Make) -> Make:
    """Have a step compared, under the function's name."""
    CALLS[make.__name__] = make
    return make


def role(stack: cdk.Stack, arn: str = ROLE) -> iam.IRole:
    """The role that every processor is given on the other side."""
    return iam.Role.from_role_arn(stack, "Role", arn)


def standing(stack: cdk.Stack, options: dict[str, Any]) -> dict[str, Any]:
    """Options, with the role unless they have one."""
    return options if "role" in options else {"role": role(stack), **options}


def spark(stack: cdk.Stack, options: dict[str, Any]) -> dict[str, Any]:
    """Options, with no event logs unless they ask for them, as in the SDK."""
    asked = options.keys() & {"spark_event_logs", "spark_event_logs_s3_uri"}
    return standing(stack, options if asked else {"spark_event_logs": False, **options})


def plain(stack: cdk.Stack, **options: Unpack[processing.StepOptions]) -> processing.ProcessingStep:
    """A step on an image of one's own."""
    options.setdefault("role", role(stack))
    return processing.ProcessingStep(stack, "Step", image_uri=IMAGE, **options)


def script(stack: cdk.Stack, code: str, **options: Any) -> processing.ScriptStep:
    """A step that runs a script."""
    return processing.ScriptStep(
        stack, "Step", **{"image_uri": IMAGE, "code": code, **standing(stack, options)}
    )


def sklearn(
    stack: cdk.Stack, code: str = "preprocess.py", **options: Any
) -> processing.SKLearnStep:
    """A step that runs a script with scikit-learn."""
    return processing.SKLearnStep(
        stack,
        "Step",
        **{"framework_version": "1.2-1", "code": code, **standing(stack, options)},
    )


def pyspark(stack: cdk.Stack, app: str = "preprocess.py", **options: Any) -> processing.PySparkStep:
    """A step that runs a PySpark application."""
    return processing.PySparkStep(
        stack,
        "Step",
        **{"framework_version": "3.5", "submit_app": app, **spark(stack, options)},
    )


def spark_jar(
    stack: cdk.Stack, app: str = "preprocessing.jar", **options: Any
) -> processing.SparkJarStep:
    """A step that runs a Spark application from a jar."""
    return processing.SparkJarStep(
        stack,
        "Step",
        **{
            "framework_version": "3.5",
            "submit_app": app,
            "submit_class": "com.example.Main",
            **spark(stack, options),
        },
    )


def documented(example: sdk_page.Example) -> Make:
    """An example of a page as it stands there."""

    def make(stack: cdk.Stack) -> processing.ProcessingStep:
        names = {"stack": stack, "processing": processing, "cdk": cdk, "sfn": sfn}
        exec(example.ours, names)  # noqa: S102 # the project's own page
        step = names["step"]
        assert isinstance(step, processing.ProcessingStep)
        return step

    return make


CALLS.update(
    {name: documented(one) for name, one in sdk_page.examples(sdk_page.V2).items()},
)


# Processor: what every job has.


@call
def processor_alone(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack)


@call
def processor_entrypoint_and_arguments(stack: cdk.Stack) -> processing.ProcessingStep:
    return processing.ProcessingStep(
        stack,
        "Step",
        image_uri=IMAGE,
        role=role(stack),
        entrypoint=["python3", "-m", "job"],
        arguments=["--day", "2026-01-02"],
    )


@call
def processor_resources(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        instance_count=3,
        instance_type="ml.r5.2xlarge",
        volume_size_in_gb=100,
        volume_kms_key=KEY,
        max_runtime=cdk.Duration.hours(1),
    )


@call
def processor_output_key(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        output_kms_key=OTHER_KEY,
        outputs=[
            processing.ProcessingOutput("out", source=OUTPUT, destination="s3://data/out"),
        ],
    )


@call
def processor_output_key_without_outputs(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, output_kms_key=OTHER_KEY)


@call
def processor_environment(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, environment={"STAGE": "prod", "EMPTY": ""})


@call
def processor_tags(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, tags=[{"Key": "team", "Value": "data"}, {"Key": "cost", "Value": "7"}])


@call
def processor_tags_as_mapping(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, tags={"team": "data"})


@call
def processor_experiment(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        experiment_config={
            "ExperimentName": "flights",
            "TrialName": "first",
            "TrialComponentDisplayName": "clean",
            "RunName": "run-1",
        },
    )


@call
def processor_job_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, base_job_name="one-of-my-own")


@call
def processor_base_job_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, base_job_name="nightly")


@call
def processor_long_base_job_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, base_job_name="a-name-that-is-longer-than-any-job-name-may-be-at-all")


@call
def processor_base_job_name_not_allowed(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, base_job_name="nightly_run")


@call
def processor_base_job_name_in_capitals(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, base_job_name="Nightly")


@call
def processor_key_on_local_storage(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, instance_type="ml.g5.xlarge", volume_kms_key=KEY)


@call
def processor_role_by_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, role=iam.Role.from_role_name(stack, "Named", "ProcessingRole"))


@call
def processor_made_role(stack: cdk.Stack) -> processing.ProcessingStep:
    return processing.ProcessingStep(stack, "Step", image_uri=IMAGE)


@call
def processor_network_nothing_chosen(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack)


@call
def processor_network_isolation(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, enable_network_isolation=True)


@call
def processor_network_encryption(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, encrypt_inter_container_traffic=True)


@call
def processor_network_not_encrypted(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, encrypt_inter_container_traffic=False)


@call
def processor_network_vpc(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        security_group_ids=["sg-0123456789abcdef0"],
        subnets=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    )


@call
def processor_network_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        enable_network_isolation=True,
        security_group_ids=["sg-0123456789abcdef0"],
        subnets=["subnet-0123456789abcdef0"],
        encrypt_inter_container_traffic=True,
    )


@call
def processor_network_subnets_alone(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, subnets=["subnet-0123456789abcdef0"])


@call
def processor_argument_too_long(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, arguments=["a" * 257])


@call
def processor_no_arguments(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, arguments=[])


# Inputs.


@call
def inputs_named_and_not(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a", input_name="a"),
            processing.ProcessingInput("s3://raw/b.csv", f"{INPUT}/b"),
            processing.ProcessingInput(source="s3://raw/c", destination=f"{INPUT}/c"),
        ],
    )


@call
def inputs_manifest(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput(
                "s3://raw/list.manifest", f"{INPUT}/a", s3_data_type="ManifestFile"
            )
        ],
    )


@call
def inputs_pipe_and_gzip(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput(
                "s3://raw/a/", f"{INPUT}/a", s3_input_mode="Pipe", s3_compression_type="Gzip"
            )
        ],
    )


@call
def inputs_gzip_without_pipe(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a", s3_compression_type="Gzip")
        ],
    )


@call
def inputs_fast_file(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a", s3_input_mode="FastFile")],
    )


@call
def inputs_sharded(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        instance_count=2,
        inputs=[
            processing.ProcessingInput(
                "s3://raw/a/", f"{INPUT}/a", s3_data_distribution_type="ShardedByS3Key"
            )
        ],
    )


@call
def inputs_local_file(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, inputs=[processing.ProcessingInput("data/a.csv", f"{INPUT}/a")])


@call
def inputs_local_folder(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack, inputs=[processing.ProcessingInput("data", f"{INPUT}/a", input_name="flights")]
    )


@call
def inputs_s3_input(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack, inputs=[processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a", input_name="a")]
    )


@call
def inputs_s3_input_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput(
                "s3://raw/a.manifest",
                f"{INPUT}/a",
                input_name="a",
                s3_data_type="ManifestFile",
                s3_input_mode="Pipe",
                s3_data_distribution_type="ShardedByS3Key",
                s3_compression_type="Gzip",
            )
        ],
    )


@call
def inputs_athena(stack: cdk.Stack) -> processing.ProcessingStep:
    flights = processing.AthenaDatasetDefinition(
        data_distribution_type="FullyReplicated",
        input_mode="File",
        catalog="AwsDataCatalog",
        database="flights",
        query_string="SELECT * FROM flights",
        output_s3_uri="s3://data/athena/",
        work_group="primary",
        kms_key_id=KEY,
        output_format="PARQUET",
        output_compression="SNAPPY",
    )
    return plain(stack, inputs=[processing.ProcessingInput(flights, input_name="flights")])


@call
def inputs_athena_defaults(stack: cdk.Stack) -> processing.ProcessingStep:
    flights = processing.AthenaDatasetDefinition(
        catalog="AwsDataCatalog",
        database="flights",
        query_string="SELECT * FROM flights",
        output_s3_uri="s3://data/athena/",
        output_format="TEXTFILE",
    )
    return plain(stack, inputs=[processing.ProcessingInput(flights, input_name="flights")])


@call
def inputs_redshift(stack: cdk.Stack) -> processing.ProcessingStep:
    flights = processing.RedshiftDatasetDefinition(
        data_distribution_type="ShardedByS3Key",
        input_mode="Pipe",
        cluster_id="warehouse",
        database="flights",
        db_user="reader",
        query_string="SELECT * FROM flights",
        cluster_role_arn="arn:aws:iam::111122223333:role/RedshiftUnload",
        output_s3_uri="s3://data/redshift/",
        kms_key_id=KEY,
        output_format="PARQUET",
        output_compression="ZSTD",
    )
    return plain(stack, inputs=[processing.ProcessingInput(flights, input_name="flights")])


@call
def inputs_app_managed(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput(
                "s3://raw/a/", f"{INPUT}/a", input_name="a", app_managed=True
            )
        ],
    )


@call
def inputs_too_many(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[processing.ProcessingInput(f"s3://raw/{at}/", f"{INPUT}/{at}") for at in range(11)],
    )


@call
def inputs_of_one_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a", input_name="a"),
            processing.ProcessingInput("s3://raw/b/", f"{INPUT}/b", input_name="a"),
        ],
    )


@call
def inputs_at_one_path(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        inputs=[
            processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a"),
            processing.ProcessingInput("s3://raw/b/", f"{INPUT}/a"),
        ],
    )


# Outputs.


@call
def outputs_with_destination(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        outputs=[
            processing.ProcessingOutput("a", source=f"{OUTPUT}/a", destination="s3://data/a/"),
            processing.ProcessingOutput("b", source=f"{OUTPUT}/b", destination="s3://data/b"),
        ],
    )


@call
def outputs_without_destination(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(stack, outputs=[processing.ProcessingOutput("a", source=f"{OUTPUT}/a")])


@call
def outputs_without_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        outputs=[
            processing.ProcessingOutput(
                "output-1", source=f"{OUTPUT}/a", destination="s3://data/a/"
            ),
            processing.ProcessingOutput(
                "output-2", source=f"{OUTPUT}/b", destination="s3://data/b/"
            ),
        ],
    )


@call
def outputs_continuous(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        outputs=[
            processing.ProcessingOutput(
                "a",
                source=f"{OUTPUT}/a",
                destination="s3://data/a/",
                s3_upload_mode="Continuous",
            )
        ],
    )


@call
def outputs_app_managed(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        outputs=[
            processing.ProcessingOutput(
                "a", source=f"{OUTPUT}/a", destination="s3://data/a/", app_managed=True
            )
        ],
    )


@call
def outputs_to_feature_store(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack, outputs=[processing.ProcessingOutput("features", feature_group_name="flights")]
    )


@call
def outputs_to_feature_store_and_s3(stack: cdk.Stack) -> processing.ProcessingStep:
    return plain(
        stack,
        outputs=[
            processing.ProcessingOutput(
                "features",
                source=f"{OUTPUT}/features",
                destination="s3://data/features/",
                app_managed=True,
                feature_group_name="flights",
            )
        ],
    )


# ScriptProcessor.


@call
def script_of_this_machine(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(stack, "preprocess.py")


@call
def script_on_s3(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(stack, "s3://code/jobs/preprocess.py")


@call
def script_command(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(stack, "preprocess.py", command=["spark-submit", "--verbose"])


@call
def script_with_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(
        stack,
        "code/preprocess.py",
        instance_count=2,
        instance_type="ml.c5.xlarge",
        volume_size_in_gb=50,
        volume_kms_key=KEY,
        output_kms_key=OTHER_KEY,
        max_runtime=cdk.Duration.minutes(10),
        base_job_name="nightly",
        environment={"STAGE": "prod"},
        tags=[{"Key": "team", "Value": "data"}],
        enable_network_isolation=True,
        inputs=[
            processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a"),
            processing.ProcessingInput("data/a.csv", f"{INPUT}/b", input_name="b"),
        ],
        outputs=[
            processing.ProcessingOutput("a", source=f"{OUTPUT}/a", destination="s3://data/a/")
        ],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
    )


@call
def script_is_a_folder(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(stack, "source")


@call
def script_missing(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(stack, "nowhere.py")


# SKLearnProcessor.


@call
def sklearn_alone(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack)


@call
def sklearn_older_version(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, framework_version="0.23-1")


@call
def sklearn_unknown_version(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, framework_version="9.9-9")


@call
def sklearn_command(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, command=["python3", "-u"])


@call
def sklearn_in_china(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, role=role(stack, "arn:aws-cn:iam::111122223333:role/ProcessingRole"))


@call
def sklearn_with_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(
        stack,
        "s3://code/jobs/preprocess.py",
        instance_count=2,
        instance_type="ml.c5.xlarge",
        volume_size_in_gb=50,
        volume_kms_key=KEY,
        output_kms_key=OTHER_KEY,
        max_runtime=cdk.Duration.minutes(10),
        base_job_name="nightly",
        environment={"STAGE": "prod"},
        tags=[{"Key": "team", "Value": "data"}],
        encrypt_inter_container_traffic=True,
        security_group_ids=["sg-0123456789abcdef0"],
        subnets=["subnet-0123456789abcdef0"],
        inputs=[
            processing.ProcessingInput(
                "s3://raw/a/", f"{INPUT}/a", s3_data_distribution_type="ShardedByS3Key"
            )
        ],
        outputs=[
            processing.ProcessingOutput(
                "a",
                source=f"{OUTPUT}/a",
                destination="s3://data/a/",
                s3_upload_mode="Continuous",
            )
        ],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights", "TrialName": "first"},
    )


# PySparkProcessor.


@call
def pyspark_alone(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, spark_event_logs=True)


@call
def pyspark_app_on_s3(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, "s3://code/jobs/preprocess.py")


@call
def pyspark_versions_pinned(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, framework_version="3.3", py_version="py39", container_version="1.2")


@call
def pyspark_python_alone(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, py_version="py39")


@call
def pyspark_unknown_version(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, framework_version="9.9")


@call
def pyspark_unknown_container_version(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, py_version="py39", container_version="latest")


@call
def pyspark_in_government_region(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, role=role(stack, "arn:aws-us-gov:iam::111122223333:role/ProcessingRole"))


@call
def pyspark_py_files_on_s3(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_py_files=["s3://dep/b.zip", "s3://dep/a.py"])


@call
def pyspark_py_files_mixed(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_py_files=["module.py", "s3://dep/b.zip"])


@call
def pyspark_package(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_py_files=["flights"])


@call
def pyspark_jars_mixed(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_jars=["lib.jar", "s3://dep/a.jar", "s3a://dep/b.jar", "lib2.jar"])


@call
def pyspark_jars_folder(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_jars=["jars"])


@call
def pyspark_files_of_one_name(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_jars=["lib.jar", "other/lib.jar"])


@call
def pyspark_dependency_missing(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_files=["nowhere.txt"])


@call
def pyspark_dependency_by_https(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_jars=["https://repo.example.com/a.jar"])


@call
def pyspark_long_list(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(
        stack, submit_jars=[f"s3://dep/a-folder-with-a-long-name/{at}.jar" for at in range(8)]
    )


@call
def pyspark_long_list_and_configuration(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(
        stack,
        submit_files=[f"s3://dep/a-folder-with-a-long-name/{at}.txt" for at in range(8)],
        configuration=[DEFAULTS],
    )


@call
def pyspark_configuration_of_one(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, configuration=DEFAULTS)


@call
def pyspark_configuration_of_several(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, configuration=[DEFAULTS, ENVIRONMENT])


@call
def pyspark_configuration_unknown(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, configuration=[{"Classification": "spark-default", "Properties": {}}])


@call
def pyspark_configuration_without_properties(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, configuration=[{"Classification": "spark-defaults"}])


@call
def pyspark_configuration_nested_unknown(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(
        stack,
        configuration=[
            {
                "Classification": "spark-env",
                "Properties": {},
                "Configurations": [{"Classification": "exports", "Properties": {"A": "1"}}],
            }
        ],
    )


@call
def pyspark_rolling_event_logs(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(
        stack,
        configuration=[
            {
                "Classification": "spark-defaults",
                "Properties": {"spark.eventLog.rolling.enabled": "true"},
            }
        ],
        spark_event_logs_s3_uri=EVENTS,
    )


@call
def pyspark_event_logs(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, spark_event_logs_s3_uri=EVENTS)


@call
def pyspark_event_logs_and_outputs(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(
        stack,
        outputs=[
            processing.ProcessingOutput("a", source=f"{OUTPUT}/a", destination="s3://data/a/")
        ],
        spark_event_logs_s3_uri=EVENTS,
    )


@call
def pyspark_event_logs_by_s3a(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, spark_event_logs_s3_uri="s3a://your-bucket/events")


@call
def pyspark_locations(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(stack, submit_jars=["lib.jar"], configuration=[DEFAULTS])


@call
def pyspark_with_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return pyspark(
        stack,
        "s3://code/jobs/preprocess.py",
        framework_version="3.3",
        instance_count=3,
        instance_type="ml.r5.2xlarge",
        volume_size_in_gb=50,
        volume_kms_key=KEY,
        output_kms_key=OTHER_KEY,
        max_runtime=cdk.Duration.minutes(10),
        base_job_name="nightly",
        environment={"AWS_SPARK_CONFIG_MODE": "2"},
        tags=[{"Key": "team", "Value": "data"}],
        enable_network_isolation=False,
        security_group_ids=["sg-0123456789abcdef0"],
        subnets=["subnet-0123456789abcdef0"],
        encrypt_inter_container_traffic=True,
        submit_py_files=["module.py", "s3://dep/p.zip"],
        submit_jars=["s3://dep/a.jar", "lib.jar"],
        submit_files=["file.txt"],
        inputs=[processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a")],
        outputs=[
            processing.ProcessingOutput("a", source=f"{OUTPUT}/a", destination="s3://data/a/")
        ],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
        configuration=[DEFAULTS, ENVIRONMENT],
        spark_event_logs_s3_uri=EVENTS,
    )


# SparkJarProcessor.


@call
def spark_jar_alone(stack: cdk.Stack) -> processing.ProcessingStep:
    return spark_jar(stack, spark_event_logs=True)


@call
def spark_jar_on_s3(stack: cdk.Stack) -> processing.ProcessingStep:
    return spark_jar(stack, "s3://code/jobs/preprocessing.jar")


@call
def spark_jar_without_class(stack: cdk.Stack) -> processing.ProcessingStep:
    return spark_jar(stack, submit_class="")


@call
def spark_jar_dependencies(stack: cdk.Stack) -> processing.ProcessingStep:
    return spark_jar(stack, submit_jars=["s3://dep/a.jar", "lib.jar"], submit_files=["file.txt"])


@call
def spark_jar_with_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return spark_jar(
        stack,
        framework_version="3.3",
        py_version="py39",
        container_version="1.2",
        instance_count=3,
        instance_type="ml.r5.2xlarge",
        volume_size_in_gb=50,
        volume_kms_key=KEY,
        output_kms_key=OTHER_KEY,
        max_runtime=cdk.Duration.minutes(10),
        base_job_name="nightly",
        environment={"AWS_SPARK_CONFIG_MODE": "2"},
        tags=[{"Key": "team", "Value": "data"}],
        enable_network_isolation=True,
        submit_jars=["lib.jar", "lib2.jar"],
        submit_files=["s3://dep/lookup.csv"],
        inputs=[processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a")],
        outputs=[
            processing.ProcessingOutput("a", source=f"{OUTPUT}/a", destination="s3://data/a/")
        ],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
        configuration=DEFAULTS,
        spark_event_logs_s3_uri=EVENTS,
    )


# FrameworkProcessor: an option of the script steps.


@call
def framework_script(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, "preprocess.py")


@call
def framework_source_dir(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, "main.py", source_dir="source")


@call
def framework_requirements(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(
        stack,
        "main.py",
        source_dir="source_with_requirements",
        requirements="requirements.txt",
    )


@call
def framework_dependencies(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, "main.py", source_dir="source", dependencies=["common"])


@call
def framework_command(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, "main.py", source_dir="source", command=["python3", "-u"])


@call
def framework_image(stack: cdk.Stack) -> processing.ProcessingStep:
    return script(stack, "main.py", source_dir="source")


@call
def framework_script_not_in_source_dir(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, "preprocess.py", source_dir="source")


@call
def framework_source_dir_on_s3(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(stack, "main.py", source_dir="s3://code/jobs/sourcedir.tar.gz")


@call
def framework_with_everything(stack: cdk.Stack) -> processing.ProcessingStep:
    return sklearn(
        stack,
        "main.py",
        instance_count=2,
        volume_size_in_gb=50,
        volume_kms_key=KEY,
        output_kms_key=OTHER_KEY,
        max_runtime=cdk.Duration.minutes(10),
        base_job_name="nightly",
        environment={"STAGE": "prod"},
        tags=[{"Key": "team", "Value": "data"}],
        enable_network_isolation=True,
        source_dir="source",
        dependencies=["common", "module.py"],
        inputs=[processing.ProcessingInput("s3://raw/a/", f"{INPUT}/a")],
        outputs=[
            processing.ProcessingOutput("a", source=f"{OUTPUT}/a", destination="s3://data/a/")
        ],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
    )

"""The calls of the SageMaker SDK that are recorded, one function each.

``tests/sdk/our_calls.py`` holds the same jobs as steps, under the same names. Paths
are relative to ``tests/sdk/files``.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sdk_page
from sagemaker import Session
from sagemaker.dataset_definition.inputs import (
    AthenaDatasetDefinition,
    DatasetDefinition,
    RedshiftDatasetDefinition,
    S3Input,
)
from sagemaker.network import NetworkConfig
from sagemaker.processing import (
    FeatureStoreOutput,
    FrameworkProcessor,
    ProcessingInput,
    ProcessingOutput,
    Processor,
    ScriptProcessor,
)
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.spark.processing import PySparkProcessor, SparkJarProcessor

__all__ = ["CALLS", "CLASSES", "Call"]

CLASSES = (
    Processor,
    ScriptProcessor,
    FrameworkProcessor,
    SKLearnProcessor,
    PySparkProcessor,
    SparkJarProcessor,
    ProcessingInput,
    ProcessingOutput,
    NetworkConfig,
    S3Input,
    DatasetDefinition,
    AthenaDatasetDefinition,
    RedshiftDatasetDefinition,
    FeatureStoreOutput,
)

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


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the SDK.

    Attributes:
        name: Its name, on both sides.
        make: Makes it with a session.
        region: The session's region.
        code: Its code, where it is an example of the page.
    """

    name: str
    make: Callable[[Session], None]
    region: str
    code: str | None = None


CALLS: list[Call] = []
_Make = Callable[[Session], None]


def call(make: _Make, region: str = "eu-west-1") -> _Make:
    """Have a call recorded, under the function's name."""
    CALLS.append(Call(make.__name__, make, region))
    return make


def call_in(region: str) -> Callable[[_Make], _Make]:
    """Have a call recorded in another region."""
    return lambda make: call(make, region)


def run(processor: Processor, **arguments: Any) -> None:
    """Start a job without waiting for its end."""
    processor.run(**arguments, wait=False, logs=False)


def machine(session: Session, **options: Any) -> dict[str, Any]:
    """What every processor is given here."""
    return {
        "role": ROLE,
        "instance_count": 1,
        "instance_type": "ml.m5.xlarge",
        "sagemaker_session": session,
        **options,
    }


def processor(session: Session, **options: Any) -> Processor:
    """A processor on an image of one's own."""
    return Processor(image_uri=IMAGE, **machine(session, **options))


def script(session: Session, **options: Any) -> ScriptProcessor:
    """A script processor on an image of one's own."""
    return ScriptProcessor(
        **{"image_uri": IMAGE, "command": ["python3"], **machine(session, **options)}
    )


def sklearn(session: Session, **options: Any) -> SKLearnProcessor:
    """A scikit-learn processor."""
    return SKLearnProcessor(**{"framework_version": "1.2-1", **machine(session, **options)})


def pyspark(session: Session, **options: Any) -> PySparkProcessor:
    """A PySpark processor."""
    return PySparkProcessor(**{"framework_version": "3.5", **machine(session, **options)})


def spark_jar(session: Session, **options: Any) -> SparkJarProcessor:
    """A Spark jar processor."""
    return SparkJarProcessor(**{"framework_version": "3.5", **machine(session, **options)})


def framework(session: Session, **options: Any) -> FrameworkProcessor:
    """A framework processor on the scikit-learn image."""
    return FrameworkProcessor(
        estimator_cls=SKLearn, **{"framework_version": "1.2-1", **machine(session, **options)}
    )


# The examples of the SDK's page "Amazon SageMaker Processing", in its order.


def documented(example: sdk_page.Example) -> None:
    """Have an example of the page recorded as it stands there."""

    def make(session: Session) -> None:
        here = {"sagemaker_session": session}
        exec(  # noqa: S102 # the project's own page
            example.theirs,
            {
                "SKLearnProcessor": functools.partial(SKLearnProcessor, **here),
                "PySparkProcessor": functools.partial(PySparkProcessor, **here),
                "SparkJarProcessor": functools.partial(SparkJarProcessor, **here),
                "ProcessingInput": ProcessingInput,
                "ProcessingOutput": ProcessingOutput,
                "role": ROLE,
            },
        )

    CALLS.append(Call(example.name, make, "eu-west-1", example.theirs))


for one in sdk_page.examples(sdk_page.V2).values():
    documented(one)


# Processor: what every job has.


@call
def processor_alone(session: Session) -> None:
    run(processor(session))


@call
def processor_entrypoint_and_arguments(session: Session) -> None:
    run(processor(session, entrypoint=["python3", "-m", "job"]), arguments=["--day", "2026-01-02"])


@call
def processor_resources(session: Session) -> None:
    run(
        processor(
            session,
            instance_count=3,
            instance_type="ml.r5.2xlarge",
            volume_size_in_gb=100,
            volume_kms_key=KEY,
            max_runtime_in_seconds=3600,
        )
    )


@call
def processor_output_key(session: Session) -> None:
    run(
        processor(session, output_kms_key=OTHER_KEY),
        outputs=[ProcessingOutput(output_name="out", source=OUTPUT, destination="s3://data/out")],
    )


@call
def processor_output_key_without_outputs(session: Session) -> None:
    run(processor(session, output_kms_key=OTHER_KEY))


@call
def processor_environment(session: Session) -> None:
    run(processor(session, env={"STAGE": "prod", "EMPTY": ""}))


@call
def processor_tags(session: Session) -> None:
    run(processor(session, tags=[{"Key": "team", "Value": "data"}, {"Key": "cost", "Value": "7"}]))


@call
def processor_tags_as_mapping(session: Session) -> None:
    run(processor(session, tags={"team": "data"}))


@call
def processor_experiment(session: Session) -> None:
    run(
        processor(session),
        experiment_config={
            "ExperimentName": "flights",
            "TrialName": "first",
            "TrialComponentDisplayName": "clean",
            "RunName": "run-1",
        },
    )


@call
def processor_job_name(session: Session) -> None:
    run(processor(session), job_name="one-of-my-own")


@call
def processor_base_job_name(session: Session) -> None:
    run(processor(session, base_job_name="nightly"))


@call
def processor_long_base_job_name(session: Session) -> None:
    run(processor(session, base_job_name="a-name-that-is-longer-than-any-job-name-may-be-at-all"))


@call
def processor_base_job_name_not_allowed(session: Session) -> None:
    run(processor(session, base_job_name="nightly_run"))


@call
def processor_base_job_name_in_capitals(session: Session) -> None:
    run(processor(session, base_job_name="Nightly"))


@call
def processor_key_on_local_storage(session: Session) -> None:
    run(processor(session, instance_type="ml.g5.xlarge", volume_kms_key=KEY))


@call
def processor_role_by_name(session: Session) -> None:
    run(processor(session, role="ProcessingRole"))


@call
def processor_made_role(session: Session) -> None:
    run(processor(session))


@call
def processor_network_nothing_chosen(session: Session) -> None:
    run(processor(session, network_config=NetworkConfig()))


@call
def processor_network_isolation(session: Session) -> None:
    run(processor(session, network_config=NetworkConfig(enable_network_isolation=True)))


@call
def processor_network_encryption(session: Session) -> None:
    run(processor(session, network_config=NetworkConfig(encrypt_inter_container_traffic=True)))


@call
def processor_network_not_encrypted(session: Session) -> None:
    run(processor(session, network_config=NetworkConfig(encrypt_inter_container_traffic=False)))


@call
def processor_network_vpc(session: Session) -> None:
    run(
        processor(
            session,
            network_config=NetworkConfig(
                security_group_ids=["sg-0123456789abcdef0"],
                subnets=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            ),
        )
    )


@call
def processor_network_everything(session: Session) -> None:
    run(
        processor(
            session,
            network_config=NetworkConfig(
                enable_network_isolation=True,
                security_group_ids=["sg-0123456789abcdef0"],
                subnets=["subnet-0123456789abcdef0"],
                encrypt_inter_container_traffic=True,
            ),
        )
    )


@call
def processor_network_subnets_alone(session: Session) -> None:
    run(processor(session, network_config=NetworkConfig(subnets=["subnet-0123456789abcdef0"])))


@call
def processor_argument_too_long(session: Session) -> None:
    run(processor(session), arguments=["a" * 257])


@call
def processor_no_arguments(session: Session) -> None:
    run(processor(session), arguments=[])


# Inputs.


@call
def inputs_named_and_not(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput("s3://raw/a/", f"{INPUT}/a", input_name="a"),
            ProcessingInput("s3://raw/b.csv", f"{INPUT}/b"),
            ProcessingInput(source="s3://raw/c", destination=f"{INPUT}/c"),
        ],
    )


@call
def inputs_manifest(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput("s3://raw/list.manifest", f"{INPUT}/a", s3_data_type="ManifestFile")
        ],
    )


@call
def inputs_pipe_and_gzip(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput(
                "s3://raw/a/", f"{INPUT}/a", s3_input_mode="Pipe", s3_compression_type="Gzip"
            )
        ],
    )


@call
def inputs_gzip_without_pipe(session: Session) -> None:
    run(
        processor(session),
        inputs=[ProcessingInput("s3://raw/a/", f"{INPUT}/a", s3_compression_type="Gzip")],
    )


@call
def inputs_fast_file(session: Session) -> None:
    run(
        processor(session),
        inputs=[ProcessingInput("s3://raw/a/", f"{INPUT}/a", s3_input_mode="FastFile")],
    )


@call
def inputs_sharded(session: Session) -> None:
    run(
        processor(session, instance_count=2),
        inputs=[
            ProcessingInput("s3://raw/a/", f"{INPUT}/a", s3_data_distribution_type="ShardedByS3Key")
        ],
    )


@call
def inputs_local_file(session: Session) -> None:
    run(processor(session), inputs=[ProcessingInput("data/a.csv", f"{INPUT}/a")])


@call
def inputs_local_folder(session: Session) -> None:
    run(processor(session), inputs=[ProcessingInput("data", f"{INPUT}/a", input_name="flights")])


@call
def inputs_s3_input(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput(
                input_name="a", s3_input=S3Input(s3_uri="s3://raw/a/", local_path=f"{INPUT}/a")
            )
        ],
    )


@call
def inputs_s3_input_everything(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput(
                input_name="a",
                s3_input=S3Input(
                    s3_uri="s3://raw/a.manifest",
                    local_path=f"{INPUT}/a",
                    s3_data_type="ManifestFile",
                    s3_input_mode="Pipe",
                    s3_data_distribution_type="ShardedByS3Key",
                    s3_compression_type="Gzip",
                ),
            )
        ],
    )


@call
def inputs_athena(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput(
                input_name="flights",
                dataset_definition=DatasetDefinition(
                    data_distribution_type="FullyReplicated",
                    input_mode="File",
                    local_path=f"{INPUT}/flights",
                    athena_dataset_definition=AthenaDatasetDefinition(
                        catalog="AwsDataCatalog",
                        database="flights",
                        query_string="SELECT * FROM flights",
                        output_s3_uri="s3://data/athena/",
                        work_group="primary",
                        kms_key_id=KEY,
                        output_format="PARQUET",
                        output_compression="SNAPPY",
                    ),
                ),
            )
        ],
    )


@call
def inputs_athena_defaults(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput(
                input_name="flights",
                dataset_definition=DatasetDefinition(
                    local_path=f"{INPUT}/flights",
                    athena_dataset_definition=AthenaDatasetDefinition(
                        catalog="AwsDataCatalog",
                        database="flights",
                        query_string="SELECT * FROM flights",
                        output_s3_uri="s3://data/athena/",
                        output_format="TEXTFILE",
                    ),
                ),
            )
        ],
    )


@call
def inputs_redshift(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput(
                input_name="flights",
                dataset_definition=DatasetDefinition(
                    data_distribution_type="ShardedByS3Key",
                    input_mode="Pipe",
                    local_path=f"{INPUT}/flights",
                    redshift_dataset_definition=RedshiftDatasetDefinition(
                        cluster_id="warehouse",
                        database="flights",
                        db_user="reader",
                        query_string="SELECT * FROM flights",
                        cluster_role_arn="arn:aws:iam::111122223333:role/RedshiftUnload",
                        output_s3_uri="s3://data/redshift/",
                        kms_key_id=KEY,
                        output_format="PARQUET",
                        output_compression="ZSTD",
                    ),
                ),
            )
        ],
    )


@call
def inputs_app_managed(session: Session) -> None:
    run(
        processor(session),
        inputs=[ProcessingInput("s3://raw/a/", f"{INPUT}/a", input_name="a", app_managed=True)],
    )


@call
def inputs_too_many(session: Session) -> None:
    run(
        processor(session),
        inputs=[ProcessingInput(f"s3://raw/{at}/", f"{INPUT}/{at}") for at in range(11)],
    )


@call
def inputs_of_one_name(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput("s3://raw/a/", f"{INPUT}/a", input_name="a"),
            ProcessingInput("s3://raw/b/", f"{INPUT}/b", input_name="a"),
        ],
    )


@call
def inputs_at_one_path(session: Session) -> None:
    run(
        processor(session),
        inputs=[
            ProcessingInput("s3://raw/a/", f"{INPUT}/a"),
            ProcessingInput("s3://raw/b/", f"{INPUT}/a"),
        ],
    )


# Outputs.


@call
def outputs_with_destination(session: Session) -> None:
    run(
        processor(session),
        outputs=[
            ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a"),
            ProcessingOutput(source=f"{OUTPUT}/b", destination="s3://data/b", output_name="b"),
        ],
    )


@call
def outputs_without_destination(session: Session) -> None:
    run(processor(session), outputs=[ProcessingOutput(f"{OUTPUT}/a", output_name="a")])


@call
def outputs_without_name(session: Session) -> None:
    run(
        processor(session),
        outputs=[
            ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/"),
            ProcessingOutput(f"{OUTPUT}/b", "s3://data/b/"),
        ],
    )


@call
def outputs_continuous(session: Session) -> None:
    run(
        processor(session),
        outputs=[
            ProcessingOutput(
                f"{OUTPUT}/a", "s3://data/a/", output_name="a", s3_upload_mode="Continuous"
            )
        ],
    )


@call
def outputs_app_managed(session: Session) -> None:
    run(
        processor(session),
        outputs=[
            ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a", app_managed=True)
        ],
    )


@call
def outputs_to_feature_store(session: Session) -> None:
    run(
        processor(session),
        outputs=[
            ProcessingOutput(
                output_name="features",
                app_managed=True,
                feature_store_output=FeatureStoreOutput(feature_group_name="flights"),
            )
        ],
    )


@call
def outputs_to_feature_store_and_s3(session: Session) -> None:
    run(
        processor(session),
        outputs=[
            ProcessingOutput(
                f"{OUTPUT}/features",
                "s3://data/features/",
                output_name="features",
                app_managed=True,
                feature_store_output=FeatureStoreOutput(feature_group_name="flights"),
            )
        ],
    )


# ScriptProcessor.


@call
def script_of_this_machine(session: Session) -> None:
    run(script(session), code="preprocess.py")


@call
def script_on_s3(session: Session) -> None:
    run(script(session), code="s3://code/jobs/preprocess.py")


@call
def script_command(session: Session) -> None:
    run(script(session, command=["spark-submit", "--verbose"]), code="preprocess.py")


@call
def script_with_everything(session: Session) -> None:
    run(
        script(
            session,
            instance_count=2,
            instance_type="ml.c5.xlarge",
            volume_size_in_gb=50,
            volume_kms_key=KEY,
            output_kms_key=OTHER_KEY,
            max_runtime_in_seconds=600,
            base_job_name="nightly",
            env={"STAGE": "prod"},
            tags=[{"Key": "team", "Value": "data"}],
            network_config=NetworkConfig(enable_network_isolation=True),
        ),
        code="code/preprocess.py",
        inputs=[
            ProcessingInput("s3://raw/a/", f"{INPUT}/a"),
            ProcessingInput("data/a.csv", f"{INPUT}/b", input_name="b"),
        ],
        outputs=[ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a")],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
        kms_key=KEY,
    )


@call
def script_is_a_folder(session: Session) -> None:
    run(script(session), code="source")


@call
def script_missing(session: Session) -> None:
    run(script(session), code="nowhere.py")


# SKLearnProcessor.


@call
def sklearn_alone(session: Session) -> None:
    run(sklearn(session), code="preprocess.py")


@call
def sklearn_older_version(session: Session) -> None:
    run(sklearn(session, framework_version="0.23-1"), code="preprocess.py")


@call
def sklearn_unknown_version(session: Session) -> None:
    run(sklearn(session, framework_version="9.9-9"), code="preprocess.py")


@call
def sklearn_command(session: Session) -> None:
    run(sklearn(session, command=["python3", "-u"]), code="preprocess.py")


@call_in("cn-north-1")
def sklearn_in_china(session: Session) -> None:
    run(
        sklearn(session, role="arn:aws-cn:iam::111122223333:role/ProcessingRole"),
        code="preprocess.py",
    )


@call
def sklearn_with_everything(session: Session) -> None:
    run(
        sklearn(
            session,
            instance_count=2,
            instance_type="ml.c5.xlarge",
            volume_size_in_gb=50,
            volume_kms_key=KEY,
            output_kms_key=OTHER_KEY,
            max_runtime_in_seconds=600,
            base_job_name="nightly",
            env={"STAGE": "prod"},
            tags=[{"Key": "team", "Value": "data"}],
            network_config=NetworkConfig(
                encrypt_inter_container_traffic=True,
                security_group_ids=["sg-0123456789abcdef0"],
                subnets=["subnet-0123456789abcdef0"],
            ),
        ),
        code="s3://code/jobs/preprocess.py",
        inputs=[
            ProcessingInput("s3://raw/a/", f"{INPUT}/a", s3_data_distribution_type="ShardedByS3Key")
        ],
        outputs=[
            ProcessingOutput(
                f"{OUTPUT}/a", "s3://data/a/", output_name="a", s3_upload_mode="Continuous"
            )
        ],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights", "TrialName": "first"},
    )


# PySparkProcessor.


@call
def pyspark_alone(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py")


@call
def pyspark_app_on_s3(session: Session) -> None:
    run(pyspark(session), submit_app="s3://code/jobs/preprocess.py")


@call
def pyspark_versions_pinned(session: Session) -> None:
    run(
        pyspark(session, framework_version="3.3", py_version="py39", container_version="1.2"),
        submit_app="preprocess.py",
    )


@call
def pyspark_python_alone(session: Session) -> None:
    run(pyspark(session, py_version="py39"), submit_app="preprocess.py")


@call
def pyspark_unknown_version(session: Session) -> None:
    run(pyspark(session, framework_version="9.9"), submit_app="preprocess.py")


@call
def pyspark_unknown_container_version(session: Session) -> None:
    run(
        pyspark(session, py_version="py39", container_version="latest"),
        submit_app="preprocess.py",
    )


@call_in("us-gov-west-1")
def pyspark_in_government_region(session: Session) -> None:
    run(
        pyspark(session, role="arn:aws-us-gov:iam::111122223333:role/ProcessingRole"),
        submit_app="preprocess.py",
    )


@call
def pyspark_py_files_on_s3(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        submit_py_files=["s3://dep/b.zip", "s3://dep/a.py"],
    )


@call
def pyspark_py_files_mixed(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        submit_py_files=["module.py", "s3://dep/b.zip"],
    )


@call
def pyspark_package(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", submit_py_files=["flights"])


@call
def pyspark_jars_mixed(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        submit_jars=["lib.jar", "s3://dep/a.jar", "s3a://dep/b.jar", "lib2.jar"],
    )


@call
def pyspark_jars_folder(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", submit_jars=["jars"])


@call
def pyspark_files_of_one_name(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", submit_jars=["lib.jar", "other/lib.jar"])


@call
def pyspark_dependency_missing(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", submit_files=["nowhere.txt"])


@call
def pyspark_dependency_by_https(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        submit_jars=["https://repo.example.com/a.jar"],
    )


@call
def pyspark_long_list(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        submit_jars=[f"s3://dep/a-folder-with-a-long-name/{at}.jar" for at in range(8)],
    )


@call
def pyspark_long_list_and_configuration(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        submit_files=[f"s3://dep/a-folder-with-a-long-name/{at}.txt" for at in range(8)],
        configuration=[DEFAULTS],
    )


@call
def pyspark_configuration_of_one(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", configuration=DEFAULTS)


@call
def pyspark_configuration_of_several(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", configuration=[DEFAULTS, ENVIRONMENT])


@call
def pyspark_configuration_unknown(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        configuration=[{"Classification": "spark-default", "Properties": {}}],
    )


@call
def pyspark_configuration_without_properties(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        configuration=[{"Classification": "spark-defaults"}],
    )


@call
def pyspark_configuration_nested_unknown(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        configuration=[
            {
                "Classification": "spark-env",
                "Properties": {},
                "Configurations": [{"Classification": "exports", "Properties": {"A": "1"}}],
            }
        ],
    )


@call
def pyspark_rolling_event_logs(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        configuration=[
            {
                "Classification": "spark-defaults",
                "Properties": {"spark.eventLog.rolling.enabled": "true"},
            }
        ],
        spark_event_logs_s3_uri=EVENTS,
    )


@call
def pyspark_event_logs(session: Session) -> None:
    run(pyspark(session), submit_app="preprocess.py", spark_event_logs_s3_uri=EVENTS)


@call
def pyspark_event_logs_and_outputs(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        outputs=[ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a")],
        spark_event_logs_s3_uri=EVENTS,
    )


@call
def pyspark_event_logs_by_s3a(session: Session) -> None:
    run(
        pyspark(session),
        submit_app="preprocess.py",
        spark_event_logs_s3_uri="s3a://your-bucket/events",
    )


@call
def pyspark_locations(session: Session) -> None:
    run(
        pyspark(
            session,
            configuration_location="s3://conf/spark/",
            dependency_location="s3://dep/spark",
        ),
        submit_app="preprocess.py",
        submit_jars=["lib.jar"],
        configuration=[DEFAULTS],
    )


@call
def pyspark_with_everything(session: Session) -> None:
    run(
        pyspark(
            session,
            framework_version="3.3",
            instance_count=3,
            instance_type="ml.r5.2xlarge",
            volume_size_in_gb=50,
            volume_kms_key=KEY,
            output_kms_key=OTHER_KEY,
            max_runtime_in_seconds=600,
            base_job_name="nightly",
            env={"AWS_SPARK_CONFIG_MODE": "2"},
            tags=[{"Key": "team", "Value": "data"}],
            network_config=NetworkConfig(
                enable_network_isolation=False,
                security_group_ids=["sg-0123456789abcdef0"],
                subnets=["subnet-0123456789abcdef0"],
                encrypt_inter_container_traffic=True,
            ),
        ),
        submit_app="s3://code/jobs/preprocess.py",
        submit_py_files=["module.py", "s3://dep/p.zip"],
        submit_jars=["s3://dep/a.jar", "lib.jar"],
        submit_files=["file.txt"],
        inputs=[ProcessingInput("s3://raw/a/", f"{INPUT}/a")],
        outputs=[ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a")],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
        configuration=[DEFAULTS, ENVIRONMENT],
        spark_event_logs_s3_uri=EVENTS,
        kms_key=KEY,
    )


# SparkJarProcessor.


@call
def spark_jar_alone(session: Session) -> None:
    run(spark_jar(session), submit_app="preprocessing.jar", submit_class="com.example.Main")


@call
def spark_jar_on_s3(session: Session) -> None:
    run(
        spark_jar(session),
        submit_app="s3://code/jobs/preprocessing.jar",
        submit_class="com.example.Main",
    )


@call
def spark_jar_without_class(session: Session) -> None:
    run(spark_jar(session), submit_app="preprocessing.jar", submit_class="")


@call
def spark_jar_dependencies(session: Session) -> None:
    run(
        spark_jar(session),
        submit_app="preprocessing.jar",
        submit_class="com.example.Main",
        submit_jars=["s3://dep/a.jar", "lib.jar"],
        submit_files=["file.txt"],
    )


@call
def spark_jar_with_everything(session: Session) -> None:
    run(
        spark_jar(
            session,
            framework_version="3.3",
            py_version="py39",
            container_version="1.2",
            instance_count=3,
            instance_type="ml.r5.2xlarge",
            volume_size_in_gb=50,
            volume_kms_key=KEY,
            output_kms_key=OTHER_KEY,
            max_runtime_in_seconds=600,
            base_job_name="nightly",
            env={"AWS_SPARK_CONFIG_MODE": "2"},
            tags=[{"Key": "team", "Value": "data"}],
            network_config=NetworkConfig(enable_network_isolation=True),
        ),
        submit_app="preprocessing.jar",
        submit_class="com.example.Main",
        submit_jars=["lib.jar", "lib2.jar"],
        submit_files=["s3://dep/lookup.csv"],
        inputs=[ProcessingInput("s3://raw/a/", f"{INPUT}/a")],
        outputs=[ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a")],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
        configuration=DEFAULTS,
        spark_event_logs_s3_uri=EVENTS,
    )


# FrameworkProcessor.


@call
def framework_script(session: Session) -> None:
    run(framework(session), code="preprocess.py")


@call
def framework_source_dir(session: Session) -> None:
    run(framework(session), code="main.py", source_dir="source")


@call
def framework_requirements(session: Session) -> None:
    run(framework(session), code="main.py", source_dir="source_with_requirements")


@call
def framework_dependencies(session: Session) -> None:
    run(framework(session), code="main.py", source_dir="source", dependencies=["common"])


@call
def framework_command(session: Session) -> None:
    run(framework(session, command=["python3", "-u"]), code="main.py", source_dir="source")


@call
def framework_image(session: Session) -> None:
    run(framework(session, image_uri=IMAGE), code="main.py", source_dir="source")


@call
def framework_script_not_in_source_dir(session: Session) -> None:
    run(framework(session), code="preprocess.py", source_dir="source")


@call
def framework_source_dir_on_s3(session: Session) -> None:
    run(framework(session), code="main.py", source_dir="s3://code/jobs/sourcedir.tar.gz")


@call
def framework_with_everything(session: Session) -> None:
    run(
        framework(
            session,
            instance_count=2,
            volume_size_in_gb=50,
            volume_kms_key=KEY,
            output_kms_key=OTHER_KEY,
            code_location="s3://code/framework/",
            max_runtime_in_seconds=600,
            base_job_name="nightly",
            env={"STAGE": "prod"},
            tags=[{"Key": "team", "Value": "data"}],
            network_config=NetworkConfig(enable_network_isolation=True),
        ),
        code="main.py",
        source_dir="source",
        dependencies=["common", "module.py"],
        inputs=[ProcessingInput("s3://raw/a/", f"{INPUT}/a")],
        outputs=[ProcessingOutput(f"{OUTPUT}/a", "s3://data/a/", output_name="a")],
        arguments=["--day", "2026-01-02"],
        experiment_config={"ExperimentName": "flights"},
    )

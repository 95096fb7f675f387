"""A pipeline of three jobs: scikit-learn, then PySpark, then a Spark jar; and Spark's pages."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

import cdk_sagemaker_processing as processing
from stacks.flights.data import flights_file

JOBS = Path(__file__).parent / "jobs"
# Tables this small need few partitions, not Spark's 200.
SMALL_TABLES = [
    {"Classification": "spark-defaults", "Properties": {"spark.sql.shuffle.partitions": "4"}}
]


class FlightsStack(cdk.Stack):
    """Clean and split a year of flights, build features, report delays.

    Args:
        scope: The app or stage the stack is in.
        construct_id: The stack's id.
        **kwargs: What every ``cdk.Stack`` takes, such as ``env``.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        storage = processing.ProcessingStorage(self, "Storage")

        split = processing.SKLearnStep(
            self,
            "Split",
            framework_version="1.2-1",
            code=str(JOBS / "split.py"),
            inputs=[
                # A local file: uploaded by `cdk deploy`.
                processing.ProcessingInput(str(flights_file()), "/opt/ml/processing/input/flights")
            ],
            outputs=[processing.ProcessingOutput("train"), processing.ProcessingOutput("test")],
            arguments=["--train-test-split-ratio", "0.2"],
            storage=storage,
        )

        # Each instance of a job has its own /opt/ml/processing, so these two run on one instance.
        # Jobs for several read and write s3a:// URIs instead.
        features = processing.PySparkStep(
            self,
            "Features",
            framework_version="3.5",
            submit_app=str(JOBS / "features.py"),
            submit_py_files=[str(JOBS / "flightlib")],
            inputs=[
                processing.ProcessingInput(split.output("train")),
                processing.ProcessingInput(split.output("test")),
            ],
            outputs=[processing.ProcessingOutput("features")],
            arguments=["--run", sfn.JsonPath.execution_name],
            configuration=SMALL_TABLES,
            instance_count=1,
            storage=storage,
        )

        delays = processing.SparkJarStep(
            self,
            "Delays",
            framework_version="3.5",
            submit_app=str(JOBS / "delays" / "delays.jar"),
            submit_class="flights.Delays",
            inputs=[
                processing.ProcessingInput(split.output("train")),
                processing.ProcessingInput(split.output("test")),
            ],
            outputs=[processing.ProcessingOutput("delays")],
            arguments=[
                "/opt/ml/processing/output/delays",
                "/opt/ml/processing/input/train",
                "/opt/ml/processing/input/test",
            ],
            configuration=SMALL_TABLES,
            instance_count=1,
            storage=storage,
        )

        processing.ProcessingWorkflow(
            self, "Pipeline", definition=split.next(features).next(delays)
        )
        # Shows the two Spark jobs, while they run too: sagemaker-processing history open
        processing.SparkHistoryServer(self, "History", event_logs=storage.event_logs)

"""A job that writes files, two jobs side by side for each file, and one that gathers them."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

import cdk_sagemaker_processing as processing
from stacks.flights.data import flights_file

JOBS = Path(__file__).parent / "jobs"
WEATHER = flights_file().with_name("weather.csv")
FILES_AT_A_TIME = 2
# Tables this small need few partitions, not Spark's 200.
SMALL_TABLES = [
    {"Classification": "spark-defaults", "Properties": {"spark.sql.shuffle.partitions": "4"}}
]


class FanOutStack(cdk.Stack):
    """Fit a model to, and sum up, a year of weather at each airport.

    Args:
        scope: The app or stage the stack is in.
        construct_id: The stack's id.
        **kwargs: What every ``cdk.Stack`` takes, such as ``env``.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._storage = processing.ProcessingStorage(self, "Storage")

        # An iteration is an execution of its own, so places under the execution's name, where
        # outputs lie by default, would be of the iteration: the run's name is handed on instead.
        run = processing.Execution.name()
        split = processing.SKLearnStep(
            self,
            "ByAirport",
            framework_version="1.2-1",
            code=str(JOBS / "by_airport.py"),
            inputs=[
                processing.ProcessingInput(str(WEATHER), "/opt/ml/processing/input/weather"),
            ],
            outputs=[
                processing.ProcessingOutput("airports", destination=self._uri(run, "airports"))
            ],
            storage=self._storage,
        )
        collect = processing.SKLearnStep(
            self,
            "Collect",
            framework_version="1.2-1",
            code=str(JOBS / "collect.py"),
            inputs=[
                processing.ProcessingInput(self._uri(run, name), f"/opt/ml/processing/input/{name}")
                for name in ("fits", "months")
            ],
            outputs=[processing.ProcessingOutput("report")],
            storage=self._storage,
        )
        processing.ProcessingWorkflow(
            self, "Weather", definition=split.next(self._each_file()).next(collect)
        )

    def _each_file(self) -> sfn.DistributedMap:
        """An iteration for each file below the prefix that the first job writes to."""
        key = sfn.JsonPath.string_split(sfn.JsonPath.string_at("$$.Map.Item.Value.Key"), "/")
        each = sfn.DistributedMap(
            self,
            "EachFile",
            item_reader=sfn.S3ObjectsItemReader(
                bucket=self._storage.outputs,
                prefix=sfn.JsonPath.format("weather/airports/{}/", sfn.JsonPath.execution_name),
            ),
            item_selector={
                "run": sfn.JsonPath.execution_name,
                "file": sfn.JsonPath.array_get_item(key, 3),
            },
            max_concurrency=FILES_AT_A_TIME,
            result_path=sfn.JsonPath.DISCARD,
        )
        both = sfn.Parallel(self, "FitAndSumUp", result_path=sfn.JsonPath.DISCARD)
        return each.item_processor(both.branch(self._fit()).branch(self._sum_up()))

    def _fit(self) -> processing.SKLearnStep:
        return processing.SKLearnStep(
            self,
            "Fit",
            framework_version="1.2-1",
            code=str(JOBS / "fit.py"),
            dependencies=[str(JOBS / "weatherlib")],
            inputs=[self._file()],
            outputs=[self._of_file("fits")],
            storage=self._storage,
        )

    def _sum_up(self) -> processing.PySparkStep:
        return processing.PySparkStep(
            self,
            "SumUp",
            framework_version="3.5",
            submit_app=str(JOBS / "sum_up.py"),
            submit_py_files=[str(JOBS / "weatherlib")],
            inputs=[self._file()],
            outputs=[self._of_file("months")],
            configuration=SMALL_TABLES,
            instance_count=1,
            storage=self._storage,
        )

    def _file(self) -> processing.ProcessingInput:
        run, file = processing.StateInput.text("run"), processing.StateInput.text("file")
        return processing.ProcessingInput(
            f"{self._uri(run, 'airports')}{file}", "/opt/ml/processing/input/airport"
        )

    def _of_file(self, name: str) -> processing.ProcessingOutput:
        run, file = processing.StateInput.text("run"), processing.StateInput.text("file")
        return processing.ProcessingOutput(name, destination=f"{self._uri(run, name)}{file}/")

    def _uri(self, run: str, name: str) -> str:
        # What a role may read and write ends where the run begins.
        return f"s3://{self._storage.outputs.bucket_name}/weather/{name}/{run}/"

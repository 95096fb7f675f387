"""Turn cleaned flights into feature vectors, fitted on the training flights alone.

The features, in the vector's order:

- one 0/1 column for each carrier, origin, destination and part of the day seen in the training
  flights (most frequent first); a test flight with another value has zeros in all of them;
- month, minutes of departure delay, miles flown, days to the nearest US federal holiday.

The paths are plain folders under /opt/ml/processing, which each instance has of its own, so the
job runs on one instance. For several, read and write s3a:// URIs in place of inputs and outputs.
"""

import argparse
import json
from pathlib import Path

from flightlib.holidays import days_to_holiday
from flightlib.schedule import part_of_day
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.sql import DataFrame, SparkSession, functions

PROCESSING = Path("/opt/ml/processing")
SCHEMA = (
    "year INT, month INT, day INT, hour INT, distance INT, dep_delay INT, arr_delay INT,"
    " carrier STRING, origin STRING, dest STRING, late INT"
)
CATEGORIES = ["carrier", "origin", "dest", "part_of_day"]
NUMBERS = ["month", "dep_delay", "distance", "days_to_holiday"]


def local_uri(folder: Path) -> str:
    """Return a folder's URI: without a scheme Spark would look in the cluster's HDFS."""
    return folder.resolve().as_uri()


def read_flights(spark: SparkSession, folder: Path) -> DataFrame:
    """Read cleaned flights and add what ``flightlib`` knows about them.

    Raises:
        FileNotFoundError: The folder holds no CSV file.
    """
    if not list(folder.glob("*.csv")):
        raise FileNotFoundError(f"{folder} holds no .csv file: is it an output of the Split step?")
    # enforceSchema=False compares the files' headers with the schema, which is else by position.
    flights = spark.read.csv(local_uri(folder), schema=SCHEMA, header=True, enforceSchema=False)
    holiday = functions.udf(days_to_holiday, "int")
    part = functions.udf(part_of_day, "string")
    return flights.withColumn("days_to_holiday", holiday("year", "month", "day")).withColumn(
        "part_of_day", part("hour")
    )


def pipeline() -> Pipeline:
    """Return the stages from flights to vectors, not fitted yet."""
    indexes = [f"{name}_index" for name in CATEGORIES]
    vectors = [f"{name}_vector" for name in CATEGORIES]
    return Pipeline(
        stages=[
            StringIndexer(inputCols=CATEGORIES, outputCols=indexes, handleInvalid="keep"),
            # The index that is dropped is the last one: that of values not seen in training.
            OneHotEncoder(inputCols=indexes, outputCols=vectors, dropLast=True),
            VectorAssembler(inputCols=[*vectors, *NUMBERS], outputCol="features"),
        ]
    )


def feature_names(model: PipelineModel) -> list:
    """Name the vector's columns, in its order."""
    seen = zip(CATEGORIES, model.stages[0].labelsArray)
    return [f"{name}={value}" for name, values in seen for value in values] + NUMBERS


def write_features(flights: DataFrame, folder: Path) -> dict:
    """Write label and vector as Parquet, and count what was written."""
    uri = local_uri(folder)
    flights.select("late", "features").write.mode("overwrite").parquet(uri)
    written = flights.sparkSession.read.parquet(uri)
    rows, late = written.agg(functions.count("*"), functions.sum("late")).first()
    print(f"  {rows:>9,} vectors, {late / rows:.1%} of late flights, in {folder}")
    return {"rows": rows, "late": late}


def parse_arguments() -> argparse.Namespace:
    """Read the command line; the folders' defaults are where SageMaker mounts them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", default="", help="a name for the summary: the execution's")
    parser.add_argument("--train", type=Path, default=PROCESSING / "input/train")
    parser.add_argument("--test", type=Path, default=PROCESSING / "input/test")
    parser.add_argument("--features", type=Path, default=PROCESSING / "output/features")
    return parser.parse_args()


def main() -> None:
    """Read, fit on the training flights, transform both parts, write and summarize."""
    arguments = parse_arguments()
    spark = SparkSession.builder.appName("flights-features").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")

    print(f"Fitting on the flights of {arguments.train}", flush=True)
    train = read_flights(spark, arguments.train).cache()
    model = pipeline().fit(train)
    names = feature_names(model)
    print(f"  {len(names):>9,} features a flight")

    print("Writing vectors", flush=True)
    counts = {
        "train": write_features(model.transform(train), arguments.features / "train"),
        "test": write_features(
            model.transform(read_flights(spark, arguments.test)), arguments.features / "test"
        ),
    }
    summary = {"run": arguments.run, **counts, "features": names}
    (arguments.features / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    spark.stop()


if __name__ == "__main__":
    main()

"""Sum up an airport's year of weather by month: hours, temperature, coldest wind chill, rain.

The paths are plain folders under /opt/ml/processing, which each instance has of its own, so the
job runs on one instance. For several, read and write s3a:// URIs in place of inputs and outputs.
"""

import argparse
import csv
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession, functions
from weatherlib.chill import wind_chill

PROCESSING = Path("/opt/ml/processing")


def by_month(weather: DataFrame) -> DataFrame:
    """Return a row a month."""
    chill = functions.udf(wind_chill, "double")
    number = {name: functions.col(name).cast("double") for name in ("temp", "wind_speed", "precip")}
    return (
        weather.withColumn("chill", chill(number["temp"], number["wind_speed"]))
        .groupBy(
            functions.col("origin").alias("airport"),
            functions.col("month").cast("int").alias("month"),
        )
        .agg(
            functions.count("*").alias("hours"),
            functions.round(functions.avg(number["temp"]), 2).alias("mean_temp"),
            functions.min("chill").alias("coldest_chill"),
            functions.round(functions.sum(number["precip"]), 2).alias("rain_inches"),
        )
        .orderBy("month")
    )


def main() -> None:
    """Read, sum up and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--airport", type=Path, default=PROCESSING / "input/airport")
    parser.add_argument("--months", type=Path, default=PROCESSING / "output/months")
    arguments = parser.parse_args()
    spark = SparkSession.builder.appName("sum up weather").getOrCreate()
    # A URI: without a scheme Spark would look in the cluster's HDFS.
    months = by_month(spark.read.csv(arguments.airport.resolve().as_uri(), header=True))
    arguments.months.mkdir(parents=True, exist_ok=True)
    with (arguments.months / "months.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(months.columns)
        writer.writerows(months.collect())
    spark.stop()


if __name__ == "__main__":
    main()

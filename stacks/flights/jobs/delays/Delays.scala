package flights

import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path, Paths}

import org.apache.spark.sql.{DataFrame, SparkSession}
import org.apache.spark.sql.functions.{avg, col, count, lit}

/** Reports how late flights arrive: one line a carrier, origin and month, in one CSV file.
  *
  * Arguments: the folder to write `delays.csv` to, then the folders of cleaned flights to read,
  * all local to the instance. The counts are exact; `mean_arr_delay` is in minutes, and
  * `share_late` is the share of flights with `late` = 1.
  */
object Delays {
  private val Keys = Seq("carrier", "origin", "month")
  private val Values = Seq("arr_delay", "late")

  def main(args: Array[String]): Unit = {
    require(args.length >= 2, "usage: Delays OUTPUT_FOLDER INPUT_FOLDER...")
    val spark = SparkSession.builder.appName("flights-delays").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    val folders = args.map(Paths.get(_))
    println(s"Reading flights from ${folders.tail.mkString(", ")}")
    val lines = csv(report(read(spark, folders.tail)))
    val file = write(folders.head, lines)
    println(f"  ${lines.length - 1}%9d carriers, origins and months, in $file")
    spark.stop()
  }

  private def read(spark: SparkSession, folders: Array[Path]): DataFrame = {
    // Without a scheme Spark would look in the cluster's HDFS.
    val flights = spark.read.option("header", "true").csv(folders.map(_.toUri.toString): _*)
    val missing = (Keys ++ Values).filterNot(flights.columns.contains(_))
    require(
      missing.isEmpty,
      s"the flights lack the columns ${missing.mkString(", ")}: are they an output of Split?"
    )
    flights
  }

  private def report(flights: DataFrame): DataFrame =
    flights
      .withColumn("month", col("month").cast("int"))
      .groupBy(Keys.map(col(_)): _*)
      .agg(
        count(lit(1)).as("flights"),
        avg(col("arr_delay").cast("int")).cast("decimal(12,2)").as("mean_arr_delay"),
        avg(col("late").cast("int")).cast("decimal(6,4)").as("share_late")
      )
      .orderBy(Keys.map(col(_)): _*)

  private def csv(report: DataFrame): Array[String] =
    report.columns.mkString(",") +: report.collect().map(_.mkString(","))

  private def write(folder: Path, lines: Array[String]): Path = {
    Files.createDirectories(folder)
    Files.write(folder.resolve("delays.csv"), (lines.mkString("\n") + "\n").getBytes(UTF_8))
  }
}

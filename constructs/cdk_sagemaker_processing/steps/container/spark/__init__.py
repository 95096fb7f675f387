"""What PySpark and SparkJar steps share: the contract of SageMaker's Spark container.

Read from aws/sagemaker-spark-container (smspark/cli.py, smspark/config.py,
smspark/bootstrapper.py), and from what Spark 3.5 does on YARN with what that passes on.
"""

from cdk_sagemaker_processing.steps.container.spark.configuration import Configuration
from cdk_sagemaker_processing.steps.container.spark.container import spark_container
from cdk_sagemaker_processing.steps.container.spark.dependencies import files, jars, py_files

__all__ = ["Configuration", "files", "jars", "py_files", "spark_container"]

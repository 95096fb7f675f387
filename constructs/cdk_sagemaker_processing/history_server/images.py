"""The images of the task's containers: public, of a fixed version, for both architectures."""

__all__ = ["PYTHON_IMAGE", "SPARK_IMAGE"]

# Docker's official image of Spark, by Amazon's public registry, which asks for no login. Spark 3.5
# is the line of SageMaker's own images, and what the tests run.
SPARK_IMAGE = "public.ecr.aws/docker/library/spark:3.5.8-scala2.12-java17-ubuntu"

# Lambda's base image of Python holds boto3.
PYTHON_IMAGE = "public.ecr.aws/lambda/python:3.13"

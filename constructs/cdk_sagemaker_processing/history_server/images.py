"""The images of the task's containers: public, of a fixed version, for both architectures."""

__all__ = ["IMAGES_GIB", "PYTHON_IMAGE", "SPARK_IMAGE"]

# Docker's official image of Spark, by Amazon's public registry, which asks for no login. Spark 3.5
# is the line of SageMaker's own images, and what the tests run.
SPARK_IMAGE = "public.ecr.aws/docker/library/spark:3.5.8-scala2.12-java17-ubuntu"

# Lambda's base image of Python holds boto3.
PYTHON_IMAGE = "public.ecr.aws/lambda/python:3.13"

IMAGES_GIB = 4
"""What the two take of a task's disk, packed and unpacked: Fargate keeps both on it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
"""

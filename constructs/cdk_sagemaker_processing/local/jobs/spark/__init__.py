"""The contract of SageMaker's Spark container, kept by Apache Spark on one machine.

These modules run in a Spark job's own environment and sandbox, not in the local cloud's process:
they import the standard library, boto3 and one another.
"""

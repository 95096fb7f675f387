"""Spark's History Server as an ECS task on Fargate.

The construct is in `construct`; what runs in its task is data in `containers`, with Spark's
settings from `settings`. Two containers share a volume: the mirror (`mirror`, Python) copies event
logs from S3 to it, Spark's own server (started by `serve.sh`) shows them. `client` starts, reaches
and ends the task, by boto3 alone.
"""

"""A CreateProcessingJob request held as data, and what can be made of it.

This package knows no CDK and asks no service: it turns frozen dataclasses into
Amazon States Language, into a boto3 dict and into a list of problems.
"""

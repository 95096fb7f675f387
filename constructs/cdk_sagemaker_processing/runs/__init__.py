"""Runs of a workflow: followed by boto3 alone, so on AWS and in the local cloud alike."""

"""Finds, starts, reaches and ends a History Server, by boto3 alone: on AWS and locally alike."""

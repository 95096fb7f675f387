"""What is deployed, found by the outputs of its stacks by boto3 alone: on AWS and locally alike."""

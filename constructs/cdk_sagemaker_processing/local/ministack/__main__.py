"""Runs the local AWS in the foreground."""

import sys

from cdk_sagemaker_processing.local.ministack.server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

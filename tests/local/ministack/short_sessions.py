"""Runs the local AWS with sessions of tasks' roles that last for seconds only."""

import sys
from datetime import timedelta

from cdk_sagemaker_processing.local.ministack.server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], task_session=timedelta(seconds=3)))

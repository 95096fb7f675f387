"""Counts words: well, badly, or slowly, as its argument says."""

import pathlib
import sys
import time

COUNTS = pathlib.Path("/opt/ml/processing/output/counts/counts.csv")

words = sys.argv[1]
print("counting", flush=True)  # noqa: T201 - a job speaks to its log by print
if words == "bad":
    raise ValueError("no such words")
if words == "slow":
    time.sleep(600)  # sleeps: a job that runs until it is stopped
COUNTS.write_text("name,count\na,1\nb,2\n")

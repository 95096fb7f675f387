"""The fan-out example: one file an airport, a Parallel of two jobs for each, one report."""

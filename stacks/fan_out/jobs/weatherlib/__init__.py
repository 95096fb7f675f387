"""What the jobs of the fan-out example know of weather: plain functions, without Spark."""

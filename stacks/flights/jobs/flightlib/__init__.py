"""What the flights jobs know about air travel: plain functions, without Spark."""

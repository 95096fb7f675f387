"""The flights example: clean and split, build features, report delays, as one pipeline."""

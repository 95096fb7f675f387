"""What a saved file changes in a local cloud, and the jobs that run again for it."""

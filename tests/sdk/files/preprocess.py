"""What a job runs."""

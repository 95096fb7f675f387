"""What a job runs, beside a module that it imports."""

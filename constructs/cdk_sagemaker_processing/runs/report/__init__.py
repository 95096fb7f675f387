"""What a report of a run tells, gathered by boto3: times, jobs, cost, earlier runs, failures."""

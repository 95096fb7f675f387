"""Parameters of a workflow: what its executions may be given, and how that is checked."""

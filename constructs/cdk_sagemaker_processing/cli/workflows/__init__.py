"""The commands on deployed workflows: `run`, `runs`, `show`, `logs` and their like."""

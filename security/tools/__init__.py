"""One module a tool: each evaluates stacks and returns what it found."""

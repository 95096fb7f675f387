"""Benchmarks: each module measures one part of the project, `python -m benchmarks` runs them."""

"""What the project asks of its own code, as figures: `python -m tools.quality`."""

"""The pictures of README.md and docs/, made by running what they show: ``make pictures``."""

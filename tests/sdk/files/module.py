"""What a PySpark application imports."""

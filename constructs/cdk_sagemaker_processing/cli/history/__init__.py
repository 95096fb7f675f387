"""The commands `history …`: Spark's History Server, found, started and reached."""

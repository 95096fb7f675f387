"""Local clouds as processes: started, found, asked and ended."""

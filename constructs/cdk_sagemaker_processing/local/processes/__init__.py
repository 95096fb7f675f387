"""Programs that run beside this one, and their ports: started, known again, ended."""

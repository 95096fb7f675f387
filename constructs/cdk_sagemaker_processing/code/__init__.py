"""How local files reach a job: under their own names, in one content-addressed prefix."""

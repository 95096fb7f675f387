"""The steps: one file a kind; each says how its kind of job becomes a request."""

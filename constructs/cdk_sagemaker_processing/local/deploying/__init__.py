"""The real CDK CLI, what it needs, and what it makes of an app."""

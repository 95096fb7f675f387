"""Checks for a platform's own apps, of what no tool sees inside state machine definitions.

The plugin is in `plugin`: steps need only what looks like a secret, and load no more.
"""

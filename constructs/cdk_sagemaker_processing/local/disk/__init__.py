"""Folders on this machine: where they are, who works on them, how they are made whole."""

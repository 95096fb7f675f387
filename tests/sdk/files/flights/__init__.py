"""A package that an application imports."""

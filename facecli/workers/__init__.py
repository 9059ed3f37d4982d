"""Processes that do the heavy work, so that one bad file costs one task."""

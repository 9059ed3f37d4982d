"""Weights and calibrations that ship, each with its licence and provenance (PROVENANCE.md)."""

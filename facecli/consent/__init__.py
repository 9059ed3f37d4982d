"""Purposes, subjects and consents, and the gate that decides whether a face may be used."""

"""Whom a probe may show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A subject near a probe. `distance` is that of the nearest template; lower is closer."""

    subject_id: int
    distance: float

"""What enrolment and matching expect of the worker processes: `workers.local.Pool` fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from facecli.recognition.analysis import AnalysisRequest, ImageAnalysis


class Failed(Protocol):
    """A capture that gave no analysis: a reason code, and why in words."""

    @property
    def code(self) -> str:
        """The reason code."""

    @property
    def message(self) -> str:
        """Why, in words."""


class Analysers(Protocol):
    """Analyses captures, in the order in which they come."""

    def map(
        self, tasks: Iterable[AnalysisRequest]
    ) -> Iterator[tuple[AnalysisRequest, ImageAnalysis | Failed]]:
        """Each request with its analysis or why there is none."""

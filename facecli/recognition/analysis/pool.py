"""What enrolment and matching expect of the worker processes: `workers.local.Pool` fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis


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


def capture_failed(path: str, failure: Failed) -> CaptureFailed:
    """The error for a capture that gave no analysis; it names the path once.

    What a worker raised says the path itself; what the pool says of a worker does not.
    """
    why = failure.message.removeprefix(f"{path}: ").removesuffix(".")
    return CaptureFailed(path=path, why=why, reason=failure.code)

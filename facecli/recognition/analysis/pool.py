"""The worker pool that analyses captures, as enrolment and matching see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from facecli.errors.capture import CaptureFailed
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines.engine import EngineSpec
from facecli.workers.answers import Failure
from facecli.workers.cluster import lots


class Analysers(Protocol):
    """Analyse captures in the order in which they come. `workers.local.Pool` is one.

    `workers.cluster.pool.ClusterPool` is another.
    """

    def map(
        self, tasks: Iterable[AnalysisRequest]
    ) -> Iterator[tuple[AnalysisRequest, ImageAnalysis | Failure]]:
        """Yield each request with its analysis, or with the failure of its worker."""


def identity_of(spec: EngineSpec) -> lots.Identity:
    """Return what the workers of a cluster must be to make the templates of this engine."""
    return lots.identity_of(spec.engine_id, (spec.detector, spec.landmarks, spec.network))


def capture_failed(path: str, failure: Failure) -> CaptureFailed:
    """Return the error for a capture without an analysis. It names the path once.

    An error raised in a worker names the path itself; an error of the pool does not.
    """
    why = failure.message.removeprefix(f"{path}: ").removesuffix(".")
    return CaptureFailed(path=path, why=why, reason=failure.code)

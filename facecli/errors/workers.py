"""Errors of worker processes."""

from __future__ import annotations

from facecli.errors.base import FacecliError


class WorkersFailed(FacecliError):
    """Worker processes for images cannot be started: {why}."""

    code = "workers-failed"
    remedy = "Try fewer with --workers 1; FACECLI_DEBUG_WORKERS=1 shows what they print."

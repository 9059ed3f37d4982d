"""Errors of worker processes."""

from __future__ import annotations

from facecli.errors.base import FacecliError
from facecli.errors.shortage import RAISE_LIMIT


class WorkersFailed(FacecliError):
    """Worker processes for images cannot be started: {why}."""

    code = "workers-failed"
    remedy = "Try fewer with --workers 1; FACECLI_DEBUG_WORKERS=1 shows what they print."


class TooLittleForWorkers(FacecliError):
    """Worker processes for images have too little memory: {why}."""

    code = "too-little-memory"
    remedy = RAISE_LIMIT


class NotConfined(FacecliError):
    """Images are not decoded, because `require_sandbox` is set. {why}."""

    code = "not-confined"
    remedy = "Use a kernel that has both, or take `require_sandbox` out of the configuration."


class NotEncrypted(FacecliError):
    """The cluster {address} is not used: pictures would cross the network unencrypted."""

    code = "not-encrypted"
    remedy = (
        "Start its scheduler with TLS and give tls://HOST:PORT with --cluster-ca, --cluster-cert "
        "and --cluster-key; see facecli-cluster(7)."
    )


class ClusterFailed(FacecliError):
    """The cluster {address} cannot be used: {why}."""

    code = "cluster-failed"
    remedy = "{cure}."

"""Find out whether FFmpeg's memory is bounded on this machine, in a worker as for a video."""

from __future__ import annotations

from facecli.capture import ffmpeg_memory_worker
from facecli.workers.companion import Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.profiles import Profile

_SECONDS = 10.0


def is_bounded() -> bool:
    """Return True if a packet of a video or stream takes a bounded part of the memory.

    Raises:
        NotConfined: a worker is not confined completely, and that is required.
        WorkersFailed: no worker can be started.
    """
    bounds = Bounds(Profile.VIDEO, caches=False)
    with Companion(ffmpeg_memory_worker.bounding_worker, bounds=bounds) as worker:
        worker.ask(1)
        return worker.answer(_SECONDS) is True

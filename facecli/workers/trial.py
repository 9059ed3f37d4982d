"""Start a worker that does nothing, to find out how workers are confined here."""

from __future__ import annotations

from collections.abc import Callable

from facecli.workers.companion import Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.profiles import Profile
from facecli.workers.confinement.steps import Confinement


def idle_worker() -> Callable[[int], int]:
    """Return a function for a worker that needs none."""
    return abs


def confinement_here() -> Confinement:
    """Return what confines a worker on this machine.

    Raises:
        NotConfined: it is not confined completely, and that is required.
        WorkersFailed: no worker can be started.
    """
    bounds = Bounds(Profile.IMAGE, caches=False)
    with Companion(idle_worker, bounds=bounds) as worker:
        worker.wait()
    return worker.confinement or Confinement(0, seccomp=False)

"""The parent's half of Dask's client: ask the process, and name what is wrong with the cluster."""

from __future__ import annotations

from functools import partial

from facecli.errors.workers import ClusterFailed, NotEncrypted
from facecli.workers.answers import Failure
from facecli.workers.closing import Closing
from facecli.workers.cluster import client_worker
from facecli.workers.cluster.access import Access, check_files, is_loopback
from facecli.workers.cluster.lots import Report, Turn
from facecli.workers.cluster.troubles import failure
from facecli.workers.companion import Companion
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.gate import Gate, resolve
from facecli.workers.confinement.profiles import Profile

SILENCE = 1800.0
"""Seconds without an ended lot after which those that are worked on have failed. A task may take
60."""
_ANSWER_SECONDS = 60.0  # for connecting; a later turn is faster


class Client(Closing):
    """Dask's client for one scheduler, in a process of its own.

    Args:
        way: the scheduler and the certificates.
        identity: the text of the identity that workers must have.
        seconds: for each step of connecting.
        silence: seconds without an ended lot after which the lots that are worked on have failed.

    Raises:
        ClusterFailed: there is no such host, or the certificates cannot be used.
        NotEncrypted: the host is another machine, and the way is without TLS.
        WorkersFailed: no process can be started.
    """

    def __init__(
        self, way: Access, identity: str, seconds: float, silence: float = SILENCE
    ) -> None:
        self._way = way
        check_files(way)
        peer = resolve(way.host, way.port, seconds)
        if peer is None:
            raise self.failed("there is no host of that name", "Check the address")
        if way.certificates is None and not all(is_loopback(one[4][0]) for one in peer.addresses):
            raise NotEncrypted(address=way.address)
        self._process: Companion[Turn, Report] = Companion(
            partial(
                client_worker.submit_lots_worker, way.at(peer.number), identity, seconds, silence
            ),
            bounds=Bounds(Profile.STREAM, port=way.port, caches=False),
            gate=Gate(peer, seconds),
        )

    def close(self) -> None:
        """End the process. The scheduler then forgets its lots."""
        self._process.close()

    def take(self, turn: Turn) -> Report:
        """Hand over lots, and return what has ended. Raises `ClusterFailed`."""
        self._process.ask(turn)
        report = self._process.answer(_ANSWER_SECONDS)
        if isinstance(report, Failure):
            raise self.failed(f"the process of its client failed ({report.message})", _AGAIN)
        if report.trouble is not None:
            raise failure(self._way, report.trouble)
        return report

    def failed(self, why: str, cure: str) -> ClusterFailed:
        """Return the error for this cluster."""
        return ClusterFailed(address=self._way.address, why=why, cure=cure)


_AGAIN = "Run the command again; if it repeats, report it"
